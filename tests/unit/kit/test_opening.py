"""The next opening: never wrong around clock changes, midnight, holidays and days of their own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.content import Merchant, Opening, OpeningHours, SpecialDay
from libs.contracts.opening import DAYS_AHEAD, opens_at
from tests.builders import merchant

STEP = timedelta(minutes=15)
"""Every opening below begins on a quarter, and so do the clock changes of these zones."""

ZONES = ("Europe/Oslo", "Europe/Helsinki", "UTC", "Australia/Lord_Howe", "America/St_Johns")
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 12, 24, 12, tzinfo=UTC), datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 3, 8, 6, tzinfo=UTC),
)  # fmt: skip
"""Around these moments clocks are changed somewhere, or many days are off."""

quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def stretches(draw: st.DrawFn) -> tuple[time, time]:
    """Two times of a day in order; the second may be midnight."""
    opens, closes = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
    return opens, draw(st.sampled_from((closes, time(0))))


@st.composite
def calendars(draw: st.DrawFn, around: date) -> OpeningHours:
    """Weekdays, days off and special days near a date."""
    near = st.integers(-1, 6).map(lambda ahead: around + timedelta(days=ahead))
    weekdays = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
    return OpeningHours(
        openings=tuple(
            Opening(weekdays=draw(weekdays), opens=opens, closes=closes)
            for opens, closes in draw(st.lists(stretches(), max_size=3))
        ),
        closed_on=tuple(draw(st.sets(near, max_size=4))),
        special=tuple(
            SpecialDay(on=draw(near), opens=opens, closes=closes)
            for opens, closes in draw(st.lists(stretches(), max_size=2))
        ),
    )


@st.composite
def moments(draw: st.DrawFn) -> tuple[Merchant, datetime]:
    """A shop and a moment within a day of a clock change."""
    at = draw(st.sampled_from(CHANGES)) + draw(st.integers(-140, 140)) * STEP
    hours = draw(calendars(at.date()))
    return merchant(hours=hours, time_zone=draw(st.sampled_from(ZONES))), at


@given(moments())
def test_the_next_opening_is_the_first_open_moment(drawn: tuple[Merchant, datetime]) -> None:
    shop, now = drawn

    def is_open(at: datetime) -> bool:
        return shop.hours.is_open(at, shop.time_zone)

    found = opens_at(shop, now)
    if is_open(now):
        assert found is None
        return
    until = found.astimezone(UTC) if found else now + timedelta(days=10)
    at = now
    while at < until:
        assert not is_open(at), "an earlier opening was passed over"
        at += STEP
    assert found is None or is_open(found)


OSLO = ZoneInfo("Europe/Oslo")


def shop(opens: str, closes: str, **more: object) -> Merchant:
    """Open every day between two times."""
    stretch = Opening(
        weekdays=tuple(range(7)),
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
    )
    return merchant(hours=OpeningHours(openings=(stretch,), **more))


def opens(merchant: Merchant, at: str) -> str:
    """When a shop opens after a moment in UTC, in UTC."""
    found = opens_at(merchant, datetime.fromisoformat(f"{at}+00:00"))
    return f"{found.astimezone(UTC):%Y-%m-%dT%H:%M}" if found else ""


def test_the_same_wall_time_is_another_moment_after_the_clocks_change() -> None:
    assert opens(shop("07:00", "16:00"), "2026-03-28T20:00") == "2026-03-29T05:00"
    assert opens(shop("07:00", "16:00"), "2026-10-24T20:00") == "2026-10-25T06:00"


def test_an_opening_in_the_hour_that_does_not_exist_is_when_the_clocks_change() -> None:
    assert opens(shop("02:30", "16:00"), "2026-03-28T20:00") == "2026-03-29T01:00"


def test_an_opening_in_the_hour_that_comes_twice_is_its_first_time_and_then_its_second() -> None:
    assert opens(shop("02:30", "16:00"), "2026-10-24T20:00") == "2026-10-25T00:30"
    assert opens(shop("02:30", "16:00"), "2026-10-25T01:10") == "2026-10-25T01:30"


def test_it_is_said_in_the_merchants_zone() -> None:
    found = opens_at(shop("07:00", "16:00"), datetime(2026, 11, 23, 20, tzinfo=UTC))
    assert found == datetime(2026, 11, 24, 7, tzinfo=OSLO)
    assert found.tzinfo == OSLO


def test_midnight_ends_one_day_and_begins_the_next() -> None:
    assert opens(shop("20:00", "00:00"), "2026-11-23T22:59") == ""
    assert opens(shop("20:00", "00:00"), "2026-11-23T23:00") == "2026-11-24T19:00"
    off = {"closed_on": (date(2026, 11, 24),)}
    assert opens(shop("00:00", "00:00", **off), "2026-11-24T12:00") == "2026-11-24T23:00"


def test_a_day_of_its_own_wins_over_a_holiday() -> None:
    special = SpecialDay(on=date(2026, 12, 26), opens=time(10), closes=time(12))
    off = tuple(date(2026, 12, day) for day in (24, 25, 26))
    closed = shop("07:00", "16:00", closed_on=off, special=(special,))
    assert opens(closed, "2026-12-23T20:00") == "2026-12-26T09:00"
    assert opens(closed, "2026-12-26T11:00") == "2026-12-27T06:00"


@pytest.mark.parametrize("days", [DAYS_AHEAD - 1, DAYS_AHEAD])
def test_whoever_is_closed_for_long_names_no_day(days: int) -> None:
    first = date(2026, 11, 24)
    off = tuple(first + timedelta(days=ahead) for ahead in range(days - 1))
    named = opens(shop("07:00", "16:00", closed_on=off), "2026-11-23T20:00")
    assert bool(named) == (days < DAYS_AHEAD)


def test_no_hours_no_opening() -> None:
    nobody = merchant(hours=OpeningHours(openings=()))
    assert opens_at(nobody, datetime(2026, 11, 23, 12, tzinfo=UTC)) is None
