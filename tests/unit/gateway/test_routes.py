"""What the widget is told of a merchant: whether people are there, and when they are back."""

from datetime import UTC, datetime, time

from libs.contracts.content import Opening, OpeningHours
from services.gateway.routes import shown
from tests.builders import pack

WEEKDAYS = OpeningHours(
    openings=(Opening(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(16)),)
)
FRIDAY_NIGHT = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def test_a_closed_shop_says_when_people_are_back() -> None:
    told = shown(pack(hours=WEEKDAYS), "nb", None, FRIDAY_NIGHT)
    assert (told["open_now"], told["opens_at"]) == (False, "2026-11-30T08:00:00+00:00")


def test_an_open_shop_has_nothing_to_say_of_opening_even_when_nobody_is_there() -> None:
    told = shown(pack(hours=WEEKDAYS), "nb", {}, MONDAY_NOON)
    assert (told["open_now"], told["opens_at"]) == (False, None)
    assert shown(pack(hours=WEEKDAYS), "nb", None, MONDAY_NOON)["open_now"]


def test_a_shop_that_never_opens_names_no_time() -> None:
    assert shown(pack(hours=OpeningHours(openings=())), "nb", None, MONDAY_NOON)["opens_at"] is None
