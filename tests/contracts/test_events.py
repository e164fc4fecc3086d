"""Each event: its example is valid, survives the wire, and wrong records are refused by reason."""

import json

import pytest
from aiokafka import ConsumerRecord

from libs.contracts.asyncapi import EXAMPLES, event_types, example
from libs.contracts.envelope import Event
from libs.contracts.topics import TOPICS, VISITOR, Topic
from libs.contracts.visitor import MessageReceived
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage

PAIRS = [(topic, event_type) for topic in TOPICS for event_type in topic.event_types]
IDS = [f"{topic.name}:{event_type.__name__}" for topic, event_type in PAIRS]
SECRET = "kari.nordmann@invented.example"


def record(value: bytes | None, topic: Topic = VISITOR) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord(
        topic=topic.name, partition=0, offset=0, timestamp=0, timestamp_type=0, key=b"k",
        value=value, checksum=None, serialized_key_size=1, serialized_value_size=1, headers=(),
    )  # fmt: skip


def refused(value: object, topic: Topic = VISITOR) -> BadMessage:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(BadMessage) as caught:
        decode(record(body, topic), topic.adapter())
    return caught.value


def test_there_is_an_example_of_every_event_and_no_other() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {e.__name__ for e in event_types()}


@pytest.mark.parametrize(("topic", "event_type"), PAIRS, ids=IDS)
def test_the_example_survives_the_wire(topic: Topic, event_type: type[Event]) -> None:
    event = event_type.model_validate(example(event_type))
    wire = event.model_dump_json(exclude_none=True).encode()
    assert decode(record(wire, topic), topic.adapter()) == event
    assert json.loads(wire) == example(event_type)


@pytest.mark.parametrize(("topic", "event_type"), PAIRS, ids=IDS)
def test_a_field_from_the_future_is_ignored(topic: Topic, event_type: type[Event]) -> None:
    later = example(event_type) | {"added_in_a_later_release": {"any": "thing"}}
    event = decode(record(json.dumps(later).encode(), topic), topic.adapter())
    assert event == event_type.model_validate(example(event_type))


def test_an_unknown_event_type_is_refused() -> None:
    assert refused(example(MessageReceived) | {"type": "MessageImagined"}).reason == (
        "unknown_event_type"
    )


def test_an_event_of_another_topic_is_refused() -> None:
    other = next(topic for topic in TOPICS if topic.name == "prat.privacy.v1")
    assert refused(example(MessageReceived), other).reason == "unknown_event_type"


def test_an_unknown_version_is_refused() -> None:
    bad = refused(example(MessageReceived) | {"schema_version": 2})
    assert bad.reason == "unknown_version"


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": "not-a-uuid"},
        {"merchant_id": "No Such Shape"},
        {"conversation_id": SECRET},
        {"occurred_at": "2026-11-23T09:14:02"},
        {"message": SECRET},
    ],
)
def test_a_broken_field_is_named_and_not_quoted(change: dict[str, str]) -> None:
    bad = refused(example(MessageReceived) | change)
    assert bad.reason == "contract_broken"
    assert any(path.endswith(next(iter(change))) for path in bad.where)
    assert SECRET not in str(bad)


def test_a_missing_field_is_named() -> None:
    broken = example(MessageReceived)
    del broken["message"]
    assert refused(broken).where == ("MessageReceived.message",)


@pytest.mark.parametrize("value", [b"", b"{", b"\xff\xfe", b"not json at all"])
def test_what_is_not_json_is_refused(value: bytes) -> None:
    assert refused(value).reason == "not_json"


@pytest.mark.parametrize("value", [[], "text", 7, None])
def test_json_of_another_shape_is_refused(value: object) -> None:
    assert refused(value).reason in {"contract_broken", "unknown_event_type"}


def test_an_empty_record_is_refused() -> None:
    with pytest.raises(BadMessage, match="empty_record"):
        decode(record(None), VISITOR.adapter())
