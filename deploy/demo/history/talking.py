"""Visitors without a browser: they speak the visitor API of docs/visitor-api.md, and nothing else."""

import asyncio
import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from deploy.demo.history.visits import Visit
from deploy.local.layout import Layout

AT_ONCE = 8
PATIENCE_SECONDS = 30.0
ADDRESSES = 250

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: the house speaks plain HTTP, and reading certificates takes 40 ms a visitor."""

GAVE_UP = (httpx.HTTPError, OSError, WebSocketException, TimeoutError)
"""What makes a visitor leave: no answer, or a closed door."""

Progress = Callable[[int, int], None]
"""Hears how many visitors have left, and of how many."""


@dataclass(frozen=True)
class Answered:
    """How many visitors came, and how many had an answer to each line."""

    visitors: int
    answered: int


async def receive(layout: Layout, visits: Sequence[Visit], progress: Progress) -> Answered:
    """Lets every visitor talk to the bot of their shop, some at a time; returns when all have left."""
    room = asyncio.Semaphore(AT_ONCE)
    left: list[bool] = []

    async def come(number: int, visit: Visit) -> None:
        async with room:
            left.append(await _is_answered(layout, visit, _address(number)))
        progress(len(left), len(visits))

    await asyncio.gather(*(come(number, visit) for number, visit in enumerate(visits)))
    return Answered(len(left), sum(left))


def _address(number: int) -> str:
    """Each visitor has an address of their own, as in life: from one, few may come in an hour."""
    return f"127.1.{number // ADDRESSES}.{number % ADDRESSES + 1}"


async def _is_answered(layout: Layout, visit: Visit, address: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS * len(visit.lines)):
            await _talk(layout.url("gateway"), layout.url(visit.merchant_id), visit, address)
    except GAVE_UP:
        return False
    return True


async def _talk(gateway: str, origin: str, visit: Visit, address: str) -> None:
    hello = await _begin(gateway, origin, visit, address)
    socket_url = gateway.replace("http", "ws", 1) + "/v1/socket"
    local: Any = {"origin": origin, "local_addr": (address, 0), "proxy": None}
    async with connect(socket_url, **local) as socket:
        await socket.send(json.dumps({"type": "hello", "last_seq": 0} | hello))
        shown: set[str] = set()
        for line in visit.lines:
            frame = {"type": "message", "client_id": str(uuid4()), "text": line}
            await socket.send(json.dumps(frame))
            await _hear(socket, shown)


async def _begin(gateway: str, origin: str, visit: Visit, address: str) -> dict[str, str]:
    """A new conversation's id and token."""
    line = httpx.AsyncHTTPTransport(verify=NOBODY, local_address=address)
    wish = {"merchant_id": visit.merchant_id, "locale": visit.locale}
    async with httpx.AsyncClient(transport=line, base_url=gateway, timeout=10) as client:
        made = await client.post("/v1/conversations", headers={"origin": origin}, json=wish)
    told = made.raise_for_status().json()
    return {name: told[name] for name in ("conversation_id", "token")}


async def _hear(socket: ClientConnection, shown: set[str]) -> None:
    """Waits for the bot's next message; what is told again is not news."""
    while True:
        frame = json.loads(await socket.recv())
        if frame["type"] == "message" and frame["author"] == "bot" and frame["id"] not in shown:
            shown.add(frame["id"])
            return
