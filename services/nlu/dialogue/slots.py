"""Facts: which a topic wants, what a message gives, what is kept and for how long. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from libs.contracts.content import EntityType, Fact, PackPublished, Topic
from services.nlu.dialogue.phrases import says, tokens_of
from services.nlu.dialogue.state import Dialogue, Understanding

LONGEST_TEXT = 300
"""Characters of a fact that is whatever the visitor writes; nothing longer is kept."""

BRIEF = 6
"""In a message of more words "wrong" and "other" are said of other things than the order."""

HALF_A_YEAR = timedelta(days=183)

_NEAR_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1, "day_after_tomorrow": 2}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = len(_WEEKDAYS)


def facts_of(pack: PackPublished, topic: Topic) -> tuple[Fact, ...]:
    """What a topic must know before it answers; who asks for a person or a product need say nothing."""
    return () if topic.action in ("handoff", "product_search") else pack.facts_of(topic)


def missing(pack: PackPublished, topic: Topic, facts: Mapping[str, str]) -> Fact | None:
    """The fact to ask for next; None when the topic has all it needs."""
    return next((fact for fact in facts_of(pack, topic) if fact.key not in facts), None)


def given(heard: Understanding, fact: Fact, today: date) -> str | None:
    """The value of a fact that a message mentions: the last one that looks as it must."""
    if fact.type == "text":
        return None
    found = (one.value for one in reversed(heard.entities.found) if one.type == fact.type)
    values = (_day(value, today) if fact.type == "date" else value for value in found)
    return next((value for value in values if value and _fits(value, fact)), None)


def written(heard: Understanding, fact: Fact) -> str | None:
    """A whole message as the value of a fact that is free text; None if it does not look as it must."""
    text = " ".join(heard.text.split())[:LONGEST_TEXT]
    return text if fact.type == "text" and text and _fits(text, fact) else None


def volunteered(heard: Understanding, pack: PackPublished, today: date) -> dict[str, str]:
    """What a message says that some topic of the pack may ask for later, where it is plain which.

    Only facts that are kept for the conversation: nothing is noted for an answer nobody asked for.
    """
    noted: dict[str, str] = {}
    for fact in _all_facts(pack):
        value = given(heard, fact, today) if fact.kept == "conversation" else None
        if value and _is_plain_which(pack, fact):
            noted[fact.key] = value
    return noted


def for_topic(
    heard: Understanding, pack: PackPublished, topic: Topic, today: date
) -> dict[str, str]:
    """What a message says that this topic asks for; a value serves the first fact of its type."""
    noted: dict[str, str] = {}
    served: set[EntityType] = set()
    for fact in facts_of(pack, topic):
        value = given(heard, fact, today) if fact.type not in served else None
        if value:
            noted[fact.key] = value
            served.add(fact.type)
    return noted


def is_corrected(
    dialogue: Dialogue, heard: Understanding, pack: PackPublished, topic: Topic
) -> bool:
    """Whether the visitor means something else than what was said before: "no, the other order"."""
    found, last = heard.entities, pack.topic(dialogue.topic or "")
    if last is None or not facts_of(pack, topic):
        return False
    if says(heard.text, "other_order"):
        return True
    brief = len(tokens_of(heard.text)) <= BRIEF
    unfit = found.number_like and found.order_number is None
    return topic is last and brief and (found.other_order or unfit)


def still_kept(pack: PackPublished, dialogue: Dialogue) -> dict[str, str]:
    """The facts that outlive a turn: the conversation's, and those that a waiting topic collects."""
    waiting = [pack.topic(key or "") for key in (dialogue.awaiting, dialogue.paused)]
    collected = {fact.key for topic in waiting if topic for fact in facts_of(pack, topic)}
    lasting = {fact.key for fact in _all_facts(pack) if fact.kept == "conversation"}
    return {key: value for key, value in dialogue.facts.items() if key in collected | lasting}


def with_facts(dialogue: Dialogue, facts: Mapping[str, str]) -> Dialogue:
    """The dialogue that knows these facts."""
    return replace(dialogue, facts=facts)


def told_by_page(dialogue: Dialogue, order: str, pack: PackPublished) -> Dialogue:
    """The dialogue that knows which order the shop's page is about, if it looks like one."""
    known = {
        fact.key: order
        for fact in _all_facts(pack)
        if fact.type == "order_number" and _fits(order, fact)
    }
    return with_facts(dialogue, {**dialogue.facts, **known})


def _all_facts(pack: PackPublished) -> Iterator[Fact]:
    for topic in pack.topics:
        yield from topic.needs


def _is_plain_which(pack: PackPublished, fact: Fact) -> bool:
    """A shop has one kind of order number; of two dates nobody can tell which was meant."""
    alike = {one.key for one in _all_facts(pack) if one.type == fact.type}
    return fact.type == "order_number" or len(alike) == 1


def _fits(value: str, fact: Fact) -> bool:
    return fact.pattern is None or re.fullmatch(fact.pattern, value) is not None


def _day(value: str, today: date) -> str | None:
    """A day as year, month and day; None where it stays open which Friday or week is meant."""
    try:
        if value in _NEAR_DAYS:
            return (today + timedelta(days=_NEAR_DAYS[value])).isoformat()
        direction, _, weekday = value.partition(" ")
        if weekday in _WEEKDAYS:
            return _weekday(direction, weekday, today).isoformat()
        if value.startswith("--"):
            return _nearest(date.fromisoformat(f"{today.year}{value[1:]}"), today).isoformat()
        return date.fromisoformat(value).isoformat()
    except (ValueError, OverflowError):
        return None


def _weekday(direction: str, weekday: str, today: date) -> date:
    ahead = (_WEEKDAYS.index(weekday) - today.weekday()) % _WEEK or _WEEK
    return today + timedelta(days=ahead if direction == "next" else ahead - _WEEK or -_WEEK)


def _nearest(day: date, today: date) -> date:
    """A day without a year lies within half a year of today."""
    if day - today > HALF_A_YEAR:
        return day.replace(year=day.year - 1)
    return day.replace(year=day.year + 1) if today - day > HALF_A_YEAR else day
