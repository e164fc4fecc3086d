"""The fixed periods: a tree of days, weeks within months and months, and sums of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.calendar import DAY, Kind, Period, month, units_of, week

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@settings(deadline=None)
@given(DAYS)
def test_every_day_is_in_one_week_and_one_month_of_the_tree(at: date) -> None:
    days, weeks, months = units_of(at)
    assert days in weeks.parts()
    assert weeks in months.parts()
    assert months.first.day == 1
    assert (months.last + DAY).day == 1
    assert weeks.first.weekday() == 0 or weeks.first == months.first
    assert weeks.last.weekday() == 6 or weeks.last == months.last


@settings(deadline=None)
@given(DAYS)
def test_parts_fill_the_whole_without_gap_or_overlap(at: date) -> None:
    for whole in (week(at), month(at)):
        parts = whole.parts()
        assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
        for one, following in pairwise(parts):
            assert following.first == one.last + DAY


@settings(deadline=None)
@given(DAYS, st.integers(1, 400))
def test_a_range_is_made_of_the_longest_periods_that_fit(first: date, length: int) -> None:
    period = Period(first, first + (length - 1) * DAY)
    units = period.units()
    assert (units[0].first, units[-1].last) == (period.first, period.last)
    assert sum((unit.last - unit.first).days + 1 for unit in units) == period.length == length
    for unit in units:
        for larger in units_of(unit.first):
            if (larger.last - larger.first) > (unit.last - unit.first):
                assert larger.first < period.first or larger.last > period.last


def test_a_week_that_crosses_a_month_is_two() -> None:
    assert [unit.key for unit in Period(date(2026, 6, 29), date(2026, 7, 5)).units()] == [
        "2026-06-29|week", "2026-07-01|week",
    ]  # fmt: skip


def test_smaller_periods_come_before_what_they_make_up() -> None:
    order = [unit.kind for unit in month(date(2026, 2, 1)).all()]
    assert order[0] is Kind.DAY
    assert order[-1] is Kind.MONTH
    assert order.count(Kind.DAY) == 28


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2026-03-02", "2026-03-02", ("2026-03-01", "2026-03-01")),
        ("2026-03-02", "2026-03-08", ("2026-02-23", "2026-03-01")),
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
    ],
)
def test_compared_with_the_period_before(first: str, last: str, before: tuple[str, str]) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last)).before()
    assert (period.first.isoformat(), period.last.isoformat()) == before


def test_a_period_of_days_until_today() -> None:
    period = Period.until(date(2026, 3, 2), 7)
    assert period.first == date(2026, 3, 2) - timedelta(days=6)
    assert [unit.first for unit in Period.until(date(2026, 3, 2), 1).days()] == [date(2026, 3, 2)]
