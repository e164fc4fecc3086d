"""Counts made anew from the topics are those that were counted live; what differs is corrected."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from libs.contracts.content import PackPublished
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, database
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from services.analytics.app import build, rebuilding
from services.analytics.rebuilding import Rebuilding, Rebuilt
from services.analytics.store import COUNTS, MARKS
from tests.analytics_house import bot_turn, forget_records, running, said_in
from tests.builders import conversation_id, pack

pytestmark = pytest.mark.connected

CHATS = 6


async def counts(client: Client, merchant: str) -> Counter[str]:
    rows = database(client, "analytics")[COUNTS.name].find({"_id": {"$regex": f"^{merchant}"}})
    return Counter({row["_id"]: row["n"] async for row in rows})


async def rebuilt(content: PackPublished) -> Rebuilt:
    told: list[tuple[int, int]] = []
    async with rebuilding(Packs(content)) as one:
        found = await one.run(lambda done, of: told.append((done, of)))
    assert told[-1] == (found.records, found.records), "progress is told to the end"
    return found


async def test_rebuilt_counts_are_the_live_ones(
    house_env: Mapping[str, str], client: Client
) -> None:
    settings, content = CommonSettings(), pack(f"shop-{uuid4().hex[:12]}")
    merchant = content.merchant_id
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    service = build(content=Packs(content))
    async with running(service):
        conversations = [conversation_id() for _ in range(CHATS)]
        for conversation in conversations:
            for text in ("hvor er pakken", "ordre 10482217"):
                message = await said_in(ring, merchant, conversation, text)
                await service.bus.publish(message)
                await service.bus.publish(bot_turn(message))
                await service.bus.publish(message)
        await until(client, merchant, "volume|questions", 2 * CHATS)
        await until(client, merchant, "volume|messages", 2 * CHATS)
        live = await counts(client, merchant)
        assert (await rebuilt(content)).corrected == 0
        await spoil(client, merchant)
        found = await rebuilt(content)
        assert found.corrected == 3 * 3
        assert await counts(client, merchant) == live
        assert (await rebuilt(content)).corrected == 0
        # Of a text that is erased meanwhile the facts stay as they were counted.
        await ring.destroy(merchant, conversations[0], utc_now() + timedelta(days=1))
        assert (await rebuilt(content)).corrected == 0
        # A conversation that goes on is in its cells already.
        await client.get_database("prat_analytics")[MARKS.name].delete_many({})
        await rebuilt(content)
        message = await said_in(ring, merchant, conversations[1], "takk")
        await service.bus.publish(message)
        await until(client, merchant, "volume|messages", 2 * CHATS + 1)
        assert (await counts(client, merchant) - live).keys() == {
            key for key in live if key.endswith("|volume|messages")
        }
    await forget_records()


async def until(client: Client, merchant: str, cell: str, n: int) -> None:
    async with asyncio.timeout(60):
        while not any(
            key.endswith(f"month|{cell}") and found == n
            for key, found in (await counts(client, merchant)).items()
        ):
            await asyncio.sleep(0.1)


async def spoil(client: Client, merchant: str) -> None:
    """Loses counts, doubles counts, and makes some up; in each period."""
    table = database(client, "analytics")[COUNTS.name]
    await table.delete_many({"_id": {"$regex": rf"^{merchant}.*\|chats\|begun"}})
    await table.update_many(
        {"_id": {"$regex": rf"^{merchant}.*\|topics\|track_parcel"}}, {"$mul": {"n": 2}}
    )
    for key in [key for key in await counts(client, merchant) if key.endswith("volume|questions")]:
        await table.insert_one({"_id": key.replace("volume|questions", "ratings|5"), "n": 7})


def parts(since: datetime | None, packs: Packs) -> Rebuilding:
    rebuilding = object.__new__(Rebuilding)
    object.__setattr__(rebuilding, "content", packs)
    return rebuilding


@pytest.mark.parametrize(
    ("day", "kind", "is_corrected"),
    [(3, "day", True), (2, "day", False), (2, "week", False), (1, "month", False)],
)
def test_periods_that_are_not_whole_on_the_topics_stay(
    day: int, kind: str, is_corrected: bool
) -> None:
    content = pack()
    zone = ZoneInfo(content.merchant.time_zone)
    since = datetime.combine(date(2026, 3, 3), time(), zone) - timedelta(minutes=1)
    key = f"fjellbekk|2026-03-0{day}|{kind}|chats|begun"
    one = parts(since, Packs(content))
    wrong = one._differences(Counter({key: 1}), Counter({key: 5}), since.astimezone(UTC))
    assert wrong == ({key: 4} if is_corrected else {})


def test_facts_of_texts_never_shrink() -> None:
    key = "fjellbekk|2026-03-02|day|lengths|short"
    one = parts(None, Packs(pack()))
    assert one._differences(Counter({key: 5}), Counter({key: 3}), None) == {}
    assert one._differences(Counter({key: 3}), Counter({key: 5}), None) == {key: 2}
