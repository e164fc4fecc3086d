"""The data map is the code's: nothing is kept that is not in it, nothing personal goes where it may not."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest

import libs.kit
import services
from deploy.privacy.holdings import collections, data_map
from deploy.privacy.pages import privacy_pages
from libs.contracts.asyncapi import event_types
from libs.contracts.datamap import Ends, Life, Nature, Use, broken_promises, bus_rows, say_time
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ObjectionRaised
from libs.contracts.sealed import Personal, Purpose, Sealed
from libs.contracts.topics import BOT, CASE, LEDGER, PRIVACY, SERVICES, TOPICS, Topic
from libs.kit.mongo import Collection
from tests.builders import merchant

ROOT = Path(__file__).parents[2]
AUDIT_DAYS = 400
ROWS = {row.place: row for row in collections(AUDIT_DAYS)}

SHARED = {
    "libs.kit.outbox": {"handoff", "retention", "analytics"},
    "libs.kit.audit": {"handoff", "analytics"},
    "libs.kit.accounts": {"handoff", "nlu"}, "libs.kit.single_sign_on": {"handoff"},
    "libs.kit.try_counts": {"handoff", "nlu", "analytics"}, "libs.kit.keystore": {"keys"},
    "libs.kit.expiry": {"journal"},
}  # fmt: skip
"""Which databases the kit's own collections are in."""


def modules(package: object) -> Iterator[str]:
    path, name = package.__path__, package.__name__  # type: ignore[attr-defined]
    for found in pkgutil.walk_packages(path, f"{name}."):
        yield found.name


def declared() -> dict[str, Collection]:
    """Every collection in the code by its place, found by importing every module."""
    found: dict[str, Collection] = {}
    for name in (*modules(libs.kit), *modules(services)):
        module = importlib.import_module(name)
        if "Collection(" not in inspect.getsource(module):
            continue
        for value in vars(module).values():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Collection):
                    owners = SHARED.get(name, {name.split(".")[1]})
                    found |= {f"{owner}.{each.name}": each for owner in owners}
    return found


DECLARED = declared()


def test_every_collection_in_the_code_is_in_the_map_and_no_other() -> None:
    made_by_accounts = {"handoff.agents", "nlu.editors"}
    assert {*ROWS} == {*DECLARED} | made_by_accounts, (
        "say what it holds in deploy/privacy/holdings.py"
    )


def test_collections_are_declared_where_the_map_finds_them() -> None:
    """Not inside of a function: such a one would be in no map."""
    inside = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for folder in ("libs", "services")
        for path in (ROOT / folder).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Collection"
    ]
    assert [where.partition(":")[0] for where in inside] == ["libs/kit/accounts.py"]


@pytest.mark.parametrize("place", sorted(DECLARED))
def test_what_is_of_visitors_expires_in_the_store_itself(place: str) -> None:
    row, is_expiring = ROWS[place], DECLARED[place].expiring
    if row.nature in (Nature.PERSONAL, Nature.LINKED):
        assert is_expiring, "a collection with something of visitors needs `expiring=True`"
    by_clock = row.life.longest(merchant()) is not None
    is_chain = place in {"handoff.audit", "analytics.audit"}  # which is cut by age
    assert by_clock == is_expiring or is_chain


@pytest.mark.parametrize("place", sorted(place for place in DECLARED if DECLARED[place].expiring))
def test_what_is_told_is_no_longer_than_what_the_store_is_watched_for(place: str) -> None:
    longest = ROWS[place].life.longest(merchant())
    assert longest is not None
    assert longest <= DECLARED[place].lives


@pytest.mark.parametrize("place", sorted(DECLARED))
def test_what_is_personal_is_stored_sealed(place: str) -> None:
    row = ROWS[place]
    assert row.sealed or row.nature is not Nature.PERSONAL
    assert row.uses or row.nature is Nature.NONE
    if "sealed" in DECLARED[place].required:
        assert row.sealed


def test_every_field_of_every_event_is_in_the_map() -> None:
    fields = {row.item for row in bus_rows() if row.item}
    assert fields == {f"{e.__name__}.{name}" for e in event_types() for name in e.model_fields}


def test_personal_fields_are_sealed_and_end_with_their_topic() -> None:
    row = next(row for row in bus_rows() if row.item == "MessageReceived.message")
    assert (row.nature, row.sealed, row.holder) == (Nature.PERSONAL, True, "gateway")
    assert row.uses == (Use.DIALOGUE, Use.CASE)
    assert row.life == Life(Ends.FIXED, timedelta(hours=72))


def test_what_hangs_on_a_conversation_is_linked_and_content_is_about_nobody() -> None:
    natures = {row.item: row.nature for row in bus_rows()}
    assert natures["CaseQueued.position"] is natures["QueueChanged.places"] is Nature.LINKED
    assert natures["QuestionCounted.topic"] is natures["PackPublished.merchant"] is Nature.NONE


def test_nothing_personal_goes_where_it_may_not() -> None:
    assert broken_promises(TOPICS) == []


class Leaking(ConversationEvent):
    """An event as a tired person might write it."""

    type: Literal["Leaking"] = "Leaking"
    message: Annotated[Sealed, Personal((Purpose.CASE,), "MessageBody")]


class Clear(ConversationEvent):
    """The e-mail address in clear."""

    type: Literal["Clear"] = "Clear"
    email: Annotated[str, Personal((Purpose.CASE,), "an address")]


class Unmarked(ConversationEvent):
    """Sealed, and nobody knows for what."""

    type: Literal["Unmarked"] = "Unmarked"
    note: Sealed | None


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        (replace(BOT, events=Leaking), "Leaking.message is for case, and prat.bot.v1 carries dialogue"),
        (replace(CASE, events=Clear), "Clear.email is personal and travels in clear"),
        (replace(CASE, events=Unmarked), "Unmarked.note is sealed and does not say for what"),
        (replace(CASE, compacted=True), "for ever"),
        (replace(CASE, retention_ms=CASE.retention_ms + 1), "more than 72 hours"),
        (replace(PRIVACY, retention_ms=LEDGER.retention_ms), "more than 72 hours"),
        (replace(LEDGER, events=ObjectionRaised), "more than 72 hours"),
    ],
)  # fmt: skip
def test_each_way_to_break_the_promise_is_found(topic: Topic, problem: str) -> None:
    assert any(problem in found for found in broken_promises([topic]))


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_has_keys_of_a_purpose_that_no_topic_brings_it(service: str) -> None:
    source = inspect.getsource(importlib.import_module(f"services.{service}.app").build)
    opened = {purpose for purpose in Purpose if f"Purpose.{purpose.name}" in source}
    read = {p for topic in TOPICS if service in topic.readers for p in topic.purposes}
    written = {p for topic in TOPICS if topic.writer == service for p in topic.purposes}
    assert opened <= read | written
    assert service not in ("analytics", "nlu") or Purpose.CASE not in opened


def test_the_lives_of_a_shop_with_shorter_days_are_shorter() -> None:
    shop = merchant(retention_days=30, case_cap_days=200)
    lives = {row.place: row.life.longest(shop) for row in data_map()}
    assert lives["nlu.dialogues"] == timedelta(days=30)
    assert lives["handoff.cases"] == lives["retention.messages"] == timedelta(days=200)


def test_the_committed_pages_are_what_the_code_says() -> None:
    for path, text in privacy_pages().items():
        assert (ROOT / path).read_text("utf-8") == text, "run `prat docs build`"


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(days=7), "7 days"), (timedelta(hours=72), "3 days"), (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=3), "3 minutes"), (timedelta(seconds=90), "90 seconds"),
        (timedelta(days=1), "24 hours"),
    ],
)  # fmt: skip
def test_a_time_is_said_as_people_say_it(time: timedelta, words: str) -> None:
    assert say_time(time) == words
