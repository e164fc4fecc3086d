"""Asking between near topics, offers of a person and what visitors answer to them, opening hours."""

from dataclasses import replace
from datetime import datetime, time

import pytest

from libs.contracts.bot import Outcome
from libs.contracts.content import Opening, OpeningHours, PackPublished
from services.nlu.dialogue.phrases import text_of
from services.nlu.dialogue.state import Candidate, Missing, Offer, Product, Search, Understanding
from tests.unit.nlu.kitchen import LANGUAGES, NOW, Chat, demo_packs, heard

CLOSE = ("delivery_cost", "return_cost")
TENT = Product("Telt Vidde 2", "3299 NOK", in_stock=True)


def unsure(text: str = "hva koster det", close: tuple[str, ...] = CLOSE) -> Understanding:
    """What is near two topics."""
    return heard("fallback", close=close, text=text)


def asked() -> Chat:
    """A conversation in which the bot has asked between two topics."""
    chat = Chat()
    assert chat.hear(unsure()).outcome is Outcome.CLARIFIED
    return chat


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_topics_are_asked_between_with_their_titles(language: str) -> None:
    chat, pack = Chat(locale=language), demo_packs()["fjellbekk"]
    turn = chat.hear(replace(unsure(), language=language))  # type: ignore[arg-type]
    titles = [pack.topic(key).title[language] for key in CLOSE]  # type: ignore[union-attr, index]
    *choices, other = [button.text for button in turn.body.buttons]
    assert choices == titles
    assert other
    assert all(button.action == "say" for button in turn.body.buttons)
    assert (turn.intent, turn.dialogue.choices) == ("fallback", CLOSE)


@pytest.mark.parametrize(
    ("answer", "topic"),
    [
        ("Hva koster returen?", "return_cost"), ("den første", "delivery_cost"), ("2", "return_cost"),
        ("ja", "delivery_cost"), ("den siste", "return_cost"), ("the second one", "return_cost"),
        ("ettan", "delivery_cost"), ("toka", "return_cost"), ("det andet", "return_cost"),
    ],
)  # fmt: skip
def test_an_answer_picks_one(answer: str, topic: str) -> None:
    chat = asked()
    title = demo_packs()["fjellbekk"].topic("return_cost").title["nb"]  # type: ignore[union-attr]
    said = heard("fallback", text=title if answer.startswith("Hva") else answer)
    turn = chat.hear(said)
    assert (turn.intent, turn.outcome) == (topic, Outcome.ANSWERED)
    assert turn.dialogue.choices == ()


def test_an_unsure_answer_that_leans_to_one_of_them_picks_it() -> None:
    chat = asked()
    near = (Candidate("return_cost", 0.5), Candidate("delivery_cost", 0.2))
    assert chat.hear(heard("fallback", candidates=near, text="retur")).intent == "return_cost"


def test_a_sure_answer_may_be_about_something_else() -> None:
    assert asked().hear(heard("opening_hours", text="når har dere åpent")).intent == "opening_hours"


@pytest.mark.parametrize("close", [(), CLOSE])
def test_an_unclear_answer_is_a_fallback_and_not_asked_again(close: tuple[str, ...]) -> None:
    chat = asked()
    assert chat.hear(unsure("hmm nja", close)).outcome is Outcome.FALLBACK
    assert chat.hear(heard("fallback", text="hmm")).offer == Offer("other_question", "fallbacks")


@pytest.mark.parametrize("answer", ["Noe annet", "nei", "ingen av dem", "neither", "nej tack"])
def test_none_of_them_asks_for_other_words(answer: str) -> None:
    chat = asked()
    turn = chat.say(answer)
    assert (turn.outcome, turn.intent) == (Outcome.FALLBACK, "fallback")
    assert turn.body.text == text_of("otherwise")[turn.body.language]  # type: ignore[index]
    assert chat.say("asdf").offer == Offer("other_question", "fallbacks")


def test_what_was_asked_is_what_is_searched_for_once_the_topic_is_picked() -> None:
    chat, close = Chat(), ("product_information", "size_guide")
    first = unsure("grønt telt til to", close)
    assert chat.errand_of(first) == Search("grønt telt til to", guess=True)
    chat.hear(first, ())
    picking = chat.understood("den første")
    assert chat.errand_of(picking) == Search("grønt telt til to")
    turn = chat.hear(picking, (TENT,))
    assert (turn.intent, turn.dialogue.question) == ("product_information", None)


def test_a_product_that_fits_well_is_shown_instead_of_asking() -> None:
    turn = Chat().hear(unsure("vidde", ("product_information", "stock_availability")), (TENT,))
    assert (turn.intent, len(turn.body.cards)) == ("product_information", 1)


def test_a_number_said_with_the_unclear_question_is_not_asked_for() -> None:
    chat = Chat()
    chat.hear(replace(unsure("10482217 kan den hmm", ("track_parcel", "change_order"))))
    chat.known = replace(chat.known, facts={"order_number": "10482217"})  # type: ignore[type-var]
    assert chat.errand_of(heard("fallback", text="den første"))


def test_a_topic_that_waits_for_a_fact_waits_on_behind_the_question() -> None:
    chat = Chat()
    chat.say("hvor er pakken min")
    assert chat.hear(unsure()).dialogue.awaiting == "track_parcel"
    turn = chat.hear(heard("fallback", text="den første"))
    assert turn.intent == "delivery_cost"
    assert "Tilbake til" in turn.body.text


def test_asking_between_can_be_called_off() -> None:
    turn = asked().say("glem det")
    assert (turn.dialogue.choices, turn.outcome) == ((), Outcome.ANSWERED)


@pytest.mark.parametrize("close", [("delivery_cost",), ("fallback", "return_cost"), ("no", "nope")])
def test_one_topic_is_no_choice(close: tuple[str, ...]) -> None:
    assert Chat().hear(unsure("tja", close)).outcome is Outcome.FALLBACK


def offered() -> Chat:
    """A conversation in which a person has been offered."""
    chat = Chat()
    turns = [chat.hear(heard("fallback", text=text)) for text in ("asdf", "qwer")]
    assert turns[-1].offer
    return chat


def test_an_offer_that_is_accepted_in_words_opens_the_same_form() -> None:
    turn = offered().say("ja takk")
    assert turn.offer == Offer("other_question", "requested")


def test_an_offer_that_is_refused_lets_the_bot_go_on() -> None:
    chat = offered()
    assert chat.say("nei takk").outcome is Outcome.ANSWERED
    assert chat.hear(heard("fallback")).outcome is Outcome.FALLBACK


def test_an_offer_that_is_passed_over_does_too() -> None:
    chat = offered()
    assert chat.hear(heard("return_cost")).outcome is Outcome.ANSWERED


def test_yes_and_no_mean_nothing_where_nothing_was_asked() -> None:
    assert Chat().say("ja").outcome is Outcome.FALLBACK


WORKDAYS = OpeningHours(
    openings=(Opening(weekdays=(0, 1, 2, 3, 4), opens=time(7), closes=time(16)),)
)
EVENING = NOW.replace(hour=20)


def open_on_workdays(**closed: str) -> PackPublished:
    """The demo's pack with people at work on workdays; `closed` replaces the person's answers."""
    pack = demo_packs()["fjellbekk"]
    merchant = pack.merchant.model_copy(update={"hours": WORKDAYS})
    topics = tuple(
        topic.model_copy(update={"answers": {"answer": topic.answers["answer"]} | {
            name: dict.fromkeys(LANGUAGES, text) for name, text in closed.items()
        }}) if topic.action == "handoff" else topic
        for topic in pack.topics
    )  # fmt: skip
    return pack.model_copy(update={"merchant": merchant, "topics": topics})


def chat_at(now: datetime, **closed: str) -> Chat:
    """A conversation at a time of day."""
    return Chat(pack=open_on_workdays(**closed), now=now)


def test_while_people_are_there_nothing_is_said_of_hours() -> None:
    text = chat_at(NOW).say("Snakk med et menneske").body.text
    assert "tilbake" not in text


def test_out_of_hours_a_message_can_be_left_and_the_next_opening_is_named() -> None:
    turn = chat_at(EVENING).say("Snakk med et menneske")
    assert "legg igjen en beskjed" in turn.body.text
    assert turn.body.text.endswith("Vi er tilbake i morgen kl. 07.00.")
    assert turn.offer == Offer("other_question", "requested")


def test_out_of_hours_the_packs_own_words_come_first() -> None:
    chat = chat_at(EVENING, closed="Stengt til {next_opening}.")
    assert chat.say("Snakk med et menneske").body.text == "Stengt til i morgen kl. 07.00."


def test_every_offer_is_honest_about_the_hours() -> None:
    chat = chat_at(EVENING)
    chat.hear(heard("fallback"))
    for turn in (
        chat.hear(heard("fallback")),
        chat.hear(heard("track_parcel", "10482217"), Missing.AWAY),
    ):
        assert "legg igjen en beskjed" in turn.body.text
        assert "i morgen kl. 07.00" in turn.body.text


def test_a_topics_own_answer_for_closed_hours_is_said_then() -> None:
    pack = open_on_workdays()
    topics = tuple(
        topic.model_copy(update={"answers": topic.answers | {"closed": {"nb": "Stengt."}}})
        if topic.key == "opening_hours" else topic
        for topic in pack.topics
    )  # fmt: skip
    pack = pack.model_copy(update={"topics": topics})
    assert Chat(pack=pack, now=EVENING).hear(heard("opening_hours")).body.text == "Stengt."
    assert Chat(pack=pack, now=NOW).hear(heard("opening_hours")).body.text != "Stengt."


def test_a_topic_that_says_so_itself_is_not_told_twice_that_nobody_is_there() -> None:
    pack = open_on_workdays(closed="Ingen her.")
    topics = tuple(
        topic.model_copy(
            update={"answers": topic.answers | {"closed": {"nb": "Beklager. Stengt."}},
                    "offer_on": ("closed",)}
        ) if topic.key == "complaint" else topic
        for topic in pack.topics
    )  # fmt: skip
    chat = Chat(pack=pack.model_copy(update={"topics": topics}), now=EVENING)
    turn = chat.hear(heard("complaint"))
    assert turn.body.text == "Beklager. Stengt. Vi er tilbake i morgen kl. 07.00."
    assert turn.offer


def test_a_pack_may_say_the_dialogues_sentences_in_its_own_words() -> None:
    pack = demo_packs()["fjellbekk"]
    topics = tuple(
        topic.model_copy(update={"answers": topic.answers | {"cancelled": {"nb": "Glemt!"}}})
        if topic.key == "fallback" else topic
        for topic in pack.topics
    )  # fmt: skip
    chat = Chat(pack=pack.model_copy(update={"topics": topics}))
    chat.hear(heard("track_parcel"))
    assert chat.hear(heard("fallback", text="glem det")).body.text == "Glemt!"
