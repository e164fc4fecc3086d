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
from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.content import PackPublished
from libs.contracts.privacy import ErasureRequested
from libs.contracts.question import QuestionCounted
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
from libs.privacy.sealing import Place
from services.analytics import domain
from services.analytics.app import build
from services.analytics.domain import Cell, MessageFacts, Side, Table, TurnFacts
from services.analytics.store import COUNTS, INBOX, PENDING, AnalyticsStore, Half
from tests.builders import NOW, NoBus, conversation_id, message_received, pack, sealed

pytestmark = pytest.mark.connected

CELL = Cell(Table.MESSAGES, "fjellbekk|2026-03-02|13|short")
MESSAGE = MessageFacts(length="short", mentions=("email",))
TURN = TurnFacts(topic="track_parcel", language="nb", outcome="answered", hour=NOW)
COUNT_KEY = re.compile(r"[a-z0-9-]{3,40}\|\d{4}-\d\d-\d\d\|\d\d(\|[a-z0-9_]{2,40}){1,3}")
WRITTEN = ("Ingvild", "Moe", "10482217", "ingvild@post.example", "heter")
TEXT = "Jeg heter Ingvild Moe, ordre 10482217, ingvild@post.example"


@dataclass(frozen=True)
class Room:
    """An analytics store whose database is empty at the start of each test."""

    client: Client
    db: Database
    store: AnalyticsStore

    async def half(self, question_id: UUID, side: Side, event_id: UUID | None = None) -> bool:
        async def join(_other: Sealed) -> QuestionCounted:
            return domain.question(uuid4(), "fjellbekk", MESSAGE, TURN)

        half = Half(question_id, "fjellbekk", conversation_id(), side, sealed())
        return await self.store.count_half(event_id or uuid4(), [CELL], half, join)

    async def all(self, name: str) -> list[dict[str, Any]]:
        return [row async for row in self.db[name].find().sort("_id", 1)]


@pytest.fixture
async def room(stack: Stack) -> AsyncIterator[Room]:
    client = connect(stack.store.url)
    db = database(client, "analytics")
    await client.drop_database(db.name)
    store = AnalyticsStore(client, Outbox(db, NoBus()), utc_now)
    await store.prepare()
    yield Room(client, db, store)
    client.close()


async def test_an_event_counts_once_however_often_and_at_once_it_comes(room: Room) -> None:
    event_id = uuid4()
    firsts = await asyncio.gather(
        *(room.store.count(event_id, "fjellbekk", [CELL]) for _ in range(8))
    )
    assert sorted(firsts) == [*[False] * 7, True]
    assert await room.all(Table.MESSAGES) == [{"_id": CELL.key, "n": 1}]


async def test_counters_lose_nothing_under_load(room: Room) -> None:
    await asyncio.gather(*(room.store.count(uuid4(), "fjellbekk", [CELL]) for _ in range(40)))
    assert await room.all(Table.MESSAGES) == [{"_id": CELL.key, "n": 40}]


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
    assert await erasing == {"pending": 1, "objections": 0}
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
    async def broken(_other: Sealed) -> QuestionCounted:
        raise RuntimeError

    question_id = uuid4()
    await room.half(question_id, "message")
    half = Half(question_id, "fjellbekk", conversation_id(), "turn", sealed())
    with pytest.raises(RuntimeError):
        await room.store.count_half(uuid4(), [CELL], half, broken)
    assert await room.all(Table.MESSAGES) == [{"_id": CELL.key, "n": 1}]
    assert len(await room.all(INBOX.name)) == 1
    assert len(await room.all(PENDING.name)) == 1


async def test_cells_are_those_of_the_merchant_and_the_days(room: Room) -> None:
    keys = [
        "fjellbekk|2026-02-28|23|short", "fjellbekk|2026-03-01|00|short",
        "fjellbekk|2026-03-02|23|long", "fjellbekk|2026-03-03|00|short",
        "fjellbekk-two|2026-03-01|10|short", "havsro|2026-03-01|10|short",
    ]  # fmt: skip
    for key in keys:
        await room.store.count(uuid4(), "fjellbekk", [Cell(Table.MESSAGES, key)])
    first, last = NOW.date() - timedelta(days=1), NOW.date()
    found = await room.store.cells(Table.MESSAGES, "fjellbekk", first, last)
    assert found == [(["2026-03-01", "00", "short"], 1), (["2026-03-02", "23", "long"], 1)]


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
        event = message_received(
            conversation, merchant_id=self.pack.merchant_id, occurred_at=utc_now()
        )
        body = await self.ring.seal(Place.of(event), Purpose.DIALOGUE, MessageBody(text=text))
        return event.model_copy(update={"message": body})

    def answer(self, message: MessageReceived) -> ReplyComposed:
        return ReplyComposed(
            event_id=uuid4(), merchant_id=message.merchant_id, occurred_at=utc_now(),
            conversation_id=message.conversation_id, cause_id=message.event_id,
            intent="track_parcel", language="nb", outcome=Outcome.ANSWERED, confidence=0.9,
            pack_version="test", message=sealed(),
        )  # fmt: skip

    async def told_next(self, conversation: str = "") -> dict[str, Any]:
        """The next record of the merchant, or of the conversation, on what analytics writes."""
        async for record in self.told:
            if record.key == (conversation or self.pack.merchant_id).encode():
                told: dict[str, Any] = json.loads(record.value)
                return told
        raise AssertionError

    async def totals(self) -> dict[str, Any]:
        answer = await self.page.get("/api/statistics")
        totals: dict[str, Any] = answer.json()["totals"]
        return totals


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
async def running(service: Any) -> AsyncIterator[None]:
    for step in (*service.prepare, service.bus.start):
        await step()
    tasks = [asyncio.create_task(step()) for step in service.background]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await service.bus.stop()
    service.client.close()


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
    await house.bus.publish(house.answer(message))
    told = await asyncio.wait_for(house.told_next(), 30)
    assert told["mentions"] == ["email", "order_number", "person"]
    assert (told["topic"], told["outcome"], told["length"]) == (
        "track_parcel",
        "answered",
        "medium",
    )
    assert "conversation_id" not in told
    assert "cause_id" not in told
    assert (await house.totals())["questions"] == 1
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
    assert acknowledged["deleted"] == {"pending": 1, "objections": 0}
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
    for collection in COUNTS:
        for row in rows.pop(collection.name):
            assert {*row} == {"_id", "n"}
            assert COUNT_KEY.fullmatch(row["_id"])
    assert {*rows} == {"freshness", "inbox", "pending", "objections", "outbox", "outbox_counters"}
    assert all({*row} == {"_id", "expires_at"} for row in rows["inbox"])
    assert all({*row} == {"_id", "counted_at"} for row in rows["freshness"])
