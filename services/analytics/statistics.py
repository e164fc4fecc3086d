"""The figures of the statistics page, made from counts. Pure: what it is given is all it knows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from libs.contracts.bot import Outcome
from libs.contracts.content import PackPublished
from services.analytics.domain import LONGER, UNMASKABLE, WAIT_BOUNDS, Table

Rows = Iterable[tuple[list[str], int]]
"""Counts: day, hour and words of a key, and how many."""

HOURS_PER_DAY = 24
LENGTHS = ("short", "medium", "long", UNMASKABLE)
STEPS = ("queued", "assigned", "solved", "unsolved", "abandoned", "erased")


@dataclass(frozen=True)
class Period:
    """Whole days of the merchant's calendar, both ends included."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, days: int) -> "Period":
        """The period of `days` days that ends with `last`."""
        return cls(last - timedelta(days=days - 1), last)

    def days(self) -> list[str]:
        """Every day, in order."""
        count = (self.last - self.first).days + 1
        return [(self.first + timedelta(days=n)).isoformat() for n in range(count)]


def statistics(pack: PackPublished, period: Period, counts: Mapping[Table, Rows]) -> dict[str, Any]:
    """All figures of a merchant in a period, in the shape that the page and programs read."""
    rows = {table: list(counts[table]) for table in Table}
    questions = rows[Table.QUESTIONS]
    outcomes = _by(questions, 4)
    waits = _by(rows[Table.WAITS], 2)
    steps = _by(rows[Table.CASES], 3)
    return {
        "merchant": {"id": pack.merchant_id, "name": pack.merchant.name},
        "period": {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "time_zone": pack.merchant.time_zone,
        },
        "totals": {
            "questions": outcomes.total(),
            **{outcome.value: outcomes[outcome.value] for outcome in Outcome},
            "handed_over": steps["queued"],
            "wait_p50": wait_quantile(waits, 0.5),
            "wait_p90": wait_quantile(waits, 0.9),
        },
        "topics": _ranked(_by(questions, 2), "topic"),
        "languages": _ranked(_by(questions, 3), "language"),
        "outcomes": _listed([o.value for o in Outcome], outcomes, "outcome"),
        "days": _listed(period.days(), _by(questions, 0), "day"),
        "hours": _listed([f"{n:02d}" for n in range(HOURS_PER_DAY)], _by(questions, 1), "hour"),
        "lengths": _listed(LENGTHS, _by(rows[Table.MESSAGES], 2), "length"),
        "mentions": _ranked(_by(rows[Table.MENTIONS], 2), "kind"),
        "cases": _listed(STEPS, steps, "step"),
        "waits": _listed([*map(str, WAIT_BOUNDS), LONGER], waits, "seconds"),
        "titles": {topic.key: topic.title for topic in pack.topics},
    }


def wait_quantile(waits: Mapping[str, int], share: float) -> str | None:
    """The bound that `share` of all waiting times do not pass; None when nobody has waited."""
    wanted = share * sum(waits.values())
    reached = 0
    for bound in (*map(str, WAIT_BOUNDS), LONGER):
        reached += waits.get(bound, 0)
        if reached and reached >= wanted:
            return bound
    return None


def _by(rows: Rows, place: int) -> Counter[str]:
    counted: Counter[str] = Counter()
    for words, n in rows:
        counted[words[place]] += n
    return counted


def _ranked(counted: Counter[str], name: str) -> list[dict[str, Any]]:
    most_first = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [{name: word, "n": n} for word, n in most_first]


def _listed(words: Iterable[str], counted: Counter[str], name: str) -> list[dict[str, Any]]:
    return [{name: word, "n": counted[word]} for word in words]
