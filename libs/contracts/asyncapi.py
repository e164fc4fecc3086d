"""The AsyncAPI 3.0 document of the bus, made from TOPICS, docstrings and the tested examples."""

import inspect
import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from libs.contracts.envelope import ConversationEvent, Event
from libs.contracts.sealed import Personal
from libs.contracts.topics import (
    DAYS_7_MS,
    FOR_EVER_MS,
    SERVICES,
    TOPICS,
    Topic,
    dead_letter_topic,
)

Json = dict[str, Any]

EXAMPLES = Path(__file__).parent / "examples"
"""One anonymous, invented example of each event type, `<EventType>.json`."""

SCHEMAS = Path(__file__).parent / "schemas"
"""The JSON Schema of each topic as it was last agreed on, `<topic>.json`."""

REF = "#/components/schemas/{model}"
CONTENT_TYPE = "application/json"
DEAD_LETTER = "DeadLetter"


def document(version: str) -> Json:
    """The whole document; `version` is that of the product."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Prat: the bus",
            "version": version,
            "description": "Facts that services tell each other. Personal fields are sealed: "
            "AES-256-GCM under the conversation's own key for a purpose.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def event_types() -> tuple[type[Event], ...]:
    """Every event type of every topic, once, in the order of declaration."""
    return tuple(dict.fromkeys(event for topic in TOPICS for event in topic.event_types))


def example(event_type: type[Event]) -> Json:
    """The committed example of an event type."""
    loaded: Json = json.loads((EXAMPLES / f"{event_type.__name__}.json").read_text("utf-8"))
    return loaded


def snapshot(topic: Topic) -> Json:
    """The JSON Schema of a topic's events as the code is now."""
    return topic.adapter().json_schema()


def committed_snapshot(topic: Topic) -> Json:
    """The JSON Schema of a topic as it was last agreed on."""
    loaded: Json = json.loads((SCHEMAS / f"{topic.name}.json").read_text("utf-8"))
    return loaded


def personal_fields(event_type: type[Event]) -> dict[str, Personal]:
    """The fields of an event that may identify a visitor, with their marks."""
    return {
        name: mark
        for name, field in event_type.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Personal)
    }


def sentence(described: type) -> str:
    """A class's docstring on one line."""
    return " ".join((inspect.getdoc(described) or "").split())


def channel_name(topic: Topic) -> str:
    """The short name of a topic: `visitor` of `prat.visitor.v1`."""
    return topic.name.split(".")[1]


def _channels() -> Json:
    channels = {channel_name(topic): _channel(topic) for topic in TOPICS}
    return channels | {f"dlq-{service}": _dead_letters(service) for service in SERVICES}


def _channel(topic: Topic) -> Json:
    configuration: Json = {"cleanup.policy": topic.cleanup.split(",")}
    if topic.retention_ms != FOR_EVER_MS:
        configuration["retention.ms"] = topic.retention_ms
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
            for event in topic.event_types
        },
        "bindings": _kafka(topic.partitions, configuration),
        "x-writer": topic.writer,
        "x-readers": list(topic.readers),
        "x-purposes": [purpose.value for purpose in topic.purposes],
    }


def _dead_letters(service: str) -> Json:
    return {
        "address": dead_letter_topic(service),
        "description": f"Records that {service} could not read or handle, unchanged.",
        "messages": {DEAD_LETTER: {"$ref": f"#/components/messages/{DEAD_LETTER}"}},
        "bindings": _kafka(1, {"cleanup.policy": ["delete"], "retention.ms": DAYS_7_MS}),
        "x-writer": service,
        "x-readers": [],
        "x-purposes": [],
    }


def _kafka(partitions: int, configuration: Json) -> Json:
    return {
        "kafka": {
            "partitions": partitions,
            "topicConfiguration": configuration,
            "bindingVersion": "0.5.0",
        }
    }


def _operations() -> Json:
    operations = {}
    for topic in TOPICS:
        operations[f"{topic.writer}-sends-{channel_name(topic)}"] = _operation(topic, "send")
        for reader in topic.readers:
            name = f"{reader}-receives-{channel_name(topic)}"
            operations[name] = _operation(topic, "receive")
    return operations


def _operation(topic: Topic, action: str) -> Json:
    channel = f"#/channels/{channel_name(topic)}"
    return {"action": action, "channel": {"$ref": channel}, "summary": topic.about}


def _messages() -> Json:
    return {event.__name__: _message(event) for event in event_types()} | {
        DEAD_LETTER: _dead_letter_message()
    }


def _message(event_type: type[Event]) -> Json:
    name = event_type.__name__
    return {
        "name": name,
        "summary": sentence(event_type),
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "properties": {"type": {"const": name}}},
        "payload": {"$ref": REF.format(model=name)},
        "correlationId": {"location": "$message.payload#/cause_id"},
        "bindings": {"kafka": {"key": _key(event_type), "bindingVersion": "0.5.0"}},
        "examples": [{"name": name, "payload": example(event_type)}],
        "x-personal": {
            field: {"purposes": [p.value for p in mark.purposes], "holds": mark.holds}
            for field, mark in personal_fields(event_type).items()
        },
    }


def _key(event_type: type[Event]) -> Json:
    by_conversation = issubclass(event_type, ConversationEvent)
    return {
        "type": "string",
        "description": "conversation_id" if by_conversation else "merchant_id",
    }


def _dead_letter_message() -> Json:
    headers = ("reason", "where", "topic", "partition", "offset")
    return {
        "name": DEAD_LETTER,
        "summary": "The bytes of a record that failed; the headers say why and where it lay.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": {name: {"type": "string"} for name in headers}},
        "payload": {"type": "string", "contentEncoding": "binary"},
    }


def _schemas() -> Json:
    _, schema = models_json_schema(
        [(event, "validation") for event in event_types()], ref_template=REF
    )
    definitions: Json = schema["$defs"]
    return dict(sorted(definitions.items()))
