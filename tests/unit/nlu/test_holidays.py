"""Public holidays are worked out when content is published, and are days off like any other."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from libs.contracts.content import PackPublished
from services.nlu.content.holidays import public_holidays
from services.nlu.content.packs import load_pack
from services.nlu.content.yamlfile import ContentError
from tests.unit.nlu.small import small_starter, write_merchant

__all__ = ["small_starter"]

HOURS = "hours:\n"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def loaded(folder: Path, more: str, now: datetime = NOW) -> PackPublished:
    """The small shop's pack with more lines in its hours."""
    path = write_merchant(folder)
    path.write_text(path.read_text("utf-8").replace(HOURS, HOURS + more), "utf-8")
    return load_pack(path, {}, now)


@pytest.mark.parametrize(
    ("country", "day", "off"),
    [
        ("NO", "2026-05-17", True), ("NO", "2026-12-24", False), ("NO", "2027-03-26", True),
        ("SE", "2026-06-19", True), ("SE", "2026-12-24", True), ("SE", "2026-05-17", False),
        ("DK", "2026-04-02", True), ("DK", "2026-05-01", False), ("DK", "2027-05-17", True),
        ("FI", "2026-12-06", True), ("FI", "2026-06-19", True), ("FI", "2026-04-02", False),
    ],
)  # fmt: skip
def test_days_off_of_each_country(country: str, day: str, off: bool) -> None:
    assert (date.fromisoformat(day) in public_holidays(country, 2026)) == off


def test_publishing_adds_this_years_and_next_years_holidays_to_the_days_off(
    tmp_path: Path, small_starter: Path
) -> None:
    hours = loaded(tmp_path / "a", "  holidays: SE\n  closed_on: [2026-11-30]\n").merchant.hours
    assert {date(2026, 11, 30), date(2026, 12, 24), date(2027, 6, 25)} <= {*hours.closed_on}
    assert {day.year for day in hours.closed_on} == {2026, 2027}
    assert hours.closed_on == tuple(sorted(hours.closed_on))
    assert loaded(tmp_path / "b", "").merchant.hours.closed_on == ()


def test_the_same_content_is_the_same_version_until_the_year_changes(
    tmp_path: Path, small_starter: Path
) -> None:
    times = (NOW, datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    versions = [
        loaded(tmp_path / str(at.date()), "  holidays: NO\n", at).pack_version for at in times
    ]
    assert versions[0] == versions[1] != versions[2]


def test_a_special_day_may_be_open_on_a_holiday(tmp_path: Path, small_starter: Path) -> None:
    more = '  holidays: NO\n  special:\n    - {on: 2026-12-25, opens: "10:00", closes: "12:00"}\n'
    hours = loaded(tmp_path, more).merchant.hours
    eleven = datetime(2026, 12, 25, 10, tzinfo=UTC)
    assert hours.is_open(eleven, "Europe/Oslo")
    assert not hours.is_open(eleven.replace(day=26), "Europe/Oslo")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("  holidays: XX\n", 20),
        ('  special:\n    - {on: 2026-12-25, opens: "12:00", closes: "10:00"}\n', 21),
        ('  special:\n    - {on: 2026-02-30, opens: "10:00", closes: "12:00"}\n', 21),
    ],
)
def test_calendars_that_cannot_be_are_refused_with_their_place(
    tmp_path: Path, small_starter: Path, more: str, line: int
) -> None:
    with pytest.raises(ContentError) as caught:
        loaded(tmp_path, more)
    assert [problem.line for problem in caught.value.problems] == [line]
