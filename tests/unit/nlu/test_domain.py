"""The dialogue's rules, one table line per rule."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest

from libs.contracts.bot import Outcome
from services.nlu.dialogue.state import (
    Finding,
    LookUp,
    Missing,
    Offer,
    Parcel,
    Product,
    Search,
    Status,
)
from services.nlu.domain import at_rest, consider, listen, respond
from services.nlu.reading.entities import Entity
from tests.unit.nlu.kitchen import LANGUAGES, NOW, Chat, demo_packs, heard

SENT = Parcel("10482217", "sent", "Nordbud", "NB123456785NO", date(2026, 11, 25))
TENT = Product("Telt Vidde 2", "3299 NOK", in_stock=True, link="https://fjellbekk.example/telt")


@pytest.mark.parametrize(
    ("intent", "finding", "outcome", "offer"),
    [
        ("greeting", None, Outcome.ANSWERED, None),
        ("thanks", None, Outcome.ANSWERED, None),
        ("about_bot", None, Outcome.ANSWERED, None),
        ("delivery_methods", None, Outcome.ANSWERED, None),
        ("payment_methods", None, Outcome.ANSWERED, None),
        ("return_how", None, Outcome.ANSWERED, None),
        ("goodbye", None, Outcome.ANSWERED, None),
        ("opening_hours", None, Outcome.ANSWERED, None),
        ("other_question", None, Outcome.ANSWERED, None),
        ("track_parcel", None, Outcome.ASKED_FACT, None),
        ("track_parcel", SENT, Outcome.ANSWERED, None),
        ("track_parcel", Missing.UNKNOWN, Outcome.ASKED_FACT, None),
        ("track_parcel", Missing.AWAY, Outcome.HANDOFF_OFFERED, Offer("track_parcel", "topic")),
        ("product_information", (TENT,), Outcome.ANSWERED, None),
        ("product_information", (), Outcome.ASKED_FACT, None),
        (
            "product_information",
            Missing.AWAY,
            Outcome.HANDOFF_OFFERED,
            Offer("other_question", "topic"),
        ),
        ("talk_to_human", None, Outcome.HANDOFF_OFFERED, Offer("other_question", "requested")),
        ("fallback", None, Outcome.FALLBACK, None),
        ("fallback", (), Outcome.FALLBACK, None),
        ("fallback", Missing.AWAY, Outcome.FALLBACK, None),
        ("a_topic_that_was_removed", None, Outcome.FALLBACK, None),
    ],
)
def test_each_topic_ends_as_it_should(
    intent: str, finding: Finding, outcome: Outcome, offer: Offer | None
) -> None:
    number = "10482217" if intent == "track_parcel" and finding else None
    turn = Chat().hear(heard(intent, number), finding)
    assert (turn.outcome, turn.offer) == (outcome, offer)
    assert turn.body.text


def test_a_greeting_says_that_a_program_answers_only_as_the_first_message() -> None:
    chat = Chat()
    assert "dataprogram" in chat.hear(heard("greeting")).body.text
    assert "dataprogram" not in chat.hear(heard("greeting")).body.text


def test_the_number_is_asked_for_and_then_looked_up() -> None:
    chat = Chat()
    assert chat.errand_of(heard("track_parcel")) is None
    assert chat.hear(heard("track_parcel")).dialogue.awaiting == "track_parcel"
    assert chat.errand_of(heard("fallback", "10482217")) == LookUp("10482217")
    turn = chat.hear(heard("fallback", "10482217"), SENT)
    assert turn.body.text == (
        "Ordre 10482217 er sendt og på vei til deg. "
        "Vi venter at den er hos deg onsdag 25. november."
    )
    card = turn.body.cards[0]
    assert (card.kind, card.title) == ("parcel", "Ordre 10482217")
    assert card.lines == (
        "Transportør: Nordbud", "Sporingsnummer: NB123456785NO", "Ventet: onsdag 25. november",
    )  # fmt: skip
    assert turn.dialogue.awaiting is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_has_a_sentence_in_every_language(language: str, status: Status) -> None:
    chat = Chat(locale=language)
    chat.hear(heard("track_parcel"))
    parcel = Parcel("10482217", status, "Nordbud", "NB1", date(2026, 11, 25), "Kiosken")
    said = heard("track_parcel", "10482217")
    turn = chat.hear(replace(said, language=language), parcel)  # type: ignore[arg-type]
    assert "10482217" in turn.body.text
    assert "{" not in turn.body.text
    assert all(line and "{" not in line and not line.endswith(": ") for line in _lines(turn))


def _lines(turn: object) -> list[str]:
    return [line for card in turn.body.cards for line in card.lines]  # type: ignore[attr-defined]


def test_a_parcel_that_should_have_come_is_called_late() -> None:
    late = Parcel("10482217", "sent", expected_on=NOW.date() - timedelta(days=3))
    text = Chat().hear(heard("track_parcel", "10482217"), late).body.text
    assert "forsinket" in text
    assert "fredag 20. november" in text


def test_a_parcel_ready_to_be_fetched_says_where() -> None:
    parcel = Parcel("10482233", "ready_for_pickup", pickup_point="Kiosken på Torget")
    text = Chat().hear(heard("track_parcel", "10482233"), parcel).body.text
    assert text.endswith("Hentested: Kiosken på Torget.")


def test_the_day_is_the_merchants_own() -> None:
    """At 23:30 in London it is tomorrow in Oslo already."""
    pack, at = demo_packs()["fjellbekk"], NOW.replace(hour=23, minute=30)
    dialogue = listen(None, "nb", pack)
    parcel = Parcel("10482217", "sent", expected_on=date(2026, 11, 24))
    turn = respond(consider(dialogue, heard("track_parcel", "10482217"), pack, at), parcel)
    assert "hos deg i dag" in turn.body.text


def test_another_order_is_looked_up_at_once() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), SENT)
    said = heard("fallback", "10482225", other_order=True)
    assert chat.errand_of(said) == LookUp("10482225")


def test_another_order_without_a_number_is_asked_for() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), SENT)
    said = heard("fallback", other_order=True)
    assert chat.errand_of(said) is None
    assert chat.hear(said).outcome is Outcome.ASKED_FACT


def test_a_number_is_not_asked_for_twice() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "10482217"), SENT)
    chat.hear(heard("payment_methods"))
    assert chat.errand_of(heard("track_parcel")) == LookUp("10482217")


@pytest.mark.parametrize("intent", ["greeting", "thanks", "other_question", "fallback"])
def test_a_number_outweighs_small_talk(intent: str) -> None:
    assert Chat().errand_of(heard(intent, "10482217")) == LookUp("10482217")


@pytest.mark.parametrize("intent", ["return_how", "talk_to_human", "payment_methods"])
def test_a_number_in_another_question_stays_with_it(intent: str) -> None:
    turn = Chat().hear(heard(intent, "10482217"))
    assert turn.intent == intent


def test_a_number_of_the_wrong_length_is_told_so() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel"))
    turn = chat.hear(heard("fallback", number_like=True))
    assert "nøyaktig åtte sifre" in turn.body.text
    assert turn.outcome is Outcome.ASKED_FACT


def test_who_has_no_number_is_offered_a_person() -> None:
    chat = Chat()
    turns = [chat.hear(heard(intent)) for intent in ("track_parcel", "fallback", "fallback")]
    assert [turn.outcome for turn in turns] == [
        Outcome.ASKED_FACT, Outcome.ASKED_FACT, Outcome.HANDOFF_OFFERED,
    ]  # fmt: skip
    assert turns[-1].offer == Offer("track_parcel", "fallbacks")


def test_an_unknown_order_is_asked_for_once_more_and_then_a_person_is_offered() -> None:
    chat = Chat()
    first = chat.hear(heard("track_parcel", "99999999"), Missing.UNKNOWN)
    assert first.outcome is Outcome.ASKED_FACT
    assert "99999999" in first.body.text
    second = chat.hear(heard("fallback", "88888888"), Missing.UNKNOWN)
    assert second.offer == Offer("track_parcel", "topic")
    assert "88888888" in second.body.text


def test_an_order_found_in_between_starts_the_count_anew() -> None:
    chat = Chat()
    chat.hear(heard("track_parcel", "99999999"), Missing.UNKNOWN)
    chat.hear(heard("track_parcel", "10482217"), SENT)
    turn = chat.hear(heard("track_parcel", "99999999"), Missing.UNKNOWN)
    assert turn.outcome is Outcome.ASKED_FACT


def test_two_fallbacks_in_a_row_offer_a_person() -> None:
    chat = Chat()
    turns = [chat.hear(heard("fallback")) for _ in range(3)]
    assert [turn.outcome for turn in turns] == [
        Outcome.FALLBACK, Outcome.HANDOFF_OFFERED, Outcome.HANDOFF_OFFERED,
    ]  # fmt: skip
    assert turns[1].offer == Offer("other_question", "fallbacks")


def test_an_answer_between_two_fallbacks_forgives_the_first() -> None:
    chat = Chat()
    outcomes = [
        chat.hear(heard(intent)).outcome for intent in ("fallback", "opening_hours", "fallback")
    ]
    assert outcomes == [Outcome.FALLBACK, Outcome.ANSWERED, Outcome.FALLBACK]


def test_the_form_of_the_topic_talked_about_is_offered() -> None:
    chat = Chat()
    chat.hear(heard("exchange_item"))
    chat.hear(heard("thanks"))
    assert chat.hear(heard("talk_to_human")).offer == Offer("exchange_item", "requested")


def test_products_become_cards_at_most_four() -> None:
    turn = Chat().hear(heard("product_information"), (TENT,) * 9)
    assert len(turn.body.cards) == 4
    card = turn.body.cards[0]
    assert (card.title, card.lines, card.link) == (
        "Telt Vidde 2", ("3299 NOK", "På lager"), "https://fjellbekk.example/telt",
    )  # fmt: skip


def test_what_a_product_lacks_is_said_in_the_visitors_words() -> None:
    text = "har dere jakken i blå, strl M"
    found = (Entity("colour", "blue", 18, 21), Entity("size", "M", 28, 29))
    jacket = Product("Jakke", "899 NOK", in_stock=True, sizes=("S", "L"), lacks=("M",))
    turn = Chat().hear(heard("stock_availability", found=found, text=text), (jacket,))
    assert turn.body.text.startswith("Akkurat det (M) fant jeg ikke.")
    assert turn.body.cards[0].lines == ("899 NOK", "På lager", "Størrelser på lager: S, L")


def test_what_is_not_understood_may_still_name_a_product() -> None:
    chat = Chat()
    assert chat.errand_of(heard("fallback", text="telt vidde")) == Search("telt vidde", guess=True)
    turn = chat.hear(heard("fallback"), (TENT,))
    assert (turn.intent, turn.outcome) == ("product_information", Outcome.ANSWERED)


def test_buttons_come_from_the_pack_in_the_visitors_language() -> None:
    topic = demo_packs()["fjellbekk"].topic("delivery_methods")
    assert topic
    turn = Chat().hear(replace(heard("delivery_methods"), language="fi"))
    assert [button.text for button in turn.body.buttons] == [*topic.buttons["fi"]]


def test_a_button_that_asks_for_a_person_opens_the_form() -> None:
    buttons = Chat().hear(heard("track_parcel")).body.buttons
    assert [(one.text, one.action) for one in buttons] == [("Snakk med et menneske", "handoff")]


def test_merchants_answer_with_their_own_facts() -> None:
    answers = {
        merchant: Chat(merchant).hear(heard("delivery_cost")).body.text for merchant in demo_packs()
    }
    assert "79 kr" in answers["fjellbekk"]
    assert "59 SEK" in answers["havsro"]


def test_a_page_that_changes_its_language_is_followed() -> None:
    pack = demo_packs()["fjellbekk"]
    norwegian = listen(None, "nb-NO", pack)
    assert norwegian.language == "nb"
    assert listen(norwegian, "nb-NO", pack) is norwegian
    assert listen(norwegian, "fi", pack).language == "fi"
    assert listen(None, "xx", demo_packs()["havsro"]).language == "sv"


def test_at_rest_nothing_is_waited_for_and_what_was_said_stays() -> None:
    chat = Chat()
    turn = chat.hear(heard("track_parcel", "99999999"), Missing.UNKNOWN)
    calm = at_rest(turn.dialogue)
    assert (calm.awaiting, calm.unknowns, calm.topic) == (None, 0, "track_parcel")


def test_what_is_not_understood_does_not_move_the_conversations_language() -> None:
    chat = Chat()
    said = heard("fallback")
    turn = chat.hear(replace(said, language="da"))
    assert turn.body.language == "da"
    assert turn.dialogue.language == "nb"


@pytest.mark.parametrize(("page", "text"), [("nb", "er du et menneske"), ("da", "elendig service")])
def test_after_english_a_text_of_two_neighbours_is_in_the_pages_language(
    page: str, text: str
) -> None:
    chat = Chat(locale=page)
    assert chat.say("is this a real person").dialogue.language == "en"
    assert chat.say(text).dialogue.language == page


def test_a_message_that_only_leans_to_another_language_is_remembered() -> None:
    chat = Chat(locale="nb")
    chat.hear(replace(heard("about_bot"), leaning="da"))
    assert chat.known
    assert (chat.known.language, chat.known.leaning) == ("nb", "da")
    assert chat.understood("har I den i sort").language == "da"
    assert listen(chat.known, "sv", chat.content).leaning is None
