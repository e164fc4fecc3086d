"""Topics of a merchant's own: facts of every type, one by one, and the shop's own system asked with them."""

from dataclasses import replace
from datetime import date

import pytest

from libs.contracts.bot import Outcome
from libs.contracts.content import Fact
from services.nlu.dialogue.slots import given
from services.nlu.dialogue.state import AskShop, Missing, Offer, Parcel, ShopAnswer, Turn
from services.nlu.reading.entities import Entity
from tests.unit.nlu.kitchen import NOW, Chat, heard, menu
from tests.unit.nlu.menu import BOUGHT_ON, said

PACKED = Parcel("10482217", "packed")
VALID = ShopAnswer("valid", {"until": "2027-01-01"})


def own() -> Chat:
    """A conversation with the merchant that has topics of its own."""
    return Chat(pack=menu(), locale="en")


def on_day(chat: Chat, value: str, finding: object = None) -> Turn:
    """The turn on a message that is a day."""
    day = Entity("date", value, 0, 0)
    return chat.hear(replace(heard("fallback", found=(day,)), language="en", text="12."), finding)  # type: ignore[arg-type]


def test_several_facts_are_asked_for_one_by_one_and_the_shop_is_asked_with_all() -> None:
    chat = own()
    assert "serial" in chat.hear(heard("warranty")).body.text
    asked = chat.say("AB-1234")
    assert (asked.body.text, asked.outcome) == ("When did you buy it?", Outcome.ASKED_FACT)
    bought = Entity("date", "2026-11-12", 0, 0)
    last = heard("fallback", found=(bought,), text="12.11.2026")
    facts = {"serial": "AB-1234", "bought_on": "2026-11-12"}
    assert chat.errand_of(last) == AskShop("warranty.lookup", "warranty", facts)
    done = chat.hear(last, VALID)
    assert done.body.text == "Your warranty runs until 2027-01-01."
    assert (done.outcome, done.dialogue.awaiting) == (Outcome.ANSWERED, None)


def test_a_fact_for_one_answer_is_forgotten_after_it_and_others_are_kept() -> None:
    chat = own()
    chat.hear(heard("warranty"))
    chat.say("AB-1234")
    turn = on_day(chat, "2026-11-12", VALID)
    assert dict(turn.dialogue.facts) == {"serial": "AB-1234"}
    again = chat.hear(heard("warranty"))
    assert again.body.text == "When did you buy it?"


def test_a_fact_that_does_not_fit_is_told_so_and_the_second_time_a_person_is_offered() -> None:
    chat = own()
    chat.hear(heard("warranty"))
    assert chat.say("nonsense").body.text == "A serial number looks like AB-1234."
    turn = chat.say("more nonsense")
    assert turn.body.text == "Without it I cannot check."
    assert turn.offer == Offer("other_question", "fallbacks")


def test_free_text_is_taken_as_it_is() -> None:
    chat = own()
    chat.hear(heard("engraving"))
    assert chat.say("  Hvor er   pakken ").body.text == "We engrave: Hvor er pakken."


def test_a_button_or_a_question_is_no_free_text() -> None:
    for other in (
        heard("return_cost", text="hva koster retur"),
        heard("delivery_cost", text="men hva koster egentlig frakten til Bodø?"),
    ):
        chat = own()
        chat.hear(heard("engraving"))
        assert chat.hear(other).intent == other.intent


@pytest.mark.parametrize(
    ("text", "knows"),
    [("vet ikke", False), ("jeg vet ikke hva det heter, men noe med Kari", True)],
)
def test_a_shrug_is_no_free_text_but_a_story_is(text: str, knows: bool) -> None:
    chat = own()
    chat.hear(heard("engraving"))
    turn = chat.say(text)
    assert (turn.offer is None) == knows
    assert (text in turn.body.text) == knows


def test_what_the_shop_does_not_know_is_asked_for_anew_and_then_a_person_is_offered() -> None:
    chat = own()
    chat.hear(heard("warranty"))
    chat.say("AB-1234")
    turn = on_day(chat, "2026-11-12", Missing.UNKNOWN)
    assert turn.body.text == "I do not know AB-1234."
    assert (turn.dialogue.awaiting, dict(turn.dialogue.facts)) == ("warranty", {})
    chat.say("AB-9999")
    turn = on_day(chat, "2026-11-12", Missing.UNKNOWN)
    assert turn.offer == Offer("other_question", "topic")


@pytest.mark.parametrize("finding", [Missing.AWAY, ShopAnswer("no_such_answer"), None])
def test_a_shop_that_cannot_be_asked_is_said_to_be_away(finding: object) -> None:
    chat = own()
    chat.hear(heard("warranty"))
    chat.say("AB-1234")
    turn = on_day(chat, "2026-11-12", finding)
    assert turn.body.text == "I cannot check it now."
    assert turn.offer


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-12", "2026-11-12"), ("today", "2026-11-23"), ("yesterday", "2026-11-22"),
        ("day_after_tomorrow", "2026-11-25"), ("--11-20", "2026-11-20"), ("--02-01", "2027-02-01"),
        ("last friday", "2026-11-20"), ("last monday", "2026-11-16"), ("next monday", "2026-11-30"),
        ("next friday", "2026-11-27"), ("friday", None), ("W48", None), ("--02-29", None),
    ],
)  # fmt: skip
def test_days_are_told_from_today(value: str, day: str | None) -> None:
    understood = heard("fallback", found=(Entity("date", value, 0, 0),))
    assert given(understood, BOUGHT_ON, date(2026, 11, 23)) == day


def test_a_value_must_look_as_the_fact_wants_it() -> None:
    fact = Fact(
        key="mail", type="email", pattern=".*@kunde\\.example", ask=said(""), invalid=said("")
    )
    found = (Entity("email", "a@kunde.example", 0, 0), Entity("email", "b@other.example", 0, 0))
    assert given(heard("fallback", found=found), fact, NOW.date()) == "a@kunde.example"


def test_a_topic_that_wants_something_else_waits_behind_the_second() -> None:
    chat = own()
    assert chat.hear(heard("warranty")).dialogue.awaiting == "warranty"
    turn = chat.hear(heard("track_parcel"))
    assert (turn.dialogue.awaiting, turn.dialogue.paused) == ("track_parcel", "warranty")
    back = chat.hear(heard("fallback", "10482217", text="10482217"), PACKED)
    assert back.intent == "track_parcel"
    assert "What is the serial number?" in back.body.text
    assert (back.dialogue.awaiting, back.dialogue.paused) == ("warranty", None)
