"""A period step by step, for plots over time: days, or the fixed weeks where the period is long. Pure."""

from collections.abc import Iterator
from typing import Any

from services.analytics.calendar import DAY, Kind, Period, day, week
from services.analytics.domain import Table
from services.analytics.figures import Shown
from services.analytics.releasing import Release

MOST_DAYS = 31
"""A longer period goes by weeks: they show what is too rare for a day."""


def steps(period: Period, shown: Shown) -> dict[str, Any]:
    """What each step shows: the sum of its fixed periods, as for every other range."""
    kind = Kind.DAY if period.length <= MOST_DAYS else Kind.WEEK
    rows = [_step(part, shown.of(part)) for part in _parts(period, kind)]
    return {"kind": kind.value, "rows": rows}


def _parts(period: Period, kind: Kind) -> Iterator[Period]:
    unit_of, at = day if kind is Kind.DAY else week, period.first
    while at <= period.last:
        last = min(unit_of(at).last, period.last)
        yield Period(at, last)
        at = last + DAY


def _step(part: Period, release: Release) -> dict[str, Any]:
    shown = release.shown
    return {
        "from": part.first.isoformat(),
        "to": part.last.isoformat(),
        "chats": sum(shown.get(Table.CHATS, {}).values()),
        "messages": shown.get(Table.VOLUME, {}).get("messages", 0),
        "handed_over": sum(shown.get(Table.HANDED, {}).values()),
        "topics": dict(shown.get(Table.TOPICS, {})),
    }
