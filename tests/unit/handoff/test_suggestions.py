"""Suggested answers: the topic's own, in the visitor's language, whole."""

from typing import Any

import pytest

from libs.contracts.content import PackPublished, Topic
from services.handoff.suggestions import suggest
from tests.builders import NOW, everywhere, pack


def topic(key: str, like: str | None = None, **answers: Any) -> Topic:
    return Topic(key=key, title=everywhere(key), like=like, answers=answers)


def shop(*topics: Topic) -> PackPublished:
    facts = {"return_days": everywhere("30"), "nothing": everywhere("")}
    return pack(facts=facts).model_copy(update={"topics": topics})


def texts(published: PackPublished, key: str, locale: str = "nb", **facts: str) -> dict[str, str]:
    return {one.name: one.text for one in suggest(published, key, locale, facts, NOW)}


def test_a_topics_answers_come_in_the_visitors_language_filled_in() -> None:
    days = "{return_days, plural, one {# day} other {# days}}"
    answer = {**everywhere("?"), "nb": "Innen {return_days}.", "en": f"Within {days}."}
    published = shop(topic("return_how", answer=answer))
    assert texts(published, "return_how") == {"answer": "Innen 30."}
    assert texts(published, "return_how", "en-GB") == {"answer": "Within 30 days."}
    (one,) = suggest(published, "return_how", "fi", {}, NOW)
    assert (one.topic, one.title["fi"], one.text) == ("return_how", "return_how", "Innen 30.")


def test_what_cannot_be_filled_in_is_not_suggested() -> None:
    sent, empty = everywhere("Order {order_number} is sent."), everywhere("On {nothing}.")
    published = shop(topic("track", sent=sent, empty=empty, late=everywhere("It is late.")))
    assert texts(published, "track") == {"late": "It is late."}
    known = texts(published, "track", order_number="10482217")
    assert known["sent"] == "Order 10482217 is sent."


def test_a_visitors_words_are_not_looked_into_and_do_not_stand_for_the_shops() -> None:
    published = shop(topic("track", sent=everywhere("{order_number} in {return_days} days")))
    found = texts(published, "track", order_number="{return_days}", return_days="9")
    assert found == {"sent": "{return_days} in 30 days"}


def test_answers_of_the_topic_that_it_is_like_come_after_its_own() -> None:
    lender = topic("track", answer=everywhere("lent"), late=everywhere("late"))
    published = shop(topic("order", like="track", answer=everywhere("own")), lender)
    assert list(texts(published, "order").items()) == [("answer", "own"), ("late", "late")]


@pytest.mark.parametrize("action", ["order_lookup", "product_search", "webhook"])
def test_what_only_the_shops_system_knows_is_not_suggested(action: str) -> None:
    status = topic("track", sent=everywhere("It is sent.")).model_copy(update={"action": action})
    own = topic("order", like="track", answer=everywhere("own"))
    assert texts(shop(status), "track") == {}
    assert texts(shop(own, status), "order") == {"answer": "own"}


def test_that_nobody_is_there_is_not_suggested_to_somebody_who_is() -> None:
    published = shop(topic("complaint", closed=everywhere("We are closed.")))
    assert texts(published, "complaint") == {}
    assert texts(published, "unheard_of") == {}
