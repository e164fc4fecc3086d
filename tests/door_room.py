"""The visitor's door on the real broker and store: gateway and retention, with two merchants."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.ports import Ports
from libs.kit.content import Packs
from libs.kit.transcript import TranscriptClient
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.retention import app as retention
from services.retention.settings import RetentionSettings
from tests.builders import ORIGIN, pack
from tests.present import said_present
from tests.running import given_up, running
from tests.visitor import Visitor

OTHER_ORIGIN = "https://havsro.example"
CANARY = "Planted canary sentence 4711, kari@kunde.example"


@dataclass(frozen=True)
class Door:
    """Where the running gateway listens."""

    url: str
    socket: str
    retention: TranscriptClient


@asynccontextmanager
async def open_door(env: Mapping[str, str]) -> AsyncIterator[Door]:
    """Starts both on free ports; `env` is set already."""
    ports = Ports()
    public, internal, retaining = ports.any(), ports.any(), ports.any()
    packs = Packs(pack(), pack("havsro", origins=(OTHER_ORIGIN,)))
    keeping = retention.build(RetentionSettings(retention_internal_port=retaining), content=packs)
    settings = GatewaySettings(
        gateway_public_port=public,
        gateway_internal_port=internal,
        retention_url=f"http://127.0.0.1:{retaining}",
        gateway_hello_seconds=1,
        gateway_conversations_per_hour=1000,
    )
    await said_present(*(each.merchant for each in packs.all()))
    client = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    async with given_up(env["MONGO_URL"]), running(keeping, gateway.build(settings, content=packs)):
        yield Door(f"http://127.0.0.1:{public}", f"ws://127.0.0.1:{public}/v1/socket", client)
    await client.close()


def visitor(door: Door, **changes: Any) -> Visitor:
    """A visitor of the first merchant's shop."""
    return Visitor(door.url, ORIGIN, "fjellbekk", **changes)


async def documents(
    env: Mapping[str, str], service: str, collection: str, conversation: str
) -> list[dict[str, Any]]:
    """What a service keeps of a conversation."""
    client: Any = AsyncIOMotorClient(env["MONGO_URL"])
    mine = {"$or": [{"conversation_id": conversation}, {"_id": conversation}]}
    found = [doc async for doc in client[f"prat_{service}"][collection].find(mine).sort("seq", 1)]
    client.close()
    return found


async def acknowledged(me: Visitor, erasure: str, services: set[str]) -> None:
    """Waits until these services have confirmed an erasure."""
    async with asyncio.timeout(30):
        while True:
            status = (await me.call("GET", erasure)).json()
            if services <= set(status["acknowledged"]):
                return
            await asyncio.sleep(0.05)
