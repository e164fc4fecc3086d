"""The page's figures, from counts."""

from datetime import date
from typing import Any

import pytest

from services.analytics.domain import Table
from services.analytics.statistics import Period, Rows, statistics, wait_quantile
from tests.builders import pack

WEEK = Period.until(date(2026, 3, 2), 7)
EMPTY: dict[Table, Rows] = {table: [] for table in Table}
FULL: dict[Table, Rows] = EMPTY | {
    Table.QUESTIONS: [
        (["2026-03-01", "09", "track_parcel", "nb", "answered"], 3),
        (["2026-03-02", "09", "track_parcel", "sv", "fallback"], 1),
        (["2026-03-02", "23", "other", "nb", "handoff_offered"], 1),
    ],
    Table.MESSAGES: [(["2026-03-02", "09", "short"], 4), (["2026-03-02", "09", "unmaskable"], 1)],
    Table.MENTIONS: [(["2026-03-02", "09", "order_number"], 2), (["2026-03-02", "09", "email"], 2)],
    Table.CASES: [
        (["2026-03-02", "09", "track_parcel", "queued"], 2),
        (["2026-03-02", "09", "other", "assigned"], 1),
    ],
    Table.WAITS: [(["2026-03-02", "09", "30"], 1)],
}


def figures(counts: dict[Table, Rows]) -> dict[str, Any]:
    return statistics(pack(), WEEK, counts)


def test_totals_add_up() -> None:
    assert figures(FULL)["totals"] == {
        "questions": 5, "answered": 3, "asked_fact": 0, "clarified": 0, "fallback": 1, "handoff_offered": 1,
        "handed_over": 2, "wait_p50": "30", "wait_p90": "30",
    }  # fmt: skip


def test_the_most_frequent_come_first() -> None:
    made = figures(FULL)
    assert made["topics"] == [{"topic": "track_parcel", "n": 4}, {"topic": "other", "n": 1}]
    assert made["languages"] == [{"language": "nb", "n": 4}, {"language": "sv", "n": 1}]
    assert made["mentions"] == [{"kind": "email", "n": 2}, {"kind": "order_number", "n": 2}]


def test_days_and_hours_have_no_gaps() -> None:
    made = figures(FULL)
    assert [row["day"] for row in made["days"]] == WEEK.days()
    assert [row["n"] for row in made["days"]] == [0, 0, 0, 0, 0, 3, 2]
    assert len(made["hours"]) == 24
    assert {row["hour"]: row["n"] for row in made["hours"] if row["n"]} == {"09": 4, "23": 1}


def test_fixed_lists_show_what_did_not_happen_too() -> None:
    made = figures(EMPTY)
    assert {row["outcome"]: row["n"] for row in made["outcomes"]} == {
        "answered": 0, "asked_fact": 0, "clarified": 0, "fallback": 0, "handoff_offered": 0,
    }  # fmt: skip
    assert [row["length"] for row in made["lengths"]] == ["short", "medium", "long", "unmaskable"]


def test_nothing_counted_is_zeros_and_no_waiting_time() -> None:
    made = figures(EMPTY)
    assert made["totals"]["questions"] == 0
    assert made["totals"]["wait_p50"] is None
    assert made["topics"] == []


def test_titles_are_those_of_the_merchant() -> None:
    assert figures(EMPTY)["titles"]["track_parcel"]["nb"] == "Track a parcel"


@pytest.mark.parametrize(
    ("waits", "share", "bound"),
    [
        ({}, 0.5, None),
        ({"10": 1}, 0.9, "10"),
        ({"10": 1, "30": 1}, 0.5, "10"),
        ({"10": 1, "30": 2}, 0.5, "30"),
        ({"10": 9, "longer": 1}, 0.9, "10"),
        ({"10": 8, "longer": 2}, 0.9, "longer"),
        ({"unheard_of": 5}, 0.5, None),
    ],
)
def test_quantiles_are_the_bound_that_is_not_passed(
    waits: dict[str, int], share: float, bound: str | None
) -> None:
    assert wait_quantile(waits, share) == bound


def test_a_period_of_one_day_is_today() -> None:
    assert Period.until(date(2026, 3, 2), 1).days() == ["2026-03-02"]
