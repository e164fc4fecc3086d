"""The journey in time: two conversations on the day before their end, at their end, and after."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from deploy.demo.runner import DemoHouse
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, connect, database, store_time
from tests.proof.look import Expected, Look, Looking
from tests.proof.time_travel import Clock
from tests.visitor import NOBODY

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

GONE_SECONDS = 300
"""Physically gone so long after the end at the latest; the store sweeps each minute."""

NOTICED_SECONDS = 60


class Traveller(Protocol):
    """A conversation that is looked at."""

    @property
    def conversation(self) -> str:
        """Its id."""

    def add(self, look: Look) -> None:
        """Another look at it."""


@dataclass
class Era:
    """A store and a retention with clocks of their own, and somebody who looks at them."""

    house: DemoHouse
    client: Client
    looking: Looking
    stores: Clock
    retentions: Clock

    async def go(self, moment: datetime, *, apart: timedelta = timedelta()) -> None:
        """It is `moment` for the store; retention's clock is `apart` from it. Returns when both know."""
        ahead = moment - utc_now()
        self.stores.go(ahead)
        self.retentions.go(ahead + apart)
        self.looking.ahead = ahead

        async def arrived() -> bool:
            return await store_time(self.client) >= moment

        await until(arrived, NOTICED_SECONDS)

    async def alarm(self) -> str:
        """What retention says of itself."""
        url = f"{self.house.layout.internal_url('retention')}/readyz"
        async with httpx.AsyncClient(verify=NOBODY, timeout=10) as asking:
            return (await asking.get(url)).text

    async def end_of(self, conversation_id: str) -> datetime:
        """When the last document of a conversation ends."""
        messages = database(self.client, "retention")["messages"]
        row = await messages.find_one(
            {"conversation_id": conversation_id}, sort=[("expires_at", -1)]
        )
        assert row
        end: datetime = row["expires_at"]
        return end


async def journey(
    house: DemoHouse, bot: Traveller, person: Traveller, say: Callable[[str], None]
) -> list[str]:
    """Looks at both until they are gone; how long the store needed. Services are away before."""
    async with era(house) as here:
        ends, later = await here.end_of(bot.conversation), await here.end_of(person.conversation)
        await here.go(ends - HOUR, apart=DAY)
        with here.retentions.worn():
            await house.services["retention"].start()
        say("an hour before the end, retention's clock a day ahead")
        await until(lambda: said(here, "ahead of the store"), NOTICED_SECONDS)
        when = "an hour before its 90 days are over, retention's clock a day ahead"
        bot.add(await here.looking.at(bot.conversation, when, Expected.PRESENT, ask=False))
        await here.go(ends - HOUR)
        await until(lambda: is_shown(here, bot.conversation), NOTICED_SECONDS)
        when = "an hour before its 90 days are over"
        bot.add(await here.looking.at(bot.conversation, when, Expected.PRESENT))
        say("its 90 days are over")
        told = [await ended(here, bot, "its 90 days", ends, apart=-DAY)]
        say("its case is over")
        return [*told, await ended(here, person, "its case's days", later)]


async def ended(
    here: Era, one: Traveller, days: str, moment: datetime, *, apart: timedelta = timedelta()
) -> str:
    """Looks at the end, and when the store has swept; then with retention's clock `apart`."""
    await here.go(moment)
    began = time.monotonic()

    async def is_hidden() -> bool:
        return not await here.looking.shown(one.conversation)

    await until(is_hidden, NOTICED_SECONDS)
    hidden = time.monotonic() - began
    one.add(await here.looking.at(one.conversation, f"{days} are over", Expected.UNREADABLE))
    if apart:
        await here.go(utc_now() + here.looking.ahead, apart=apart)

    async def is_swept() -> bool:
        return not await here.looking.records(one.conversation)

    await until(is_swept, GONE_SECONDS)
    swept = time.monotonic() - began
    slow = ", retention's clock a day behind" if apart else ""
    when = f"{days} are over, {swept:.0f} s later{slow}"
    one.add(await here.looking.at(one.conversation, when, Expected.GONE))
    seen = f"nothing was shown after {hidden:.1f} s, nothing lay in the store after {swept:.0f} s"
    return f"When {days} were over, {seen}."


@asynccontextmanager
async def era(house: DemoHouse) -> AsyncIterator[Era]:
    """The store of the house starts anew with a clock of its own, now still at our time."""
    stores, retentions = (Clock(house.places.root / name) for name in ("clock-s", "clock-r"))
    stores.go(timedelta())
    await house.store.stop()
    with stores.worn():
        await house.store.start()
    client = connect(house.store.url)
    try:
        yield Era(house, client, Looking(house, client), stores, retentions)
    finally:
        client.close()
        await house.services["retention"].stop()


async def said(here: Era, words: str) -> bool:
    """Whether retention says so of itself."""
    return words in await here.alarm()


async def is_shown(here: Era, conversation_id: str) -> bool:
    """Whether retention gives out a message."""
    return await here.looking.shown(conversation_id) > 0


async def until(true: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Returns when it is true; or at the end of its time, and then a look tells."""
    deadline = time.monotonic() + seconds
    while not await true() and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
