"""Erasures while others write: how long until a conversation is unreadable, and has its receipt."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.runner import DemoHouse, Options
from deploy.local.places import Places
from libs.kit.mongo import connect, database
from tests.visitor import Visitor

TALKERS = 100
AT_ONCE = 20
PATIENCE_SECONDS = 300
QUESTION = "Hvordan kan jeg betale?"
SHOP = "fjellbekk"


@dataclass(frozen=True)
class Plan:
    """How much of what; `messages` counts what visitors and the bot write all together."""

    count: int
    erasures_per_second: float
    messages_per_second: float


@dataclass
class Load:
    """Visitors who ask all the time; every question has an answer, and that makes two messages."""

    talkers: list[Visitor]
    messages_per_second: float
    said: int = 0

    async def go(self) -> None:
        """Asks for ever, in turn, at the rate."""
        due = time.monotonic()
        while True:
            for talker in self.talkers:
                await talker.say(QUESTION)
                self.said += 1
                due += 2 / self.messages_per_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))


async def measure(plan: Plan) -> dict[str, Any]:
    """Erases conversations under load in a house of its own; seconds."""
    os.environ["PRAT_GATEWAY_CONVERSATIONS_PER_HOUR"] = "1000000"
    with tempfile.TemporaryDirectory() as folder:
        options = Options(restart_dead=False, fixed_ports=False)
        house = DemoHouse(Places.at(Path(folder)), options, environ={})
        await house.start()
        try:
            return await _measure(house, plan)
        finally:
            await house.stop()


async def _measure(house: DemoHouse, plan: Plan) -> dict[str, Any]:
    _say(f"{plan.count} conversations are begun")
    doomed = await conversations(house, plan.count)
    async with AsyncExitStack() as stack, loaded(house, stack, plan) as load:
        _say("erasing")
        began, before = time.monotonic(), load.said
        calls = await erase_all(doomed, plan.erasures_per_second)
        seconds = time.monotonic() - began
        rate = 2 * (load.said - before) / seconds
        answered = sum(len(one.by("bot")) for one in load.talkers)
        took = await times(house, plan.count)
    return {
        "calls": calls, "took": took, "rate": rate, "erasures": plan.count / seconds,
        "answered": answered, "asked": load.said, "stack": house.stack.sentence,
    }  # fmt: skip


async def conversations(house: DemoHouse, count: int) -> list[Visitor]:
    """Visitors who asked once and left."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> Visitor:
        async with gate, newcomer(house) as visitor:
            await visitor.reply_to(QUESTION, seconds=PATIENCE_SECONDS)
        return visitor

    return await asyncio.gather(*(one() for _ in range(count)))


def newcomer(house: DemoHouse) -> Visitor:
    """Somebody at the demo's shop."""
    return Visitor(house.layout.url("gateway"), house.layout.url(SHOP), SHOP)


@asynccontextmanager
async def loaded(house: DemoHouse, stack: AsyncExitStack, plan: Plan) -> AsyncIterator[Load]:
    """Meanwhile others talk with the bot."""
    talkers = [await stack.enter_async_context(newcomer(house)) for _ in range(TALKERS)]
    load = Load(talkers, plan.messages_per_second)
    task = asyncio.create_task(load.go())
    yield load
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def erase_all(doomed: list[Visitor], per_second: float) -> list[float]:
    """Asks for one erasure after another, at the rate; how long each call took."""
    asked, due = list[asyncio.Task[float]](), time.monotonic()
    for visitor in doomed:
        asked.append(asyncio.create_task(ask(visitor)))
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    return await asyncio.gather(*asked)


async def ask(visitor: Visitor) -> float:
    """Asks as the gear menu does."""
    began = time.monotonic()
    answer = await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
    answer.raise_for_status()
    return time.monotonic() - began


async def times(house: DemoHouse, count: int) -> list[float]:
    """From being asked for until the last service had acknowledged and the receipt was signed."""
    client = connect(house.store.url)
    try:
        erasures = database(client, "retention")["erasures"]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await erasures.count_documents({"completed_at": {"$ne": None}}) < count:
                await asyncio.sleep(0.5)
        rows = await erasures.find({}).to_list(None)
        return [(row["completed_at"] - row["requested_at"]).total_seconds() for row in rows]
    finally:
        client.close()


def _say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
