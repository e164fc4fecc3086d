"""The figures of the statistics page, from what may be shown. Pure: what it is given is all it knows."""

from collections.abc import Iterable, Mapping
from typing import Any

from libs.contracts.bot import Outcome
from libs.contracts.content import PackPublished
from services.analytics.calendar import Period
from services.analytics.domain import LONGER, OTHER, TIME_BOUNDS, UNMASKABLE, Table
from services.analytics.releasing import Release

HOURS_PER_DAY = 24
LENGTHS = ("short", "medium", "long", UNMASKABLE)
STEPS = ("queued", "filed", "assigned", "solved", "unsolved", "abandoned", "erased")
BOUNDS = (*map(str, TIME_BOUNDS), LONGER)
SCORES = ("1", "2", "3", "4", "5")
WEEKDAYS = range(7)


def statistics(
    pack: PackPublished, period: Period, whole: Release, days: Mapping[str, Release]
) -> dict[str, Any]:
    """All figures of a merchant in a period, in the shape that the page and programs read.

    `whole` is what the period shows, `days` what each of its days does.
    """
    return {
        "merchant": {"id": pack.merchant_id, "name": pack.merchant.name},
        "period": {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "time_zone": pack.merchant.time_zone,
        },
        "k": pack.merchant.statistics_k,
        "totals": totals(whole),
        "topics": _ranked(whole, Table.TOPICS, "topic"),
        "languages": _ranked(whole, Table.LANGUAGES, "language"),
        "mentions": _ranked(whole, Table.MENTIONS, "kind"),
        "outcomes": _listed(whole, Table.OUTCOMES, [o.value for o in Outcome], "outcome"),
        "hours": [
            row
            for row in _listed(whole, Table.HOURS, [f"{n:02d}" for n in range(HOURS_PER_DAY)], "hour")
            if row["hour"] != OTHER
        ],
        "lengths": _listed(whole, Table.LENGTHS, LENGTHS, "length"),
        "cases": _listed(whole, Table.CASES, STEPS, "step"),
        "waits": _listed(whole, Table.WAITS, BOUNDS, "seconds"),
        "handling": _listed(whole, Table.HANDLING, BOUNDS, "seconds"),
        "ratings": _listed(whole, Table.RATINGS, SCORES, "score"),
        "days": [
            {"day": day, "n": _sum(release, Table.CHATS)} for day, release in days.items()
        ],
        "heat": _heat(period, days),
        "pooled": {table.value: n for table, n in whole.rest.items() if n},
        "titles": {topic.key: topic.title for topic in pack.topics},
    }  # fmt: skip


def totals(whole: Release) -> dict[str, Any]:
    """The figures that stand for themselves; None where fewer than k share one, or nobody."""
    chats, handed = _sum(whole, Table.CHATS), _sum(whole, Table.HANDED)
    outcomes, volume = whole.shown.get(Table.OUTCOMES, {}), whole.shown.get(Table.VOLUME, {})
    return {
        "chats": chats or None,
        "messages": volume.get("messages"),
        "questions": _sum(whole, Table.OUTCOMES) or None,
        **{outcome.value: outcomes.get(outcome.value) for outcome in Outcome},
        "handed_over": handed or None,
        "containment": round(1 - handed / chats, 3) if 0 < handed <= chats else None,
        "wait_p50": _quantile(whole, Table.WAITS, 0.5),
        "wait_p90": _quantile(whole, Table.WAITS, 0.9),
        "handling_p50": _quantile(whole, Table.HANDLING, 0.5),
        "handling_p90": _quantile(whole, Table.HANDLING, 0.9),
        "rating": _mean(whole.shown.get(Table.RATINGS, {})),
        "erasures": _sum(whole, Table.ERASURES) or None,
    }


def quantile(times: Mapping[str, int], share: float, pooled: int = 0) -> str | None:
    """The bound that `share` of all times do not pass; None when there are none to show.

    What is `pooled` may have been longest: a bound that is told holds in any case.
    """
    wanted = share * (sum(times.values()) + pooled)
    reached = 0
    for bound in BOUNDS:
        reached += times.get(bound, 0)
        if reached and reached >= wanted:
            return bound
    return None


def _quantile(whole: Release, table: Table, share: float) -> str | None:
    return quantile(whole.shown.get(table, {}), share, whole.rest.get(table, 0))


def _mean(scores: Mapping[str, int]) -> float | None:
    n = sum(scores.values())
    return round(sum(int(score) * count for score, count in scores.items()) / n, 2) if n else None


def _heat(period: Period, days: Mapping[str, Release]) -> list[list[int]]:
    """Chats by weekday, Monday first, and hour: the sum of what each day shows."""
    heat = [[0] * HOURS_PER_DAY for _ in WEEKDAYS]
    for unit in period.days():
        for hour, n in days[unit.first.isoformat()].shown.get(Table.HOURS, {}).items():
            heat[unit.first.weekday()][int(hour)] += n
    return heat


def _ranked(whole: Release, table: Table, name: str) -> list[dict[str, Any]]:
    """Most first; what few share comes last, together."""
    words = whole.shown.get(table, {})
    rows = [{name: word, "n": words[word]} for word in sorted(words, key=lambda w: (-words[w], w))]
    rest = whole.rest.get(table, 0)
    return [*rows, {name: OTHER, "n": rest}] if rest else rows


def _listed(whole: Release, table: Table, words: Iterable[str], name: str) -> list[dict[str, Any]]:
    """All words in their order; 0 where nothing is shown, and last what few share, together."""
    shown, rest = whole.shown.get(table, {}), whole.rest.get(table, 0)
    rows: list[dict[str, Any]] = [{name: word, "n": shown.get(word, 0)} for word in words]
    return [*rows, {name: OTHER, "n": rest}] if rest else rows


def _sum(whole: Release, table: Table) -> int:
    return sum(whole.shown.get(table, {}).values()) + whole.rest.get(table, 0)
