"""Stretches of time as they travel in an address: the same on both sides, and never half read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from libs.kit.transcript import _interval, stretch_of

SINCE = datetime(2026, 11, 23, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize("until", [None, SINCE, SINCE.astimezone(timezone(timedelta(hours=1)))])
def test_a_stretch_arrives_as_it_left(until: datetime | None) -> None:
    assert stretch_of(_interval((SINCE, until))) == (SINCE, until)


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "..", "../..", "2026-11-23T12:00:00+00:00", "2026-11-23T12:00:00/..",
        "../2026-11-23T12:00:00+00:00", "yesterday/..", "2026-11-23T12:00:00+00:00/",
        "2026-11-23T12:00:00+00:00/2026-11-24", "2026-11-23T12:00:00+00:00/../..",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        stretch_of(text)
