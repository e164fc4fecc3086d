"""Within v1 an event may only grow by optional fields; the committed schemas watch over it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from libs.contracts.asyncapi import SCHEMAS, committed_snapshot, snapshot
from libs.contracts.compatibility import breaking_changes
from libs.contracts.topics import BOT, QUESTION, TOPICS, Topic

Json = dict[str, Any]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_code_breaks_no_reader_of_the_committed_schema(topic: Topic) -> None:
    assert breaking_changes(committed_snapshot(topic), snapshot(topic)) == []


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_committed_schema_is_what_the_code_says(topic: Topic) -> None:
    assert committed_snapshot(topic) == snapshot(topic), "run `prat docs snapshot`"


def test_there_is_no_schema_without_a_topic() -> None:
    assert {path.stem for path in SCHEMAS.iterdir()} == {topic.name for topic in TOPICS}


def reply(schema: Json) -> Json:
    model: Json = schema["$defs"]["ReplyComposed"]
    return model


def remove_a_field(schema: Json) -> None:
    del reply(schema)["properties"]["confidence"]


def rename_a_field(schema: Json) -> None:
    properties = reply(schema)["properties"]
    properties["certainty"] = properties.pop("confidence")


def change_a_type(schema: Json) -> None:
    reply(schema)["properties"]["intent"] = {"type": "integer"}


def tighten_a_limit(schema: Json) -> None:
    reply(schema)["properties"]["confidence"]["maximum"] = 0.5


def require_a_new_field(schema: Json) -> None:
    reply(schema)["properties"]["mood"] = {"type": "string"}
    reply(schema)["required"].append("mood")


def require_an_old_field(schema: Json) -> None:
    reply(schema)["required"].append("cause_id")


def let_a_field_be_absent(schema: Json) -> None:
    reply(schema)["required"].remove("confidence")


def drop_an_event(schema: Json) -> None:
    del schema["$defs"]["HandoffOffered"]


def change_an_enumeration(schema: Json) -> None:
    schema["$defs"]["Outcome"]["enum"].append("guessed")


def refuse_the_unknown(schema: Json) -> None:
    reply(schema)["additionalProperties"] = False


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (remove_a_field, "ReplyComposed.confidence is gone"),
        (rename_a_field, "ReplyComposed.confidence is gone"),
        (change_a_type, "ReplyComposed.intent changed its type or values"),
        (tighten_a_limit, "ReplyComposed.confidence changed its type or values"),
        (require_a_new_field, "ReplyComposed.mood became required"),
        (require_an_old_field, "ReplyComposed.cause_id became required"),
        (let_a_field_be_absent, "ReplyComposed.confidence became optional"),
        (drop_an_event, "HandoffOffered is gone"),
        (change_an_enumeration, "Outcome changed its values"),
        (refuse_the_unknown, "ReplyComposed refuses unknown fields now"),
    ],
)
def test_a_breaking_change_is_named(change: Callable[[Json], None], problem: str) -> None:
    before = snapshot(BOT)
    after = deepcopy(before)
    change(after)
    assert breaking_changes(before, after) == [problem]


def test_a_single_event_topic_is_watched_too() -> None:
    after = snapshot(QUESTION)
    del after["properties"]["length"]
    assert breaking_changes(snapshot(QUESTION), after) == ["QuestionCounted.length is gone"]


def test_growing_by_an_optional_field_or_event_is_allowed() -> None:
    after = snapshot(BOT)
    reply(after)["properties"]["mood"] = {"type": "string", "default": ""}
    after["$defs"]["FeedbackGiven"] = {"properties": {}, "type": "object"}
    assert breaking_changes(snapshot(BOT), after) == []


def test_words_may_change() -> None:
    after = snapshot(BOT)
    reply(after)["properties"]["intent"]["title"] = "What the visitor wants"
    assert breaking_changes(snapshot(BOT), after) == []
