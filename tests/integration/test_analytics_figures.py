"""What may be shown, on a real store: written down once, the same for everybody who asks."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.sealed import Sealed
from libs.kit.mongo import Client, Database, database
from libs.kit.outbox import Outbox
from services.analytics import domain
from services.analytics.calendar import Period
from services.analytics.domain import Cell, MessageFacts, Table
from services.analytics.figures import Figures
from services.analytics.folding import Counted
from services.analytics.halves import Half
from services.analytics.releasing import Release
from services.analytics.store import RELEASES, AnalyticsStore
from tests.builders import NoBus, conversation_id, merchant

pytestmark = pytest.mark.connected

SHOP = merchant()
MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


async def no_join(_half: Half, _other: Sealed) -> MessageFacts:
    raise AssertionError


@dataclass
class Room:
    """Counts, and the clock of who looks at them."""

    store: AnalyticsStore
    db: Database
    now: datetime = NOON

    @property
    def figures(self) -> Figures:
        return Figures(self.db.client, lambda: self.now)

    async def chats(self, count: int, topic: str, on: date = MONDAY) -> None:
        cells = [domain.BEGUN, Cell(Table.TOPICS, topic)]
        await self.store.count(
            [Counted(uuid4(), SHOP.id, conversation_id(), on, cells) for _ in range(count)], no_join
        )

    async def shown(self, first: date = MONDAY, last: date = MONDAY) -> Release:
        period = Period(first, last)
        return (await self.figures.shown(SHOP, period)).of(period)

    async def topics(self, first: date = MONDAY, last: date = MONDAY) -> dict[str, int]:
        release = await self.shown(first, last)
        rest = release.rest.get(Table.TOPICS, 0)
        return dict(Counter(release.shown.get(Table.TOPICS, {}))) | (
            {"other": rest} if rest else {}
        )

    async def releases(self) -> list[dict[str, Any]]:
        return [row async for row in self.db[RELEASES.name].find().sort("_id", 1)]


@pytest.fixture
async def room(client: Client) -> Room:
    db = database(client, "analytics")
    await client.drop_database(db.name)
    store = AnalyticsStore(client, Outbox(db, NoBus()), lambda: datetime.now(UTC), b"key")
    await store.prepare()
    return Room(store, db)


async def test_today_moves_in_steps_of_k(room: Room) -> None:
    await room.chats(9, "track_parcel")
    assert (await room.topics(), await room.releases()) == ({}, [])
    await room.chats(3, "track_parcel")
    assert await room.topics() == {"track_parcel": 12}
    await room.chats(9, "track_parcel")
    assert await room.topics() == {"track_parcel": 12}, "fewer than k are new"
    await room.chats(1, "return_how")
    assert await room.topics() == {"track_parcel": 12, "other": 10}
    assert [row["version"] for row in await room.releases()] == [2]


async def test_a_week_shows_what_its_days_could_not_when_it_is_over(room: Room) -> None:
    for n in range(7):
        await room.chats(12, "track_parcel", MONDAY + timedelta(days=n))
        await room.chats(2, "return_how", MONDAY + timedelta(days=n))
    sunday = MONDAY + timedelta(days=6)
    room.now = NOON + timedelta(days=5)
    assert (await room.topics(MONDAY, sunday)).keys() == {"other"}
    room.now = NOON + timedelta(days=7)
    assert await room.topics(MONDAY, sunday) == {"track_parcel": 84, "return_how": 14}
    assert await room.topics(MONDAY, sunday - timedelta(days=1)) == {"other": 84}, "a sum of days"


async def test_what_is_over_is_written_once_whatever_comes_late(room: Room) -> None:
    await room.chats(12, "track_parcel")
    room.now = NOON + timedelta(days=1)
    before = await room.topics()
    await room.chats(30, "return_how")
    assert await room.topics() == before == {"track_parcel": 12}
    assert [(row["version"], row["is_final"]) for row in await room.releases()] == [(1, True)]


async def test_readers_at_once_agree(room: Room) -> None:
    await room.chats(11, "track_parcel")
    found = await asyncio.gather(*(room.topics() for _ in range(8)))
    assert found == [{"track_parcel": 11}] * 8
    assert [row["version"] for row in await room.releases()] == [1]


async def test_a_merchant_sees_its_own(room: Room) -> None:
    await room.chats(11, "track_parcel")
    other = (await room.figures.shown(merchant("fjellbekk-two"), Period(MONDAY, MONDAY))).units
    assert all(release == Release() for release in other.values())
