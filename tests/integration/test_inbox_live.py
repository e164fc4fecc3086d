"""The improvement inbox on a real broker and store: seen by k, gone on a word, every look noted."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli.audit import app as audit_command
from deploy.local.places import Places
from libs.contracts.bot import Outcome
from libs.contracts.content import LEAST_K, RETENTION_DAYS
from libs.contracts.privacy import ErasureRequested, ObjectionRaised
from libs.contracts.sealed import Purpose
from libs.kit.audit import ENTRIES
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Database, connect, database
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from services.analytics.app import build
from services.analytics.inbox.store import SAMPLES
from services.analytics.settings import AnalyticsSettings
from tests.analytics_house import bot_turn, running, said_in
from tests.builders import conversation_id, pack

pytestmark = pytest.mark.connected

PATIENCE = 60.0


@dataclass
class Inbox:
    """Analytics beside a pretended gateway and nlu, for one merchant."""

    shop: str
    bus: Bus
    ring: KeyRing
    page: httpx.AsyncClient
    db: Database
    looks: int = 0

    async def ask(self, text: str, times: int) -> list[str]:
        """So many visitors ask something that the bot does not know; their conversations."""
        before, asking = await self.samples(), [conversation_id() for _ in range(times)]
        for conversation in asking:
            message = await said_in(self.ring, self.shop, conversation, text)
            unknown = {"outcome": Outcome.FALLBACK, "intent": "fallback"}
            await self.bus.publish(message)
            await self.bus.publish(bot_turn(message).model_copy(update=unknown))
        await self.until_kept(before + times)
        return asking

    async def until_kept(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.samples() != count:
                await asyncio.sleep(0.05)

    async def samples(self) -> int:
        return await self.db[SAMPLES.name].count_documents({"merchant_id": self.shop})

    async def look(self) -> list[str]:
        """The first phrase of each cluster that is shown."""
        self.looks += 1
        found = (await self.page.get("/api/inbox")).json()["clusters"]
        return ["".join(piece["text"] for piece in one["phrases"][0]) for one in found]

    def of(self, conversation: str) -> dict[str, Any]:
        """What each event of a conversation has."""
        return {
            "event_id": uuid4(), "merchant_id": self.shop, "conversation_id": conversation,
            "occurred_at": utc_now(),
        }  # fmt: skip


@pytest.fixture
async def inbox(house_env: Mapping[str, str], places: Places) -> AsyncIterator[Inbox]:
    shop = f"shop-{uuid4().hex[:12]}"
    (places.secrets / f"stats-{shop}.token").write_text("key\n")
    content = Packs(pack(shop, statistics_k=LEAST_K))
    service = build(AnalyticsSettings(analytics_inbox_share=1), content=content)
    client = connect(house_env["MONGO_URL"])
    ring = KeyRing(MongoKeyStore(client), CommonSettings().keks(Purpose.DIALOGUE))
    async with (
        running(service),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=service.listeners[0].app), base_url="http://inbox",
            headers={"authorization": "Bearer key"}, params={"merchant": shop},
        ) as page,
    ):  # fmt: skip
        yield Inbox(shop, service.bus, ring, page, database(client, "analytics"))
    client.close()


async def test_seen_by_k_gone_on_a_word_and_every_look_noted(inbox: Inbox) -> None:
    first, *_ = await inbox.ask("Kan jeg jobbe hos dere?", LEAST_K - 1)
    assert await inbox.look() == [], "one too few"
    await inbox.ask("Kan jeg jobbe hos dere?", 1)
    assert await inbox.look() == ["Kan jeg jobbe hos dere?"]

    await inbox.bus.publish(ObjectionRaised(**inbox.of(first)))
    await inbox.until_kept(LEAST_K - 1)
    assert await inbox.look() == []

    other, *_ = await inbox.ask("Do you buy used gear?", LEAST_K)
    assert await inbox.look() == ["Do you buy used gear?"]
    until = utc_now() + timedelta(days=1)
    await inbox.ring.destroy(inbox.shop, other, until)
    erasure = ErasureRequested(**inbox.of(other), erasure_id=uuid4(), requested_by="visitor")
    await inbox.bus.publish(erasure)
    await inbox.until_kept(2 * (LEAST_K - 1))
    assert await inbox.look() == []

    await ends_after_ninety_days(inbox)
    await every_look_is_in_a_whole_log(inbox)


async def ends_after_ninety_days(inbox: Inbox) -> None:
    rows = [row async for row in inbox.db[SAMPLES.name].find({"merchant_id": inbox.shop})]
    lives = [row["expires_at"] - row["hour"] for row in rows]
    least = timedelta(days=RETENTION_DAYS)
    assert all(least <= life <= least + timedelta(hours=1) for life in lives)
    indexes = (await inbox.db[SAMPLES.name].index_information()).values()
    (ending,) = [one for one in indexes if "expireAfterSeconds" in one]
    assert (ending["key"], ending["expireAfterSeconds"]) == ([("expires_at", 1)], 0)


async def every_look_is_in_a_whole_log(inbox: Inbox) -> None:
    checked = await prat_audit("verify")
    assert checked["whole"]
    noted = [row["what"] for row in await prat_audit("show", "--last", "500")
             if row["merchant_id"] == inbox.shop]  # fmt: skip
    assert noted == ["inbox_viewed"] * inbox.looks
    for who, is_whole in (("nobody", False), ("key:first", True)):
        await inbox.db[ENTRIES.name].update_one({"merchant_id": inbox.shop}, {"$set": {"who": who}})
        assert (await prat_audit("verify"))["whole"] is is_whole


async def prat_audit(*words: str) -> Any:
    """What the command says; it has a loop of its own, so it runs beside this one."""
    line = [*words, "--service", "analytics", "--json"]
    return json.loads((await asyncio.to_thread(CliRunner().invoke, audit_command, line)).stdout)
