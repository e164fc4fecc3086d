"""Agents who are there for the time of a test, as an open console makes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from libs.kit.mongo import Database, PyMongoError, connect, database
from libs.kit.outbox import Outbox
from services.handoff.agents import demo_agent
from services.handoff.roster import STAFFING, Roster
from tests.builders import NoBus

BEAT_SECONDS = 10.0
TOLD_SECONDS = 20.0


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
