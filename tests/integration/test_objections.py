""" "Do not use my questions for improvement": said at the door, kept, honoured back to the start."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.contracts.sealed import Sealed
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, Database, database
from libs.kit.outbox import OUTBOX, Outbox
from services.analytics import domain
from services.analytics.domain import MessageFacts, TurnFacts
from services.analytics.folding import Counted
from services.analytics.halves import OBJECTIONS, PENDING, Half
from services.analytics.store import COUNTS, AnalyticsStore
from tests.builders import NOW, NoBus, conversation_id, sealed

MESSAGE = MessageFacts(length="short", mentions=())
TURN = TurnFacts(topic="track_parcel", language="nb", outcome="answered", hour=NOW)


async def join(half: Half, _other: Sealed) -> MessageFacts | TurnFacts:
    return TURN if half.side == "message" else MESSAGE


@dataclass(frozen=True)
class Counts:
    """An analytics store whose database is empty at the start of each test."""

    db: Database
    store: AnalyticsStore

    async def half(self, conversation: str, question_id: UUID, side: domain.Side) -> None:
        facts = MESSAGE if side == "message" else TURN
        half = Half(question_id, "fjellbekk", conversation, side, facts, lambda _facts: sealed())
        cells = [domain.MESSAGE]
        counted = Counted(uuid4(), "fjellbekk", conversation, NOW.date(), cells, half)
        await self.store.count([counted], join)

    async def question(self, conversation: str) -> None:
        question_id = uuid4()
        await self.half(conversation, question_id, "message")
        await self.half(conversation, question_id, "turn")

    async def told(self) -> int:
        return await self.db[OUTBOX.name].count_documents({})

    async def pending(self) -> int:
        return await self.db[PENDING.name].count_documents({})

    async def marks(self) -> list[dict[str, Any]]:
        return [row async for row in self.db[OBJECTIONS.name].find()]


@pytest.fixture
async def counts(client: Client) -> Counts:
    db = database(client, "analytics")
    await client.drop_database(db.name)
    store = AnalyticsStore(client, Outbox(db, NoBus()), utc_now, b"key")
    await store.prepare()
    return Counts(db, store)


async def test_whoever_objects_is_counted_and_no_question_is_made(counts: Counts) -> None:
    mine, begun = conversation_id(), uuid4()
    await counts.half(mine, begun, "message")
    for _ in range(2):
        await counts.store.halves.raise_objection(mine, utc_now())
    assert await counts.pending() == 0, "what was said before is dropped, too"
    await counts.half(mine, begun, "turn")
    await counts.question(mine)
    assert (await counts.pending(), await counts.told()) == (0, 0)
    row = await counts.db[COUNTS.name].find_one({})
    assert row
    assert row["n"] == 4, "numbers without anybody's words are counted all the same"


async def test_a_newer_word_stands_whatever_comes_late(counts: Counts) -> None:
    mine, at = conversation_id(), utc_now()
    await counts.store.halves.raise_objection(mine, at)
    await counts.store.halves.withdraw_objection(mine, at - timedelta(seconds=1))
    await counts.question(mine)
    assert await counts.told() == 0
    await counts.store.halves.withdraw_objection(mine, at + timedelta(seconds=1))
    await counts.question(mine)
    assert await counts.told() == 1


async def test_an_objection_is_of_one_conversation_and_goes_with_it(counts: Counts) -> None:
    mine = conversation_id()
    await counts.store.halves.raise_objection(mine, utc_now())
    await counts.question(conversation_id())
    assert await counts.told() == 1
    (mark,) = await counts.marks()
    assert mark.keys() == {"_id", "since", "expires_at"}
    assert await counts.store.erase(mine) == {
        "pending": 0, "samples": 0, "objections": 1, "marks": 0,
    }  # fmt: skip
    assert await counts.marks() == []


async def test_it_lasts_as_long_as_the_conversation_is_heard_of(counts: Counts) -> None:
    mine, soon = conversation_id(), utc_now() + timedelta(days=1)
    await counts.store.halves.raise_objection(mine, utc_now())
    await counts.db[OBJECTIONS.name].update_one({}, {"$set": {"expires_at": soon}})
    await counts.question(mine)
    (mark,) = await counts.marks()
    assert mark["expires_at"] > utc_now() + timedelta(days=89)
