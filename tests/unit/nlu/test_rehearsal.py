"""A conversation without a house: understanding, masking, what would be asked of the shop, replies."""

import json

import pytest

from libs.contracts.bot import Outcome
from services.nlu.dialogue.state import AskShop, LookUp, Search
from services.nlu.evaluation.learning import Learner
from services.nlu.evaluation.rehearsal import SHOP_ANSWERS, Rehearsal, as_row, question_of
from services.nlu.understanding.brain import Brain
from tests.unit.nlu.kitchen import NOW, menu


@pytest.fixture(scope="module")
def brain() -> Brain:
    """Fjellbekk's bot with a topic that asks the shop's own system, without the encoder."""
    return Learner().learn(menu()).brain


@pytest.fixture
def talk(brain: Brain) -> Rehearsal:
    return Rehearsal(brain, lambda: NOW)


def test_an_order_is_looked_up_at_a_pretended_shop(talk: Rehearsal) -> None:
    asked = talk.say("hvor er pakken min")
    assert (asked.asked, asked.turn.outcome) == (None, Outcome.ASKED_FACT)
    told = talk.say("10482217")
    assert told.asked == "order.lookup of 10482217"
    assert told.turn.body.cards[0].kind == "parcel"
    assert "10482217" not in told.masked


@pytest.mark.parametrize("answer", SHOP_ANSWERS)
def test_every_answer_of_the_shop_is_said(talk: Rehearsal, answer: str) -> None:
    talk.shop = answer
    told = talk.say("hvor er pakken min 10482217").turn
    assert bool(told.body.cards) == (answer not in ("unknown", "away"))
    assert told.body.text


def test_a_topic_that_asks_the_shops_own_system(talk: Rehearsal) -> None:
    talk.locale = "en"
    talk.say("is my tent under warranty")
    talk.say("AB-1234")
    told = talk.say("25.11.2025")
    assert told.asked == "warranty.lookup with serial = AB-1234, bought_on = 2025-11-25"
    assert told.turn.body.text == "Your warranty runs until [until]."


def test_a_new_conversation_knows_nothing_of_the_one_before(talk: Rehearsal) -> None:
    talk.locale, talk.shop = "sv", "delivered"
    talk.say("hvor er pakken min 10482217")
    again = talk.anew()
    assert again.say("var är mitt paket").turn.outcome is Outcome.ASKED_FACT
    assert (again.locale, again.shop) == ("sv", "delivered")


def test_an_answer_is_masked_with_the_question_in_mind(talk: Rehearsal) -> None:
    row = as_row("kari@eksempel.example", talk.say("min e-post er kari@eksempel.example"))
    assert "kari" not in row["masked"]
    assert row["entities"][0]["type"] == "email"
    assert len(row["candidates"]) == 3
    json.dumps(row)


def test_what_would_be_asked() -> None:
    assert question_of(None) is None
    assert question_of(LookUp("12345678")) == "order.lookup of 12345678"
    assert question_of(AskShop("a.b", "topic", {})) == "a.b with nothing"
    assert question_of(Search("røde sko")) == "product search: røde sko"
    assert question_of(Search("telt", guess=True)) == "product search (a guess): telt"
