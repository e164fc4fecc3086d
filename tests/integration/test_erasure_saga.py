"""An erasure on the real broker and store whose answers are lost: asked again, told, finished."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.local.ports import Ports
from libs.contracts.privacy import ErasureRequested
from libs.contracts.topics import PRIVACY, SERVICES
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.settings import CommonSettings
from libs.kit.transcript import TranscriptClient
from services.retention import app as retention
from services.retention.receipts import read_keys, verify
from services.retention.settings import RetentionSettings
from tests.builders import conversation_id, pack
from tests.running import running

OTHERS = tuple(service for service in SERVICES if service != "retention")


@dataclass
class Others:
    """The other four services, who do nothing but answer; some are deaf for a while."""

    bus: Bus
    conversation: str = field(default_factory=conversation_id)
    deaf: set[str] = field(default_factory=set)
    heard: list[UUID] = field(default_factory=list)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Acknowledges, as whoever is not deaf."""
        if event.conversation_id != self.conversation:
            return
        self.heard.append(event.event_id)
        for service in set(OTHERS) - self.deaf:
            await self.bus.publish(event.acknowledged(service, {"things": 1}, utc_now()))


@dataclass(frozen=True)
class Room:
    """Running retention, and who is asked by it."""

    others: Others
    client: TranscriptClient
    url: str

    async def readiness(self) -> tuple[int, Any]:
        async with httpx.AsyncClient(base_url=self.url) as http:
            answer = await http.get("/readyz")
        return answer.status_code, answer.json()["alarms"]["erasures"]

    async def figures(self) -> str:
        async with httpx.AsyncClient(base_url=self.url) as http:
            return (await http.get("/metrics")).text

    async def until_waiting_for(self, erasure_id: UUID, service: str) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while (status := await self.client.erasure(erasure_id))["waiting_for"] != [service]:
                await asyncio.sleep(0.05)
        return status

    async def until_done(self, erasure_id: UUID) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while not (status := await self.client.erasure(erasure_id))["done"]:
                await asyncio.sleep(0.05)
        return status


@pytest.fixture
async def room(house_env: Mapping[str, str]) -> AsyncIterator[Room]:
    port = Ports().any()
    settings = RetentionSettings(
        retention_internal_port=port, retention_ask_again_seconds=1, retention_overdue_seconds=1
    )
    others = Others(Bus(CommonSettings(), "others"))
    handlers: Any = {ErasureRequested: others.erasure_requested}
    others.bus.subscribe("erasures", PRIVACY, handlers=handlers)
    url = f"http://127.0.0.1:{port}"
    client = TranscriptClient(url, settings.secret("internal.token"))
    async with running(retention.build(settings, content=Packs(pack()))):
        await others.bus.start()
        yield Room(others, client, url)
        await others.bus.stop()
    await client.close()


@pytest.mark.parametrize("service", OTHERS)
async def test_a_lost_answer_is_told_of_asked_for_again_and_then_signed(
    room: Room, service: str
) -> None:
    room.others.deaf = {service}
    erasure_id = await room.client.erase("fjellbekk", room.others.conversation, "merchant")
    async with asyncio.timeout(30):
        while len(room.others.heard) < 3 or (await room.readiness())[1] is None:
            await asyncio.sleep(0.05)
    status, alarm = await room.readiness()
    assert status == 200, "the fault is somewhere else: exports and new erasures go on"
    assert alarm.startswith("erasures_overdue: ")
    assert service in alarm
    figures = await room.figures()
    assert "\nerasures_overdue 0" not in figures
    assert 'ttl_lag_seconds{collection="prat_retention.messages"} ' in figures
    waiting = await room.until_waiting_for(erasure_id, service)
    assert waiting["state"] == "not finished"
    room.others.deaf = set()
    done = await room.until_done(erasure_id)
    assert len(set(room.others.heard)) == 1, "the same event each time"
    keys = read_keys(await room.client.receipt_keys())
    proven = verify(await room.client.receipt(erasure_id), keys)
    assert proven.requested_by == "merchant"
    assert proven.deleted == done["deleted"]
    assert proven.deleted[service] == {"things": 1}
    assert room.others.conversation not in json.dumps(done)
