"""Facts over several turns: asked once, put right, left and come back to, cancelled."""

from dataclasses import replace

import pytest

from libs.contracts.bot import Outcome
from services.nlu.dialogue.state import LookUp, Missing, Offer, Parcel
from tests.unit.nlu.kitchen import Chat, heard

PACKED = Parcel("10482217", "packed")


def wanting() -> Chat:
    """A conversation in which the order number has been asked for."""
    chat = Chat()
    assert chat.say("hvor er pakken min").outcome is Outcome.ASKED_FACT
    return chat


def test_a_number_given_before_it_is_asked_for_is_not_asked_for() -> None:
    chat = Chat()
    assert chat.move(chat.understood("hei, ordre 10482217")).errand == LookUp("10482217")
    chat.say("hei, ordre 10482217", PACKED)
    assert chat.move(chat.understood("hvor er pakken min")).errand == LookUp("10482217")


def test_a_number_in_passing_is_remembered_too() -> None:
    chat = Chat()
    assert chat.hear(heard("return_how", "10482217")).intent == "return_how"
    assert chat.move(chat.understood("hvor er pakken min")).errand == LookUp("10482217")


@pytest.mark.parametrize(
    "intent", ["order_status", "cancel_order", "change_order", "refund_status"]
)
def test_every_topic_about_an_order_uses_the_same_number(intent: str) -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), PACKED)
    assert chat.errand_of(heard(intent)) == LookUp("10482217")
    turn = chat.hear(heard(intent), PACKED)
    assert (turn.intent, "10482217" in turn.body.text) == (intent, True)


def test_what_a_topic_does_not_say_itself_is_borrowed() -> None:
    turn = Chat().hear(heard("cancel_order", "99999999"), Missing.UNKNOWN)
    assert "Jeg finner ingen ordre" in turn.body.text
    assert turn.dialogue.awaiting == "cancel_order"


def test_a_person_is_offered_after_the_answers_that_the_topic_names() -> None:
    turn = Chat().hear(heard("cancel_order", "10482217"), PACKED)
    assert (turn.outcome, turn.offer) == (
        Outcome.HANDOFF_OFFERED, Offer("cancel_order", "topic"),
    )  # fmt: skip
    assert turn.body.cards
    assert all(button.action == "say" for button in turn.body.buttons)


@pytest.mark.parametrize(
    "text",
    [
        "nei, den andre ordren",
        "no, the other order",
        "nej den andra ordern",
        "ei vaan toinen tilaus",
    ],
)
def test_the_other_order_is_asked_for_in_the_same_topic(text: str) -> None:
    chat = Chat()
    chat.hear(heard("order_status", "10482217"), PACKED)
    turn = chat.say(text)
    assert (turn.intent, turn.outcome) == ("order_status", Outcome.ASKED_FACT)
    assert chat.move(chat.understood("10482218")).errand == LookUp("10482218")


@pytest.mark.parametrize("text", ["I meant 10482218", "nei, jeg mente 10482218", "10482218"])
def test_a_number_put_right_is_looked_up_in_the_same_topic(text: str) -> None:
    chat = Chat()
    chat.hear(heard("order_status", "10482217"), PACKED)
    move = chat.move(replace(chat.understood(text), intent="size_guide"))
    assert (move.errand, move.scene.topic.key) == (LookUp("10482218"), "order_status")


def test_another_topic_about_the_other_order_asks_which() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), PACKED)
    turn = chat.hear(heard("cancel_order", text="kan jeg avbestille den andre ordren"))
    assert (turn.intent, turn.outcome) == ("cancel_order", Outcome.ASKED_FACT)


def test_a_wrong_size_is_no_wrong_order() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), PACKED)
    said = heard("change_order", other_order=True, text="jeg tok feil størrelse, kan jeg endre det")
    assert chat.errand_of(said) == LookUp("10482217")


def test_of_several_numbers_the_last_is_taken_and_the_others_are_buttons() -> None:
    chat = Chat()
    chat.say("hvor er pakken min")
    text = "10482217 og 10482218"
    assert chat.move(chat.understood(text)).errand == LookUp("10482218")
    turn = chat.say(text, Parcel("10482218", "packed"))
    assert turn.body.text.startswith("Jeg så flere numre og tar 10482218 først.")
    assert [button.text for button in turn.body.buttons] == ["10482217"]


def test_of_two_numbers_one_of_which_is_refused_nothing_is_said() -> None:
    chat = wanting()
    turn = chat.say("ikke 10482217, men 10482218", Parcel("10482218", "packed"))
    assert turn.body.text.startswith("Ordre 10482218")


def test_another_question_is_answered_and_then_the_open_one_is_asked_again() -> None:
    chat = wanting()
    turn = chat.say("hva koster retur")
    assert turn.intent == "return_cost"
    assert turn.body.text.endswith("\n\nTilbake til «Hvor er pakken min?»: Hva er ordrenummeret?")
    assert turn.outcome is Outcome.ANSWERED
    assert chat.move(chat.understood("10482217")).errand == LookUp("10482217")


def test_it_is_asked_again_once_and_remembered_for_a_while() -> None:
    chat = wanting()
    asides = ["return_cost", "delivery_time", "payment_methods", "opening_hours"]
    turns = [chat.hear(heard(intent)) for intent in asides]
    assert ["Tilbake til" in turn.body.text for turn in turns] == [True, False, False, False]
    assert [turn.dialogue.awaiting for turn in turns] == [*["track_parcel"] * 3, None]


@pytest.mark.parametrize(("intent", "waits"), [("thanks", True), ("goodbye", False)])
def test_who_takes_leave_is_not_reminded(intent: str, waits: bool) -> None:
    chat = wanting()
    turn = chat.hear(heard(intent))
    assert "Tilbake til" not in turn.body.text
    assert bool(turn.dialogue.awaiting) == waits


def test_a_fact_that_comes_with_another_question_leaves_one_press_to_the_answer() -> None:
    chat = wanting()
    turn = chat.hear(heard("return_how", "10482217", text="returlapp til jakken i 10482217, takk"))
    assert turn.intent == "return_how"
    assert turn.body.buttons[0].text == "Hvor er pakken min?"
    assert turn.dialogue.awaiting is None


def test_a_topic_that_wants_the_same_fact_takes_the_place_of_the_first() -> None:
    chat = wanting()
    turn = chat.hear(heard("cancel_order"))
    assert (turn.dialogue.awaiting, turn.dialogue.paused) == ("cancel_order", None)


@pytest.mark.parametrize(
    ("locale", "text"),
    [("nb", "glem det"), ("nb", "Avbryt!"), ("sv", "strunta i det"), ("da", "glem det"),
     ("fi", "unohda koko juttu"), ("en", "never mind"), ("en", "stop, please")],
)  # fmt: skip
def test_what_is_being_asked_can_be_called_off(locale: str, text: str) -> None:
    chat = Chat(locale=locale)
    chat.hear(heard("track_parcel"))
    turn = chat.say(text)
    assert (turn.dialogue.awaiting, turn.outcome) == (None, Outcome.ANSWERED)
    assert "order" not in turn.body.text.lower()


def test_where_nothing_is_open_there_is_nothing_to_call_off() -> None:
    turn = Chat().say("glem det")
    assert turn.body.text.startswith("Det er ingenting å avbryte")


def test_a_word_that_is_surely_a_topic_is_that_topic_when_nothing_is_open() -> None:
    chat = Chat(locale="en")
    assert chat.hear(heard("cancel_order", text="cancel")).intent == "cancel_order"


@pytest.mark.parametrize(
    "text",
    [
        "vet ikke",
        "jeg finner det ikke",
        "no idea",
        "en muista",
        "har ikke",
        "I don't have a number",
    ],
)
def test_who_does_not_have_the_fact_is_offered_a_person_at_once(text: str) -> None:
    turn = wanting().say(text)
    assert turn.offer == Offer("track_parcel", "fallbacks")


def test_who_does_not_know_where_the_parcel_is_is_asked_again() -> None:
    turn = wanting().hear(heard("track_parcel", text="vet ikke hvor pakken er"))
    assert turn.outcome is Outcome.ASKED_FACT


def test_what_did_not_come_is_no_missing_fact() -> None:
    turn = wanting().hear(heard("parcel_missing", text="har ikke fått pakken"))
    assert turn.intent == "parcel_missing"


def test_digits_out_of_the_blue_are_a_try_at_an_order_number() -> None:
    turn = Chat().hear(heard("size_guide", number_like=True, text="1234"))
    assert (turn.intent, turn.outcome) == ("track_parcel", Outcome.ASKED_FACT)
    assert "nøyaktig åtte sifre" in turn.body.text


def test_digits_that_do_not_fit_are_no_other_topic() -> None:
    turn = wanting().hear(heard("size_guide", number_like=True, text="1234"))
    assert "nøyaktig åtte sifre" in turn.body.text


def test_a_person_may_be_asked_for_at_any_point() -> None:
    turn = wanting().say("Snakk med et menneske")
    assert turn.offer == Offer("track_parcel", "requested")


def test_a_number_is_kept_while_the_shop_is_away() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), Missing.AWAY)
    assert chat.errand_of(heard("track_parcel")) == LookUp("10482217")
