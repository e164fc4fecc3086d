"""What the bot knows already is filled in; what it cannot be sure of is not."""

import pytest

from services.nlu.dialogue.known import known_for
from services.nlu.reading.entities import Entities, Entity
from tests.unit.nlu.kitchen import menu

NOTHING = Entities()


def mentioned(kind: str, value: str) -> Entities:
    return Entities((Entity(kind, value, 0, len(value)),))  # type: ignore[arg-type]


def test_what_was_said_earlier_is_filled_in_under_its_key() -> None:
    known = known_for(menu(), "track_parcel", {"order_number": "10482217"}, NOTHING)
    assert known == {"order_number": "10482217"}


def test_what_this_message_mentions_is_newer() -> None:
    found = mentioned("email", "ola@kunde.example")
    assert known_for(menu(), "track_parcel", {}, found) == {"email": "ola@kunde.example"}


@pytest.mark.parametrize("form", ["no_such_topic", "greeting"])
def test_a_topic_without_a_form_knows_nothing(form: str) -> None:
    found = mentioned("email", "ola@kunde.example")
    assert known_for(menu(), form, {"order_number": "10482217"}, found) == {}


def test_a_text_that_was_asked_for_elsewhere_is_no_answer_here() -> None:
    known = known_for(menu(), "track_parcel", {"serial": "AB-1234"}, NOTHING)
    assert known == {}
