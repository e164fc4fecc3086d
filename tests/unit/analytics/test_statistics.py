"""The page's figures, from what may be shown."""

from datetime import date
from typing import Any

import pytest

from services.analytics.calendar import Period
from services.analytics.domain import Table
from services.analytics.releasing import NOTHING, Release
from services.analytics.statistics import quantile, statistics
from tests.builders import pack
from tests.unit.analytics.fakes import shown

WEEK = Period.until(date(2026, 3, 2), 7)
DAYS = {unit.first.isoformat(): NOTHING for unit in WEEK.days()}
MONDAY = shown(chats={"begun": 20}, hours={"09": 12, "23": 10})
FULL = Release(
    {
        Table.CHATS: {"begun": 40}, Table.HANDED: {"over": 10},
        Table.VOLUME: {"messages": 90, "questions": 85},
        Table.TOPICS: {"return_how": 12, "track_parcel": 28},
        Table.OUTCOMES: {"answered": 30}, Table.HOURS: {"09": 12, "23": 10},
        Table.WAITS: {"30": 10, "300": 10}, Table.HANDLING: {"600": 20},
        Table.RATINGS: {"5": 10, "4": 10}, Table.ERASURES: {"asked": 11},
    },
    {Table.OUTCOMES: 10, Table.TOPICS: 14},
)  # fmt: skip


def figures(whole: Release, **days: Release) -> dict[str, Any]:
    named = {name.replace("_", "-").removeprefix("d"): release for name, release in days.items()}
    return statistics(pack(), WEEK, whole, DAYS | named)


def test_totals_stand_for_themselves() -> None:
    assert figures(FULL)["totals"] == {
        "chats": 40, "messages": 90, "questions": 40, "answered": 30, "asked_fact": None,
        "clarified": None, "fallback": None, "handoff_offered": None, "handed_over": 10,
        "containment": 0.75, "wait_p50": "30", "wait_p90": "300", "handling_p50": "600",
        "handling_p90": "600", "rating": 4.5, "erasures": 11,
    }  # fmt: skip


def test_the_most_frequent_come_first_and_what_few_share_last() -> None:
    assert figures(FULL)["topics"] == [
        {"topic": "track_parcel", "n": 28}, {"topic": "return_how", "n": 12},
        {"topic": "other", "n": 14},
    ]  # fmt: skip
    assert figures(FULL)["pooled"] == {"outcomes": 10, "topics": 14}


def test_days_and_hours_have_no_gaps() -> None:
    made = figures(FULL, d2026_03_02=MONDAY)
    assert [row["day"] for row in made["days"]] == [*DAYS]
    assert [row["n"] for row in made["days"]] == [0, 0, 0, 0, 0, 0, 20]
    assert len(made["hours"]) == 24
    assert {row["hour"]: row["n"] for row in made["hours"] if row["n"]} == {"09": 12, "23": 10}


def test_the_heat_map_is_the_sum_of_the_days() -> None:
    heat = figures(FULL, d2026_03_02=MONDAY, d2026_02_28=MONDAY)["heat"]
    assert [len(row) for row in heat] == [24] * 7
    assert (heat[0][9], heat[5][9], heat[0][23], heat[6][9]) == (12, 12, 10, 0)


def test_fixed_lists_show_what_did_not_happen_too() -> None:
    made = figures(NOTHING)
    assert {row["outcome"]: row["n"] for row in made["outcomes"]} == {
        "answered": 0, "asked_fact": 0, "clarified": 0, "fallback": 0, "handoff_offered": 0,
    }  # fmt: skip
    assert [row["length"] for row in made["lengths"]] == ["short", "medium", "long", "unmaskable"]
    assert len(made["waits"]) == len(made["handling"]) == 12


def test_what_is_not_shown_is_not_said_to_be_nothing() -> None:
    assert {*figures(NOTHING)["totals"].values()} == {None}
    pooled = Release({Table.OUTCOMES: {"answered": 12}}, {Table.OUTCOMES: 11})
    made = figures(pooled)
    assert made["totals"]["fallback"] is None
    assert made["outcomes"][-1] == {"outcome": "other", "n": 11}
    assert figures(NOTHING)["topics"] == []


def test_a_bound_of_times_holds_wherever_the_pooled_ones_are() -> None:
    assert quantile({"10": 30}, 0.5, pooled=20) == "10"
    assert quantile({"10": 30}, 0.9, pooled=20) is None


def test_titles_and_k_are_those_of_the_merchant() -> None:
    assert figures(NOTHING)["titles"]["track_parcel"]["nb"] == "Track a parcel"
    assert figures(NOTHING)["k"] == 10


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
    assert quantile(waits, share) == bound
