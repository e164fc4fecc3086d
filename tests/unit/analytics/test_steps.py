"""A period step by step: days, or weeks; never more than the fixed periods show."""

from datetime import date, timedelta

from services.analytics.calendar import Period, Unit, day, month, week
from services.analytics.figures import Shown
from services.analytics.releasing import NOTHING, Release
from services.analytics.steps import MOST_DAYS, steps
from tests.unit.analytics.fakes import shown

FIRST = date(2026, 3, 2)
ONE = shown(chats={"begun": 10}, topics={"track_parcel": 10}, volume={"messages": 30})


def of(period: Period, releases: dict[Unit, Release]) -> Shown:
    units = [each for unit in period.units() for each in unit.all()]
    return Shown({unit: releases.get(unit, NOTHING) for unit in units})


def test_a_month_goes_by_days() -> None:
    period = Period(FIRST, FIRST + timedelta(days=MOST_DAYS - 1))
    made = steps(period, of(period, {day(FIRST): ONE}))
    assert made["kind"] == "day"
    assert len(made["rows"]) == MOST_DAYS
    assert made["rows"][0] == {
        "from": "2026-03-02", "to": "2026-03-02", "chats": 10, "messages": 30, "handed_over": 0,
        "topics": {"track_parcel": 10},
    }  # fmt: skip
    assert made["rows"][1]["topics"] == {}


def test_longer_goes_by_weeks_that_show_what_their_days_withhold() -> None:
    period = Period(date(2026, 2, 1), date(2026, 3, 31))
    made = steps(period, of(period, {week(FIRST): ONE}))
    assert made["kind"] == "week"
    assert made["rows"][0] | {"topics": {}} == {
        "from": "2026-02-01", "to": "2026-02-01", "chats": 0, "messages": 0, "handed_over": 0,
        "topics": {},
    }  # fmt: skip
    assert [row["chats"] for row in made["rows"] if row["from"] == "2026-03-02"] == [10]
    assert made["rows"][-1]["to"] == "2026-03-31"


def test_steps_say_nothing_of_a_whole_month() -> None:
    period = Period(date(2026, 2, 1), date(2026, 3, 31))
    made = steps(period, of(period, {month(FIRST): ONE}))
    assert not any(row["chats"] for row in made["rows"])
