"""The contract of the bus as a whole: one writer per topic, one topic per event, personal is sealed."""

from datetime import timedelta
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel

from libs.contracts.asyncapi import event_types, example, personal_fields
from libs.contracts.case import QueueChanged
from libs.contracts.content import PackPublished
from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged, Event
from libs.contracts.privacy import ErasureRecorded
from libs.contracts.sealed import Sealed
from libs.contracts.topics import (
    ACKNOWLEDGEMENT_TOPICS,
    CONTENT,
    FOR_EVER_MS,
    LEDGER,
    SERVICES,
    STAFFING,
    TOPIC_OF,
    TOPICS,
    Topic,
    dead_letter_topic,
    topic_for,
)
from services.retention.ledger import MARK_KEPT

PLAIN_STRINGS = {
    "merchant_id", "conversation_id", "type", "locale", "topic", "skill", "service", "intent",
    "language", "outcome", "pack_version", "length", "mentions", "solved_topic",
}  # fmt: skip
"""Fields that hold a key, a code or an id. A new string field belongs here only if it never holds
what somebody wrote; otherwise it must be Sealed."""

ALL_EVENTS = event_types()


def by_name(value: type) -> str:
    return value.__name__


def may_hold_text(annotation: object) -> bool:
    """Whether a plain string can stand anywhere in a value of this type (enumerations cannot grow)."""
    if annotation is str:
        return True
    return get_origin(annotation) is not None and any(map(may_hold_text, get_args(annotation)))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_has_one_writer_that_is_a_service(topic: Topic) -> None:
    assert topic.writer in SERVICES
    assert set(topic.readers) <= set(SERVICES)


def test_topic_names_are_unique_and_end_in_their_version() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert all(name.startswith("prat.") and name.endswith(".v1") for name in names)


def test_every_event_type_belongs_to_exactly_one_topic() -> None:
    for event_type in ALL_EVENTS:
        carrying = [topic for topic in TOPICS if event_type in topic.event_types]
        if event_type is ErasureAcknowledged:
            assert {*carrying} == {*ACKNOWLEDGEMENT_TOPICS.values()}
        else:
            assert carrying == [TOPIC_OF[event_type]]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_acknowledges_on_a_topic_that_it_alone_writes(service: str) -> None:
    event = ErasureAcknowledged.model_validate(example(ErasureAcknowledged) | {"service": service})
    assert topic_for(event).writer == service


@pytest.mark.parametrize("event_type", ALL_EVENTS, ids=by_name)
def test_events_are_keyed_by_what_they_are_about(event_type: type[Event]) -> None:
    event = event_type.model_validate(example(event_type))
    match event:
        case ConversationEvent():
            assert event.key == event.conversation_id
        case QueueChanged():
            assert event.key == f"{event.merchant_id}|{event.skill}"
        case _:
            assert event.key == event.merchant_id


@pytest.mark.parametrize("event_type", ALL_EVENTS, ids=by_name)
def test_sealed_fields_are_marked_and_only_they(event_type: type[Event]) -> None:
    sealed = {
        name for name, field in event_type.model_fields.items()
        if field.annotation in (Sealed, Sealed | None)
    }  # fmt: skip
    assert {*personal_fields(event_type)} == sealed


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_personal_fields_are_sealed_for_purposes_of_their_topic(topic: Topic) -> None:
    for event_type in topic.event_types:
        for mark in personal_fields(event_type).values():
            assert mark.purposes
            assert set(mark.purposes) <= set(topic.purposes)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_allows_no_purpose_that_no_field_uses(topic: Topic) -> None:
    used = {
        purpose
        for event_type in topic.event_types
        for mark in personal_fields(event_type).values()
        for purpose in mark.purposes
    }
    assert used == set(topic.purposes)


@pytest.mark.parametrize(
    "event_type", [e for e in ALL_EVENTS if e is not PackPublished], ids=by_name
)
def test_no_plain_field_can_hold_free_text(event_type: type[Event]) -> None:
    texts = {n for n, f in event_type.model_fields.items() if may_hold_text(f.annotation)}
    counts = {
        "deleted",
        "online",
    }  # per collection and per skill: names that were not typed by visitors
    assert texts - PLAIN_STRINGS - counts == set()


@pytest.mark.parametrize(
    "event_type", [e for e in ALL_EVENTS if e is not PackPublished], ids=by_name
)
def test_events_hold_no_other_models_than_sealed_values(event_type: type[Event]) -> None:
    models = {
        field.annotation
        for field in event_type.model_fields.values()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    assert models <= {Sealed}


def test_only_content_and_staffing_are_kept_for_ever() -> None:
    lasting = [topic for topic in TOPICS if topic.retention_ms == FOR_EVER_MS]
    assert lasting == [STAFFING, CONTENT]
    assert CONTENT.purposes == STAFFING.purposes == ()
    others = [topic for topic in TOPICS if topic not in (*lasting, LEDGER)]
    assert {topic.retention_ms for topic in others} == {72 * 3600 * 1000}


def test_the_ledger_of_erasures_is_kept_as_long_as_their_marks_and_holds_nothing_personal() -> None:
    assert timedelta(milliseconds=LEDGER.retention_ms) == MARK_KEPT
    assert (LEDGER.purposes, LEDGER.event_types) == ((), (ErasureRecorded,))
    own = {*ErasureRecorded.model_fields} - {*ConversationEvent.model_fields}
    assert own == {"type", "erasure_id", "requested_by"}


def test_each_service_has_its_own_dead_letters() -> None:
    names = {dead_letter_topic(service) for service in SERVICES}
    assert len(names) == len(SERVICES)
    assert names.isdisjoint(topic.name for topic in TOPICS)
