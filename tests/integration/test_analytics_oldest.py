"""The oldest record, on a real store: a bound that always holds and tells of no single conversation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from libs.kit.drift import GRACE
from libs.kit.mongo import Client, Database, database
from libs.kit.outbox import Outbox
from services.analytics.inbox.store import SAMPLES
from services.analytics.oldest import Oldest, Records
from services.analytics.store import COUNTS, MARKS, AnalyticsStore
from tests.builders import NoBus, merchant

pytestmark = pytest.mark.connected

SHOP = merchant()
K = SHOP.statistics_k
NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)


@dataclass
class Room:
    """Analytics' database, empty at first."""

    db: Database

    async def samples(self, ages: list[float], shop: str = SHOP.id) -> None:
        """One of each age in days, all of different conversations."""
        rows = [
            {"_id": uuid4().hex, "merchant_id": shop, "conversation": uuid4().hex, "text": "x",
             "hour": NOW - timedelta(days=age), "is_open": False,
             "expires_at": NOW + timedelta(days=90 - age)}
            for age in ages
        ]  # fmt: skip
        await self.db[SAMPLES.name].insert_many(rows)

    async def months(self, counts: dict[str, int]) -> None:
        rows = [{"_id": f"{SHOP.id}|{key}|chats|begun", "n": n} for key, n in counts.items()]
        await self.db[COUNTS.name].insert_many(rows)

    async def oldest(self) -> Oldest:
        return await Records(self.db.client).oldest(SHOP, NOW)


@pytest.fixture
async def room(client: Client) -> Room:
    db = database(client, "analytics")
    await client.drop_database(db.name)
    await AnalyticsStore(client, Outbox(db, NoBus()), lambda: NOW, b"key").prepare()
    return Room(db)


async def test_an_empty_house_tells_what_always_holds(room: Room) -> None:
    assert await room.oldest() == Oldest(samples=90, marks=35, halves=1, counts_since=None)


async def test_the_age_is_told_in_weeks_and_of_k_conversations_at_least(room: Room) -> None:
    await room.samples([15.0] + [1.0] * (K - 2))
    await room.samples([80.0] * K, shop="havsro")
    assert (await room.oldest()).samples == 90, "fewer than k"
    await room.samples([2.0])
    assert (await room.oldest()).samples == 21
    await room.samples([89.5])
    assert (await room.oldest()).samples == 90


async def test_what_the_store_should_have_deleted_makes_it_older(room: Room) -> None:
    late = NOW - GRACE - timedelta(days=2)
    await room.db[MARKS.name].insert_one({"_id": "x", "seen": [b"x"], "expires_at": late})
    found = await room.oldest()
    assert (found.marks, found.halves) == (38, 1)
    assert found.as_json()["days"] == 90


async def test_counts_begin_with_the_first_month_that_k_share(room: Room) -> None:
    await room.months({"2025-11-01|month": K - 1, "2025-12-01|day": 50, "2026-02-01|month": 70})
    assert (await room.oldest()).counts_since == date(2026, 2, 1)
    await room.months({"2026-01-01|month": K})
    assert (await room.oldest()).counts_since == date(2026, 1, 1)
