"""Agents who are there for the time of a test, as an open console makes them, or as handoff says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from libs.contracts.case import StaffingChanged
from libs.contracts.content import Merchant
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.mongo import Database, PyMongoError, connect, database
from libs.kit.outbox import Outbox
from libs.kit.settings import CommonSettings
from services.handoff.agents import demo_agent
from services.handoff.presence import skills_of
from services.handoff.roster import STAFFING, Roster
from tests.builders import NoBus

BEAT_SECONDS = 10.0
TOLD_SECONDS = 20.0


async def said_present(*merchants: Merchant) -> None:
    """Says on the bus that somebody is there for every skill, whatever another test said last."""
    bus = Bus(CommonSettings(), "handoff")
    await bus.broker.connect()
    for merchant in merchants:
        online = dict.fromkeys(skills_of(merchant), 1)
        await bus.publish(
            StaffingChanged(
                event_id=uuid4(), merchant_id=merchant.id, occurred_at=utc_now(), online=online
            )
        )
    await bus.broker.stop()


@asynccontextmanager
async def present(mongo_url: str, *emails: str) -> AsyncIterator[None]:
    """Demo agents give signs of life; begins when a running handoff has said that they are there."""
    client = connect(mongo_url)
    db = database(client, "handoff")
    roster = Roster(client, Outbox(db, NoBus()))
    await _beat(roster, emails)
    beating = asyncio.create_task(_go_on(roster, emails))
    await _told(db, emails)
    yield
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    client.close()


async def _beat(roster: Roster, emails: tuple[str, ...]) -> None:
    for email in emails:
        await roster.beat(demo_agent(email))


async def _go_on(roster: Roster, emails: tuple[str, ...]) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        with suppress(PyMongoError):
            await _beat(roster, emails)


async def _told(db: Database, emails: tuple[str, ...]) -> None:
    merchants = {merchant for email in emails for merchant in demo_agent(email).merchants}
    async with asyncio.timeout(TOLD_SECONDS):
        while merchants:
            rows = [row async for row in db[STAFFING.name].find()]
            merchants -= {row["_id"] for row in rows if all(row["online"].values())}
            await asyncio.sleep(0.05)
