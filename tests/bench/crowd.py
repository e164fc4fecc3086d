"""A full house: 500 open chats and 50 agents; how soon visitors hear of the queue and of their agent.

`python -m tests.bench.crowd [CHATS AGENTS]` writes docs/figures/crowd.md.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http.client import TOO_MANY_REQUESTS
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.runner import DemoHouse, Options
from deploy.local.places import Places
from deploy.local.secrets import agent_passwords
from tests.bench import pages
from tests.visitor import NOBODY, Visitor

CHATS, AGENTS = 500, 50
ARRIVALS = 100
"""Visitors who come while all these chats are open, one after another; each is claimed at once."""

ARRIVALS_PER_SECOND = 2.0
REPLIES_PER_SECOND = 5.0
"""What the agents write meanwhile, all together."""

PUSHES = 10
"""Claims at the head of the full queue: all the others move up."""

AT_ONCE = 50
ROOM = 20
"""Cases that an agent may have at a time."""

SHOP = "fjellbekk"
FORM = {"topic": "track_parcel", "order_number": "10482217"}

BODY = """\
{chats} visitors with open sockets, {agents} agents with open streams and their own sessions, the demo's
house as processes ({stack}); visitors and agents are one more process on the same machine.

{table}

- *Agent on the screen*: with {chats} chats open, {arrivals} more visitors come, {rate:.0f} a second; each
  is claimed by some agent as soon as the list shows the case, while the agents write {replies:.0f} answers
  a second in other chats; from sending the claim until the visitor's socket names the agent.
- *Place in the queue*: {waiting} more visitors come and wait; an agent claims the first of them; from
  sending the claim until the last of the others has the new place on the screen. {pushes} claims, one
  after another, with the answers going on.
"""


@dataclass
class Desk:
    """An agent at work: a session, an open stream, and the cases that were claimed."""

    browser: httpx.AsyncClient
    cases: list[str] = field(default_factory=list)

    async def claim(self, case_id: str) -> float:
        """Takes a case; when it was asked for."""
        began = time.monotonic()
        answer = await self.browser.post(f"/api/cases/{case_id}/claim", json={})
        answer.raise_for_status()
        self.cases.append(case_id)
        return began

    async def reply(self) -> None:
        """Writes in one of the cases."""
        body = {"client_id": str(uuid4()), "text": "Jeg ser på det nå."}
        case_id = random.choice(self.cases)
        (await self.browser.post(f"/api/cases/{case_id}/reply", json=body)).raise_for_status()

    async def waiting(self) -> list[str]:
        """The cases that wait, the first first."""
        answer = (await self.browser.get("/api/queue")).raise_for_status()
        return [case["case_id"] for case in answer.json()["waiting"]]

    async def listen(self) -> None:
        """Keeps the stream of notices open."""
        async with self.browser.stream("GET", "/api/stream", timeout=None) as stream:
            async for _ in stream.aiter_raw():
                pass


@asynccontextmanager
async def at_work(console: str, passwords: dict[str, str]) -> AsyncIterator[list[Desk]]:
    """The agents, logged in, there, each with room for all the chats."""
    desks, tasks = list[Desk](), list[asyncio.Task[None]]()
    headers = {"x-prat-console": "1", "origin": console}
    async with AsyncExitStack() as stack:
        for email, password in passwords.items():
            browser = await stack.enter_async_context(
                httpx.AsyncClient(base_url=console, headers=headers, timeout=60, verify=NOBODY)
            )
            await _log_in(browser, {"email": email, "password": password})
            desks.append(Desk(browser))
            tasks.append(asyncio.create_task(desks[-1].listen()))
            here = {"state": "online", "capacity": ROOM}
            (await browser.post("/api/presence", json=here)).raise_for_status()
        try:
            yield desks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _log_in(browser: httpx.AsyncClient, form: dict[str, str]) -> None:
    """Waits when told to: one address may try 30 times a minute."""
    while (answer := await browser.post("/api/login", json=form)).status_code == TOO_MANY_REQUESTS:
        await asyncio.sleep(float(answer.headers["retry-after"]))
    answer.raise_for_status()


@dataclass(frozen=True)
class Crowd:
    """The visitors and the agents of one house."""

    gateway: str
    origin: str
    desks: Sequence[Desk]
    stack: AsyncExitStack

    async def come(self, count: int) -> list[Visitor]:
        """So many visitors come and ask for a person; all of them stand in the queue afterwards."""
        gate = asyncio.Semaphore(AT_ONCE)
        return list(await asyncio.gather(*(self._one(gate) for _ in range(count))))

    async def _one(self, gate: asyncio.Semaphore) -> Visitor:
        async with gate:
            visitor = Visitor(self.gateway, self.origin, SHOP)
            await self.stack.enter_async_context(visitor)
            await visitor.ask_for_person(FORM["topic"], order_number=FORM["order_number"])
            await visitor.until(lambda me: me.owner.get("position"), seconds=120)
        return visitor

    async def pushes(self, visitors: list[Visitor]) -> list[float]:
        """Claims the head of the queue some times; how long until the last one has moved up."""
        took, left = list[float](), list(visitors)
        for turn in range(PUSHES):
            await _settled(left)
            desk = self.desks[turn % len(self.desks)]
            left.remove(min(left, key=lambda one: one.owner["position"]))
            before = {one.conversation_id: one.owner["position"] for one in left}
            began = await desk.claim((await desk.waiting())[0])
            await asyncio.gather(*(_moved(one, before[one.conversation_id]) for one in left))
            took.append(max(one.owner["arrived"] for one in left) - began)
        return took

    async def open(self, count: int) -> None:
        """So many visitors come, some at a time, and agents take them at once."""
        for _ in range(0, count, AT_ONCE):
            await self.come(AT_ONCE)
            cases = enumerate(await self.desks[0].waiting())
            await asyncio.gather(*(self.desks[n % len(self.desks)].claim(one) for n, one in cases))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Meanwhile agents write answers."""
        task = asyncio.create_task(self._write())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def arrivals(self) -> list[float]:
        """Visitors come and are claimed at once, among busy agents; how long until they see whom."""
        took = list[float]()
        for turn in range(ARRIVALS):
            (visitor,) = await self.come(1)
            desk = self.desks[turn % len(self.desks)]
            began = await desk.claim((await desk.waiting())[0])
            await visitor.until(lambda me: me.owner["owner"] == "agent")
            took.append(visitor.owner["arrived"] - began)
            await asyncio.sleep(1 / ARRIVALS_PER_SECOND)
        return took

    async def _write(self) -> None:
        while True:
            await random.choice([desk for desk in self.desks if desk.cases]).reply()
            await asyncio.sleep(1 / REPLIES_PER_SECOND)


async def _moved(visitor: Visitor, before: int) -> None:
    await visitor.until(lambda me: me.owner["position"] == before - 1)


async def _settled(visitors: Sequence[Visitor]) -> None:
    """Everybody has a place of the own, from 1 on."""
    await asyncio.sleep(2)
    assert {one.owner["position"] for one in visitors} == set(range(1, len(visitors) + 1))


async def measure(folder: Path, chats: int, agents: int) -> dict[str, Any]:
    """Both measurements on one house; seconds."""
    os.environ["PRAT_GATEWAY_CONVERSATIONS_PER_HOUR"] = "1000000"
    places = Places.at(folder)
    places.create()
    places.secrets.mkdir()
    emails = [f"agent{number:02}@{SHOP}.example" for number in range(agents)]
    passwords = agent_passwords(places.secrets, emails)
    house = DemoHouse(places, Options(restart_dead=False, fixed_ports=False), environ={})
    await house.start()
    try:
        layout = house.layout
        chosen = {email: passwords[email] for email in emails}
        async with at_work(layout.url("handoff"), chosen) as desks, AsyncExitStack() as stack:
            crowd = Crowd(layout.url("gateway"), layout.url(SHOP), desks, stack)
            await crowd.open(chats)
            _say(f"{chats} chats are open")
            async with crowd.writing():
                seen = await crowd.arrivals()
                _say(f"{len(seen)} agents were seen")
                waiting = await crowd.come(chats)
                _say(f"{chats} visitors wait")
                pushes = await crowd.pushes(waiting)
    finally:
        await house.stop()
    return {"pushes": pushes, "seen": seen, "stack": house.stack.sentence}


def _say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def _row(title: str, seconds: list[float], bar: str) -> list[object]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return [title, f"{cuts[49] * 1000:.0f}", f"{cuts[98] * 1000:.0f}", f"{max(seconds) * 1000:.0f}",
            len(seconds), bar]  # fmt: skip


def main() -> None:
    """Measures and writes the page."""
    chats, agents = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (CHATS, AGENTS)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder), chats, agents))
    sys.stderr.write(json.dumps(found) + "\n")
    rows = [
        _row("agent on the screen", found["seen"], "p99 300 ms"),
        _row("place in the queue", found["pushes"], "2 s"),
    ]
    body = BODY.format(
        table=pages.table(["", "p50 ms", "p99 ms", "longest ms", "count", "bar"], rows),
        chats=chats, agents=agents, waiting=chats, pushes=PUSHES, arrivals=ARRIVALS,
        rate=ARRIVALS_PER_SECOND, replies=REPLIES_PER_SECOND, stack=found["stack"],
    )  # fmt: skip
    pages.write("crowd", "A full house", body)


if __name__ == "__main__":
    main()
