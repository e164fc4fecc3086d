"""The improvement inbox in the store: kept once, shown together, gone with an erasure or an objection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.contracts.sealed import Sealed
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, Database, database
from libs.kit.outbox import Outbox
from services.analytics import domain
from services.analytics.domain import MessageFacts, TurnFacts
from services.analytics.folding import Counted
from services.analytics.halves import Half
from services.analytics.inbox.phrases import Phrase
from services.analytics.inbox.store import SAMPLES
from services.analytics.store import AnalyticsStore
from tests.builders import NoBus, conversation_id, sealed

TEXT = "Kan jeg bytte <UNKNOWN>?"
MESSAGE = MessageFacts(length="short", mentions=(), phrase=TEXT)
START = datetime.min.replace(tzinfo=utc_now().tzinfo) + timedelta(days=1)
K = 3


def turn(until: datetime | None) -> TurnFacts:
    hour = utc_now().replace(minute=0, second=0, microsecond=0)
    return TurnFacts(topic="other", language="nb", outcome="fallback", hour=hour, until=until)


async def join(_half: Half, _other: Sealed) -> MessageFacts:
    return MESSAGE


@dataclass(frozen=True)
class Inbox:
    """An analytics store whose database is empty at the start of each test."""

    db: Database
    store: AnalyticsStore

    async def asked(
        self, conversation: str, *, days: float | None = 90, question: UUID | None = None
    ) -> None:
        """A question: both halves, one after the other."""
        question_id = question or uuid4()
        until = None if days is None else utc_now() + timedelta(days=days)
        halves: tuple[tuple[domain.Side, MessageFacts | TurnFacts], ...] = (
            ("message", MESSAGE), ("turn", turn(until)),
        )  # fmt: skip
        for side, facts in halves:
            half = Half(
                question_id, "fjellbekk", conversation, side, facts, lambda _facts: sealed()
            )
            cells = [domain.MESSAGE]
            one = Counted(uuid4(), "fjellbekk", conversation, utc_now().date(), cells, half)
            await self.store.count([one], join)

    async def rows(self) -> list[Mapping[str, Any]]:
        return [row async for row in self.db[SAMPLES.name].find()]

    async def shown(self, k: int = K, merchant: str = "fjellbekk") -> list[Phrase]:
        await self.store.samples.open(merchant, k)
        return await self.store.samples.newest(merchant, START)


@pytest.fixture
async def inbox(client: Client) -> Inbox:
    db = database(client, "analytics")
    await client.drop_database(db.name)
    store = AnalyticsStore(client, Outbox(db, NoBus()), utc_now, b"key")
    await store.prepare()
    return Inbox(db, store)


async def test_a_sample_has_no_id_and_no_time_that_leads_back(inbox: Inbox) -> None:
    mine, question = conversation_id(), uuid4()
    await inbox.asked(mine, question=question)
    (row,) = await inbox.rows()
    assert row["text"] == TEXT
    assert mine not in str(row)
    assert str(question) not in str(row)
    assert (row["hour"].minute, row["hour"].second) == (0, 0)


async def test_of_what_the_bot_knew_nothing_is_kept(inbox: Inbox) -> None:
    await inbox.asked(conversation_id(), days=None)
    assert await inbox.rows() == []


async def test_nothing_is_seen_until_k_conversations_wait(inbox: Inbox) -> None:
    first = conversation_id()
    for _ in range(K):
        await inbox.asked(first)
    await inbox.asked(conversation_id())
    assert await inbox.shown() == []
    await inbox.asked(conversation_id())
    assert len(await inbox.shown()) == K + 2
    await inbox.asked(conversation_id())
    assert len(await inbox.shown()) == K + 2


async def test_an_erasure_deletes_the_samples_and_says_how_many(inbox: Inbox) -> None:
    mine = conversation_id()
    await inbox.asked(mine)
    await inbox.asked(mine)
    await inbox.asked(conversation_id())
    assert (await inbox.store.erase(mine))["samples"] == 2
    assert len(await inbox.rows()) == 1


async def test_an_objection_reaches_back_to_the_start_and_forward(inbox: Inbox) -> None:
    mine = conversation_id()
    await inbox.asked(mine)
    await inbox.store.halves.raise_objection(mine, utc_now())
    assert await inbox.rows() == []
    await inbox.asked(mine)
    assert await inbox.rows() == []


async def test_what_is_past_its_end_is_not_seen(inbox: Inbox) -> None:
    for _ in range(K):
        await inbox.asked(conversation_id(), days=1)
    assert len(await inbox.shown()) == K
    await inbox.db[SAMPLES.name].update_many({}, {"$set": {"expires_at": utc_now()}})
    assert await inbox.shown() == []


async def test_put_away_and_brought_back_for_one_shop_only(inbox: Inbox) -> None:
    for _ in range(K):
        await inbox.asked(conversation_id())
    ids = [phrase.id for phrase in await inbox.shown()]
    samples = inbox.store.samples
    await samples.put_away("havsro", ids)
    assert len(await inbox.shown()) == K
    name = await samples.put_away("fjellbekk", ids)
    assert await inbox.shown() == []
    assert await samples.has_put_away("fjellbekk")
    await samples.bring_back("havsro", name)
    assert await inbox.shown() == []
    await samples.bring_back("fjellbekk", name)
    assert len(await inbox.shown()) == K
    assert not await samples.has_put_away("fjellbekk")
