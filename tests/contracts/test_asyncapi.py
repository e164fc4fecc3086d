"""The AsyncAPI document has the structure of AsyncAPI 3.0 and says what the contracts say."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from deploy.cli.docs import event_pages
from libs.contracts.asyncapi import document, event_types, example
from libs.contracts.envelope import Event
from libs.contracts.topics import FOR_EVER_MS, SERVICES, TOPICS, Topic, dead_letter_topic

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
DOCUMENT = document("0.0.0")

REF = {
    "type": "object",
    "required": ["$ref"],
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
    "additionalProperties": False,
}
EXTENSIONS: Json = {"^x-[a-zA-Z0-9._-]+$": {}}
STRUCTURE = {
    "type": "object",
    "required": ["asyncapi", "info"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"type": "string"},
        "channels": {"type": "object", "additionalProperties": {"$ref": "#/$defs/channel"}},
        "operations": {"type": "object", "additionalProperties": {"$ref": "#/$defs/operation"}},
        "components": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "messages": {"type": "object", "additionalProperties": {"$ref": "#/$defs/message"}},
                "schemas": {
                    "type": "object",
                    "propertyNames": {"pattern": r"^[\w.-]+$"},
                    "additionalProperties": {"type": "object"},
                },
            },
        },
    },
    "$defs": {
        "channel": {
            "type": "object",
            "required": ["address", "messages"],
            "additionalProperties": False,
            "properties": {
                "address": {"type": "string"},
                "description": {"type": "string", "minLength": 10},
                "messages": {"type": "object", "minProperties": 1, "additionalProperties": REF},
                "bindings": {"type": "object"},
            },
            "patternProperties": EXTENSIONS,
        },
        "operation": {
            "type": "object",
            "required": ["action", "channel"],
            "additionalProperties": False,
            "properties": {
                "action": {"enum": ["send", "receive"]},
                "channel": REF,
                "summary": {"type": "string"},
            },
        },
        "message": {
            "type": "object",
            "required": ["name", "summary", "payload"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "summary": {"type": "string", "minLength": 10},
                "contentType": {"type": "string"},
                "headers": {"type": "object", "properties": {"type": {"const": "object"}}},
                "payload": {"type": "object"},
                "correlationId": {
                    "type": "object",
                    "required": ["location"],
                    "properties": {
                        "location": {"pattern": r"^\$message\.(header|payload)#(/[^/]+)+$"}
                    },
                },
                "bindings": {"type": "object"},
                "examples": {"type": "array", "items": {"required": ["payload"]}},
            },
            "patternProperties": EXTENSIONS,
        },
    },
}


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for inner in value.values() for ref in references(inner)]
    if isinstance(value, list):
        return [ref for inner in value for ref in references(inner)]
    return []


def resolved(reference: str) -> Any:
    value: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        value = value[part]
    return value


def test_it_has_the_structure_of_asyncapi_3() -> None:
    jsonschema.Draft202012Validator.check_schema(STRUCTURE)
    jsonschema.Draft202012Validator(STRUCTURE).validate(DOCUMENT)


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > 50
    for reference in found:
        assert resolved(reference) is not None


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_is_a_channel_with_its_rules(topic: Topic) -> None:
    channel = next(c for c in DOCUMENT["channels"].values() if c["address"] == topic.name)
    assert (channel["x-writer"], tuple(channel["x-readers"])) == (topic.writer, topic.readers)
    assert {*channel["messages"]} == {event.__name__ for event in topic.event_types}
    assert channel["x-purposes"] == [purpose.value for purpose in topic.purposes]
    kafka = channel["bindings"]["kafka"]
    assert kafka["partitions"] == topic.partitions
    wanted = None if topic.retention_ms == FOR_EVER_MS else topic.retention_ms
    assert kafka["topicConfiguration"].get("retention.ms") == wanted


def test_every_dead_letter_topic_is_a_channel() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert {dead_letter_topic(service) for service in SERVICES} <= addresses


def test_one_operation_per_writer_and_reader() -> None:
    wanted = sum(1 + len(topic.readers) for topic in TOPICS)
    assert len(DOCUMENT["operations"]) == wanted


@pytest.mark.parametrize("event_type", event_types(), ids=lambda e: e.__name__)
def test_the_example_fits_the_published_schema(event_type: type[Event]) -> None:
    message = DOCUMENT["components"]["messages"][event_type.__name__]
    schema = message["payload"] | {"components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(example(event_type))
    assert message["examples"][0]["payload"] == example(event_type)


def test_the_committed_pages_are_what_the_code_says() -> None:
    for path, text in event_pages().items():
        assert (ROOT / path).read_text("utf-8") == text, "run `prat docs build`"


def test_the_document_is_plain_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
