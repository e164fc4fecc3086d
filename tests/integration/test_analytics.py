"""Analytics on a real broker and store: counted once, joined once, and nothing of anybody kept."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.places import Places
from deploy.local.stack import Stack
from libs.contracts.content import PackPublished
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.topics import ANALYTICS, QUESTION
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, Database, connect, database
from libs.kit.outbox import OUTBOX, Outbox
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from services.analytics import domain
from services.analytics.app import build
from services.analytics.domain import Cell, MessageFacts, Side, Table, TurnFacts
from services.analytics.folding import Counted
from services.analytics.halves import PENDING, Half
from services.analytics.store import COUNTS, INBOX, MARKS, POSITIONS, AnalyticsStore
from tests.analytics_house import bot_turn, running, said_in
from tests.builders import NOW, NoBus, conversation_id, pack, sealed

pytestmark = pytest.mark.connected

CELLS = (domain.BEGUN, domain.MESSAGE, Cell(Table.LENGTHS, "short"))
MESSAGE = MessageFacts(length="short", mentions=("email",))
TURN = TurnFacts(topic="track_parcel", language="nb", outcome="answered", hour=NOW)
COUNT_KEY = re.compile(
    r"[a-z0-9-]{3,40}\|\d{4}-\d\d-\d\d\|(day|week|month)\|[a-z]{5,9}\|[a-z0-9_]{1,40}"
)
WRITTEN = ("Ingvild", "Moe", "10482217", "ingvild@post.example", "heter")
TEXT = "Jeg heter Ingvild Moe, ordre 10482217, ingvild@post.example"
TODAY = "fjellbekk|2026-03-02|day|"


async def join(half: Half, _other: Sealed) -> MessageFacts | TurnFacts:
    return TURN if half.side == "message" else MESSAGE


def half_of(question_id: UUID, side: Side, conversation: str) -> Half:
    facts = MESSAGE if side == "message" else TURN
    return Half(question_id, "fjellbekk", conversation, side, facts, lambda _facts: sealed())


def counted(conversation: str = "", **changes: Any) -> Counted:
    """What a message of NOW adds."""
    fields: dict[str, Any] = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "day": NOW.date(), "cells": CELLS,
        "conversation_id": conversation or conversation_id(),
    }  # fmt: skip
    return Counted(**(fields | changes))


@dataclass(frozen=True)
class Room:
    """An analytics store whose database is empty at the start of each test."""

    client: Client
    db: Database
    store: AnalyticsStore

    async def count(self, *batch: Counted) -> int:
        return await self.store.count(batch, join)

    async def half(self, question_id: UUID, side: Side, event_id: UUID | None = None) -> int:
        mine = conversation_id()
        half = half_of(question_id, side, mine)
        return await self.count(counted(mine, half=half, event_id=event_id or uuid4()))

    async def counts(self, prefix: str = TODAY) -> dict[str, int]:
        rows = await self.all(COUNTS.name)
        return {
            row["_id"].removeprefix(prefix): row["n"]
            for row in rows
            if row["_id"].startswith(prefix)
        }

    async def all(self, name: str) -> list[dict[str, Any]]:
        return [row async for row in self.db[name].find().sort("_id", 1)]


@pytest.fixture
async def room(stack: Stack) -> AsyncIterator[Room]:
    client = connect(stack.store.url)
    db = database(client, "analytics")
    await client.drop_database(db.name)
    store = AnalyticsStore(client, Outbox(db, NoBus()), utc_now, b"key")
    await store.prepare()
    yield Room(client, db, store)
    client.close()


async def test_an_event_counts_once_however_often_and_at_once_it_comes(room: Room) -> None:
    one = counted()
    firsts = await asyncio.gather(*(room.count(one, one) for _ in range(8)))
    assert sorted(firsts) == [*[0] * 7, 1]
    assert await room.counts() == {"chats|begun": 1, "lengths|short": 1, "volume|messages": 1}


async def test_counters_lose_nothing_under_load(room: Room) -> None:
    batches = [[counted() for _ in range(5)] for _ in range(12)]
    await asyncio.gather(*(room.count(*batch) for batch in batches))
    assert await room.counts() == {"chats|begun": 60, "lengths|short": 60, "volume|messages": 60}


async def test_a_conversation_counts_once_per_cell_and_period(room: Room) -> None:
    mine, tomorrow = conversation_id(), NOW.date() + timedelta(days=1)
    await room.count(counted(mine), counted(mine))
    await room.count(counted(mine, day=tomorrow), counted(mine, cells=[Cell(Table.HOURS, "13")]))
    assert await room.counts() == {
        "chats|begun": 1, "hours|13": 1, "lengths|short": 1, "volume|messages": 2,
    }  # fmt: skip
    assert (await room.counts("fjellbekk|2026-03-03|day|"))["chats|begun"] == 1
    assert (await room.counts("fjellbekk|2026-03-02|week|"))["chats|begun"] == 1
    assert (await room.counts("fjellbekk|2026-03-01|month|"))["chats|begun"] == 1
    assert (await room.counts("fjellbekk|2026-03-01|month|"))["volume|messages"] == 3


async def test_the_marks_of_a_conversation_lead_to_nobody_and_go_with_it(room: Room) -> None:
    mine = conversation_id()
    await room.count(counted(mine))
    (row,) = await room.all(MARKS.name)
    assert mine not in repr(row)
    assert {*row} == {"_id", "seen", "expires_at"}
    assert {len(mark) for mark in row["seen"]} == {8}
    assert await room.store.erase(mine) == {
        "pending": 0, "samples": 0, "objections": 0, "marks": 1,
    }  # fmt: skip
    await room.count(counted(mine, cells=[Cell(Table.ERASURES, "asked")], is_marked=False))
    assert await room.all(MARKS.name) == []
    assert (await room.counts())["erasures|asked"] == 1


async def test_two_halves_at_once_make_one_question(room: Room) -> None:
    questions = [uuid4() for _ in range(10)]
    await asyncio.gather(*(room.half(q, side) for q in questions for side in ("message", "turn")))
    assert len(await room.all(OUTBOX.name)) == 10
    assert await room.all(PENDING.name) == []


async def test_an_erasure_behind_an_open_transaction_stops_nobody(room: Room) -> None:
    """A process killed in mid-transaction leaves it open; the store ends it after a minute."""
    question_id = uuid4()
    await room.half(question_id, "message")
    row = (await room.all(PENDING.name))[0]
    async with await room.client.start_session() as dead:
        dead.start_transaction()
        await room.db[PENDING.name].update_one(
            {"_id": row["_id"]}, {"$set": {"side": "turn"}}, session=dead
        )
        erasing = asyncio.create_task(room.store.erase(row["conversation_id"]))
        async with asyncio.timeout(20):
            for _ in range(5):
                assert await room.half(uuid4(), "message"), "others are counted meanwhile"
        assert not erasing.done()
        await dead.abort_transaction()
    assert await erasing == {
        "pending": 1, "samples": 0, "objections": 0, "marks": 1,
    }  # fmt: skip
    assert row["_id"] not in [left["_id"] for left in await room.all(PENDING.name)]


async def test_a_repeated_half_joins_nothing(room: Room) -> None:
    question_id, event_id = uuid4(), uuid4()
    await room.half(question_id, "message", event_id)
    await room.half(question_id, "message", event_id)
    await room.half(question_id, "message")
    assert await room.all(OUTBOX.name) == []
    assert len(await room.all(PENDING.name)) == 1


async def test_a_half_that_is_too_old_is_not_met(room: Room) -> None:
    question_id = uuid4()
    await room.half(question_id, "message")
    await room.db[PENDING.name].update_many({}, {"$set": {"expires_at": utc_now()}})
    await room.half(question_id, "turn")
    assert await room.all(OUTBOX.name) == []
    assert [row["side"] for row in await room.all(PENDING.name)] == ["turn"]


async def test_a_failing_join_counts_nothing(room: Room) -> None:
    async def broken(_half: Half, _other: Sealed) -> MessageFacts | TurnFacts:
        raise RuntimeError

    question_id = uuid4()
    await room.half(question_id, "message")
    turn = counted(half=half_of(question_id, "turn", conversation_id()))
    with pytest.raises(RuntimeError):
        await room.store.count([turn], broken, read_to={("prat.bot.v1", 0): 9})
    assert (await room.counts())["chats|begun"] == 1
    assert len(await room.all(INBOX.name)) == len(await room.all(PENDING.name)) == 1
    assert await room.all(POSITIONS.name) == []


async def test_how_far_was_counted_is_written_with_the_counts(room: Room) -> None:
    for offset in (5, 9):
        await room.store.count([counted()], join, read_to={("prat.bot.v1", 3): offset})
    assert await room.all(POSITIONS.name) == [{"_id": "prat.bot.v1|3", "offset": 9}]


@dataclass
class House:
    """Analytics as a service beside a pretended gateway, nlu and retention, for one merchant."""

    pack: PackPublished
    bus: Bus
    ring: KeyRing
    page: httpx.AsyncClient
    db: Database
    told: AIOKafkaConsumer

    async def message(self, conversation: str, text: str) -> MessageReceived:
        """A visitor's message, sealed."""
        return await said_in(self.ring, self.pack.merchant_id, conversation, text)

    async def told_next(self, conversation: str = "") -> dict[str, Any]:
        """The next record of the merchant, or of the conversation, on what analytics writes."""
        async for record in self.told:
            if record.key == (conversation or self.pack.merchant_id).encode():
                told: dict[str, Any] = json.loads(record.value)
                return told
        raise AssertionError

    async def figures(self) -> dict[str, Any]:
        answer = await self.page.get("/api/statistics")
        figures: dict[str, Any] = answer.json()
        return figures

    async def count_of(self, cell: str) -> int:
        today = {"$regex": rf"^{self.pack.merchant_id}\|.*\|day\|{cell}$"}
        rows = [row["n"] async for row in self.db[COUNTS.name].find({"_id": today.copy()})]
        return sum(rows)


@pytest.fixture
async def house(house_env: Mapping[str, str], places: Places) -> AsyncIterator[House]:
    merchant = f"shop-{uuid4().hex[:12]}"
    (places.secrets / f"stats-{merchant}.token").write_text("key\n")
    content = pack(merchant)
    service = build(content=Packs(content))
    client = connect(house_env["MONGO_URL"])
    settings = CommonSettings()
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    async with running(service), listening(house_env) as told:
        transport = httpx.ASGITransport(app=service.listeners[0].app)
        page = httpx.AsyncClient(
            transport=transport, base_url="http://statistics",
            headers={"authorization": "Bearer key"},
            params={"merchant": merchant, "days": 2},
        )  # fmt: skip
        yield House(content, service.bus, ring, page, database(client, "analytics"), told)
        await page.aclose()
    client.close()


@asynccontextmanager
async def listening(env: Mapping[str, str]) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        QUESTION.name, ANALYTICS.name, bootstrap_servers=env["KAFKA_BOOTSTRAP"],
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    yield consumer
    await consumer.stop()


async def test_a_question_is_counted_told_and_forgotten(house: House) -> None:
    conversation = await begun(house)
    message = await house.message(conversation, TEXT)
    await house.bus.publish(message)
    await house.bus.publish(bot_turn(message))
    told = await asyncio.wait_for(house.told_next(), 30)
    assert told["mentions"] == ["email", "order_number", "person"]
    assert (told["topic"], told["outcome"], told["length"]) == (
        "track_parcel",
        "answered",
        "medium",
    )
    assert "conversation_id" not in told
    assert "cause_id" not in told
    assert (await house.figures())["totals"]["chats"] is None, "too few to be shown"
    assert await house.count_of("chats.begun") == 1
    await assert_nothing_personal(house.db, conversation)


async def test_an_erasure_deletes_what_waits_and_is_acknowledged(house: House) -> None:
    conversation = await begun(house)
    message = await house.message(conversation, TEXT)
    await house.bus.publish(message)
    while not await waiting(house.db, conversation):
        await asyncio.sleep(0.05)
    await house.ring.destroy(message.merchant_id, conversation, utc_now() + timedelta(days=1))
    erasure = ErasureRequested(
        event_id=uuid4(), merchant_id=message.merchant_id, conversation_id=conversation,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
    await house.bus.publish(erasure)
    acknowledged = await asyncio.wait_for(house.told_next(conversation), 30)
    assert acknowledged["deleted"] == {
        "pending": 1, "samples": 0, "objections": 0, "marks": 1,
    }  # fmt: skip
    assert await waiting(house.db, conversation) == 0
    await assert_nothing_personal(house.db, conversation)


async def waiting(db: Database, conversation: str) -> int:
    return await db[PENDING.name].count_documents({"conversation_id": conversation})


async def begun(house: House) -> str:
    """A conversation with a key."""
    conversation, end = conversation_id(), utc_now() + timedelta(days=90)
    await house.ring.mint(house.pack.merchant_id, conversation, Purpose.DIALOGUE, end)
    return conversation


async def assert_nothing_personal(db: Database, conversation: str) -> None:
    names = await db.list_collection_names()
    rows = {name: [row async for row in db[name].find()] for name in names}
    assert not any(word in repr(rows) for word in (*WRITTEN, conversation))
    for row in rows.pop(COUNTS.name):
        assert {*row} == {"_id", "n"}
        assert COUNT_KEY.fullmatch(row["_id"])
    assert {*rows} == {
        "audit", "audit_ends", "freshness", "inbox", "marks", "pending", "objections", "outbox",
        "outbox_counters", "positions", "releases", "samples", "statistics_keys", "log_in_tries",
    }  # fmt: skip
    assert all({*row} == {"_id", "expires_at"} for row in rows["inbox"])
    assert all({*row} == {"_id", "counted_at"} for row in rows["freshness"])
    assert all({*row} == {"_id", "offset"} for row in rows["positions"])
    assert all(
        {*row} == {"_id", "shown", "rest", "version", "is_final"} for row in rows["releases"]
    )
