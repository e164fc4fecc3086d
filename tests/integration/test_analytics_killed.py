"""Analytics killed in the middle of a batch: started again, every event has counted once."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Mapping
from signal import SIGKILL
from uuid import uuid4

import pytest

from deploy.local.ports import Ports
from libs.contracts.envelope import ConversationEvent
from libs.contracts.sealed import Purpose
from libs.kit.bus import Bus
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, database
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from services.analytics.app import build
from tests.analytics_house import bot_turn, running, said_in
from tests.builders import conversation_id, pack
from tests.fixtures.dying_analytics import STEPS

pytestmark = pytest.mark.connected

CHATS, MESSAGES = 10, 4


async def said(ring: KeyRing, merchant: str) -> list[ConversationEvent]:
    """Chats with their keys, and what was said in them."""
    events: list[ConversationEvent] = []
    for conversation in [conversation_id() for _ in range(CHATS)]:
        for _ in range(MESSAGES):
            message = await said_in(ring, merchant, conversation, "hei")
            events += [message, bot_turn(message)]
    return events


async def counts(client: Client, merchant: str) -> Counter[str]:
    rows = database(client, "analytics")["counts"].find({"_id": {"$regex": f"^{merchant}.*month"}})
    return Counter({row["_id"].split("|month|")[1]: row["n"] async for row in rows})


@pytest.mark.parametrize("step", STEPS)
async def test_killed_in_a_batch_it_counts_each_event_once(
    house_env: Mapping[str, str], client: Client, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    settings, merchant = CommonSettings(), f"shop-{uuid4().hex[:12]}"
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    events = await said(ring, merchant)
    bus = Bus(settings, "gateway")
    await bus.start()
    await asyncio.gather(*(bus.publish(event) for event in events))
    await bus.stop()
    ports = {f"PRAT_ANALYTICS_{name}_PORT": str(Ports().any()) for name in ("PUBLIC", "INTERNAL")}
    # The name is that of the process: the one after it takes its place in the group at once.
    same = {"PRAT_INSTANCE": "1"}
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fixtures.dying_analytics", step, merchant,
        env={**os.environ, **house_env, **ports, **same}, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await asyncio.wait_for(dying.wait(), 60) == -SIGKILL
    # The store would end the dead process's transaction by itself, after a minute.
    await client.admin.command({"killAllSessions": []})
    monkeypatch.setenv("PRAT_INSTANCE", "1")
    async with running(build(content=Packs(pack(merchant)))), asyncio.timeout(100):
        while (await counts(client, merchant))["volume|questions"] < CHATS * MESSAGES:
            await asyncio.sleep(0.2)
    found = await counts(client, merchant)
    assert found["volume|messages"] == found["volume|questions"] == CHATS * MESSAGES
    assert found["chats|begun"] == found["topics|track_parcel"] == CHATS
    told = database(client, "analytics")["outbox"].count_documents(
        {"event": {"$regex": f'"merchant_id":"{merchant}"'}}
    )
    assert await told == CHATS * MESSAGES
