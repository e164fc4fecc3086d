"""Batches off the bus: all or nothing, and who is at fault goes to the dead letters alone."""

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from libs.contracts.topics import VISITOR
from libs.contracts.visitor import MessageReceived, VisitorSeen
from libs.kit import receiving
from libs.kit.bus import Away, Batch, Bus
from libs.kit.decoding import tolerant_batch_parser
from libs.kit.errors import Refused, Unavailable
from libs.kit.settings import CommonSettings
from tests.builders import conversation_id, message_received

CANARY = "Planted-Canary-4711"
ADAPTERS = {VISITOR.name: VISITOR.adapter()}


def record(offset: int, value: bytes | None = None, partition: int = 0) -> Any:
    event = message_received(conversation_id(), locale=f"l{offset}")
    body = event.model_dump_json().encode() if value is None else value
    return SimpleNamespace(
        value=body, topic=VISITOR.name, partition=partition, offset=offset, key=b"k"
    )


class Room:
    """A bus whose dead letters are kept, and a handler that fails where a test wants it to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = Bus(CommonSettings(), "analytics")
        self.batches: list[Batch] = []
        self.letters: list[dict[str, str]] = []
        self.fails: dict[str, Exception] = {}
        monkeypatch.setattr(self.bus, "_send", self.send)
        monkeypatch.setattr(receiving, "RETRY_PAUSES", (0.0,))

    async def send(self, _topic: str, _key: bytes, _body: bytes, headers: dict[str, str]) -> None:
        self.letters.append(headers)

    async def handle(self, batch: Batch) -> None:
        for event in batch.events:
            if event.locale in self.fails:
                raise self.fails[event.locale]
        self.batches.append(batch)

    async def receive(self, *records: Any) -> None:
        await self.bus._receive_batch(records, ADAPTERS, {MessageReceived}, self.handle)

    @property
    def handled(self) -> list[list[str]]:
        return [[event.locale for event in batch.events] for batch in self.batches]


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(monkeypatch)


async def test_a_batch_comes_whole_with_the_offsets_that_it_reaches(room: Room) -> None:
    await room.receive(record(3), record(4), record(7, partition=5))
    assert room.handled == [["l3", "l4", "l7"]]
    assert room.batches[0].read_to == {(VISITOR.name, 0): 5, (VISITOR.name, 5): 8}


async def test_kinds_that_nobody_wants_and_empty_batches_wake_nobody(room: Room) -> None:
    seen = VisitorSeen(**message_received(conversation_id()).model_dump(exclude={"type"}))
    await room.receive(record(1, seen.model_dump_json().encode()))
    assert room.batches == []


async def test_an_unreadable_record_is_buried_and_the_others_stay_together(room: Room) -> None:
    await room.receive(record(1), record(2, CANARY.encode()), record(3))
    assert room.handled == [["l1", "l3"]]
    assert [(one["reason"], one["offset"]) for one in room.letters] == [("not_json", "2")]


async def test_who_breaks_the_handler_is_buried_alone(room: Room) -> None:
    room.fails["l2"] = RuntimeError(CANARY)
    with capture_logs() as lines:
        await room.receive(record(1), record(2), record(3))
    assert room.handled == [["l1"], ["l3"]]
    assert [(one["reason"], one["offset"]) for one in room.letters] == [
        ("handler_failed:RuntimeError", "2")
    ]
    assert CANARY not in json.dumps(lines)


async def test_who_is_refused_is_buried_alone(room: Room) -> None:
    room.fails["l2"] = Refused(404, "unknown_merchant", "")
    await room.receive(record(1), record(2))
    assert room.handled == [["l1"]]
    assert [one["reason"] for one in room.letters] == ["refused:unknown_merchant"]


async def test_while_something_is_away_nothing_is_buried_and_all_comes_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_pause(_seconds: float) -> None:
        return

    monkeypatch.setattr(asyncio, "sleep", no_pause)
    room.fails["l2"] = Unavailable("store")
    records = record(1), record(2)
    with pytest.raises(Away):
        await room.receive(*records)
    assert (room.handled, room.letters) == ([], [])
    room.fails.clear()
    await room.receive(*records)
    assert room.handled == [["l1", "l2"]]


async def test_a_broken_header_loses_no_batch() -> None:
    async def original(messages: Sequence[Any]) -> list[str]:
        return [value.decode() for one in messages for _name, value in one.headers]

    records = tuple(SimpleNamespace(headers=((b"h", value),)) for value in (b"\xff", None, b"ok"))
    assert await tolerant_batch_parser(records, original) == ["\N{REPLACEMENT CHARACTER}", "", "ok"]
