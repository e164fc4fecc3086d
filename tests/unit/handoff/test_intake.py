"""The form: only declared fields, checked by kind."""

import pytest

from services.handoff import intake
from tests.builders import intake_topic

TOPIC = intake_topic()
GOOD = {"order_number": "10482217", "email": "ola@post.example", "description": "Ett\npar"}


def test_a_good_form_has_no_problems() -> None:
    assert intake.problems(GOOD, TOPIC) == {}


def test_only_declared_fields_are_shown_in_the_declared_order() -> None:
    facts = intake.read({"smuggled": "x"} | GOOD, TOPIC)
    assert [fact.field.key for fact in facts] == ["order_number", "email", "description"]
    assert intake.problems({"smuggled": "x"} | GOOD, TOPIC) == {"smuggled": "unknown_field"}


def test_what_must_be_given_is_missed() -> None:
    assert intake.problems({"order_number": "  "}, TOPIC) == {"order_number": "missing"}


@pytest.mark.parametrize(
    "number", ["1048221", "104822170", "1048221a", "10 48 22 17", "１０４８２２１７", "10482217\n1"]
)
def test_an_order_number_has_eight_digits(number: str) -> None:
    assert intake.problems(GOOD | {"order_number": number}, TOPIC) == {"order_number": "invalid"}


@pytest.mark.parametrize(
    "address",
    ["ola", "ola@", "@post.example", "ola@post", "ola nordmann@post.example", "a@b..c", "a@b@c.de",
     "ola@post.example\nbcc: x@y.example"],
)  # fmt: skip
def test_an_address_looks_like_one(address: str) -> None:
    assert intake.problems(GOOD | {"email": address}, TOPIC) == {"email": "invalid"}


def test_a_long_text_is_cut_and_said_to_be() -> None:
    form = GOOD | {"description": "a" * 5000, "email": "b" * 5000}
    assert intake.problems(form, TOPIC) == {"description": "too_long", "email": "too_long"}
    assert [len(fact.value) for fact in intake.read(form, TOPIC)] == [8, 200, 2000]


def test_a_hostile_address_is_checked_quickly() -> None:
    assert intake.problems(GOOD | {"email": "a@" + "a." * 90}, TOPIC) == {"email": "invalid"}


def test_a_topic_that_is_unknown_declares_nothing() -> None:
    assert intake.read(GOOD, None) == ()
    assert set(intake.problems(GOOD, None).values()) == {"unknown_field"}
