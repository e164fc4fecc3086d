"""The figures of days in a long, tidy form for a merchant's own warehouse: one row for each figure. Pure.

Rows are made from what the interface answers when it is asked for that day, and from nothing else: a file
never tells more.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from libs.contracts.content import PackPublished
from services.analytics.calendar import Period, Unit
from services.analytics.domain import OTHER
from services.analytics.openapi import ROWS
from services.analytics.releasing import Release
from services.analytics.statistics import statistics

COUNTED = ("chats", "messages", "questions", "handed_over", "erasures")
"""Totals that are numbers of something: shares and times follow from the rows."""


class Row(NamedTuple):
    """A figure: `n` of it is None where it is withheld, which may also be none at all."""

    merchant: str
    day: date
    hour: int | None
    dimension: str
    value: str
    n: int | None
    withheld: bool


COLUMNS = Row._fields


def rows_of(pack: PackPublished, unit: Unit, release: Release) -> list[Row]:
    """The rows of a day and what it shows."""
    day = unit.first
    answer = statistics(pack, Period(day, day), release, {day.isoformat(): release})
    return [
        Row(pack.merchant_id, day, hour, dimension, value, n or None, not n)
        for dimension, hour, value, n in _figures(answer)
    ]


def _figures(answer: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str, int | None]]:
    for name in COUNTED:
        yield "totals", None, name, answer["totals"][name]
    for dimension, key in ROWS.items():
        if dimension == "days":
            continue
        for row in answer[dimension]:
            word = row[key]
            is_hour = dimension == "hours" and word != OTHER
            yield dimension, int(word) if is_hour else None, word, row["n"]
