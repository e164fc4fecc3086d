"""A visitor without a browser: speaks the visitor API as docs/visitor-api.md describes it.

Resends what was not accepted, resumes from the last number without a gap, never keeps an id twice.
"""

import asyncio
import json
import random
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Frame = dict[str, Any]

PATIENCE_SECONDS = 60.0

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: the house speaks plain HTTP, and reading certificates takes 40 ms a call."""


@dataclass
class Visitor:
    """One visitor of one shop; use it as an async context manager."""

    gateway: str
    origin: str
    merchant_id: str
    locale: str = "nb"
    conversation_id: str = ""
    token: str = ""
    messages: dict[str, Frame] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    owner: Frame = field(default_factory=dict)
    closed_with: int | None = None
    _unaccepted: dict[str, Frame] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _socket: ClientConnection | None = None
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Visitor":
        if not self.conversation_id:
            await self.start()
        self._task = asyncio.create_task(self._live())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def start(self) -> None:
        """Begins a conversation."""
        wish = {"merchant_id": self.merchant_id, "locale": self.locale}
        made = (await self.call("POST", "/v1/conversations", json=wish)).json()
        self.conversation_id, self.token = made["conversation_id"], made["token"]

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An HTTP call from the shop's page, with the token if there is one."""
        headers = {"origin": self.origin} | options.pop("headers", {})
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        async with httpx.AsyncClient(base_url=self.gateway, timeout=10, verify=NOBODY) as client:
            return await client.request(method, path, headers=headers, **options)

    async def say(self, text: str) -> str:
        """Sends a message, keeps it until it is accepted; its client id."""
        return await self._send({"type": "message", "client_id": str(uuid4()), "text": text})

    async def give(self, content: bytes, text: str = "") -> Frame:
        """Gives a file and sends it with a message; what the gateway made of it."""
        path = f"/v1/conversations/{self.conversation_id}/attachments/{uuid4()}"
        file: Frame = (await self.call("PUT", path, content=content)).json()
        said = {"type": "message", "client_id": str(uuid4()), "text": text}
        await self._send(said | {"attachments": [file["attachment_id"]]})
        return file

    async def ask_for_person(self, topic: str, **fields: str) -> str:
        """Sends the intake form; its client id."""
        form = {"topic": topic, "locale": self.locale, "fields": fields}
        return await self._send({"type": "handoff", "client_id": str(uuid4()), **form})

    async def raw(self, text: str | bytes) -> None:
        """Sends whatever it is given."""
        assert self._socket
        await self._socket.send(text)

    async def until(
        self, condition: Callable[["Visitor"], object], seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Waits until something is true of this visitor; AssertionError with what it saw."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(condition(self)))
        except TimeoutError:
            seen = [frame["type"] for frame in self.frames]
            raise AssertionError(f"not seen within {seconds} s; frames: {seen}") from None

    async def reply_to(self, text: str, seconds: float = PATIENCE_SECONDS) -> Frame:
        """Says something and returns the next bot turn."""
        before = len(self.by("bot"))
        await self.say(text)
        await self.until(lambda me: len(me.by("bot")) > before, seconds)
        return self.by("bot")[before]

    async def drop(self) -> None:
        """Loses the connection, as a phone does in a lift."""
        if self._socket:
            await self._socket.close()

    def by(self, author: str) -> list[Frame]:
        """The messages of one author, in the order shown."""
        return [message for message in self.shown() if message["author"] == author]

    def shown(self) -> list[Frame]:
        """Messages in order: by number where known, then as they came."""
        return sorted(self.messages.values(), key=lambda m: (m["seq"] or 10**9, m["arrived"]))

    async def _send(self, frame: Frame) -> str:
        self._unaccepted[frame["client_id"]] = frame
        if self._socket:
            with suppress(ConnectionClosed):  # it is sent again after the next hello
                await self._socket.send(json.dumps(frame))
        return str(frame["client_id"])

    async def _live(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._one_connection()
                pause = 0.1
            except ConnectionClosed as closed:
                self.closed_with = closed.rcvd.code if closed.rcvd else None
                if self.closed_with in (4400, 4401, 4403, 4410):
                    await self._notify()
                    return
            except (OSError, InvalidHandshake, TimeoutError):
                pass  # the gateway is away; try again
            self._socket = None
            await asyncio.sleep(pause + random.random() * 0.1)
            pause = min(pause * 2, 2.0)

    async def _one_connection(self) -> None:
        url = self.gateway.replace("http", "ws") + "/v1/socket"
        async with connect(url, origin=self.origin, open_timeout=5, proxy=None) as socket:  # type: ignore[arg-type]
            hello = {
                "type": "hello", "conversation_id": self.conversation_id, "token": self.token,
                "last_seq": self.last_seq,
            }  # fmt: skip
            await socket.send(json.dumps(hello))
            for frame in list(self._unaccepted.values()):
                await socket.send(json.dumps(frame))
            self._socket = socket
            while True:
                await self._take(json.loads(await socket.recv()))

    @property
    def last_seq(self) -> int:
        """The highest number without a gap."""
        numbers = {message["seq"] for message in self.messages.values()}
        last = 0
        while last + 1 in numbers:
            last += 1
        return last

    async def _take(self, frame: Frame) -> None:
        frame["arrived"] = time.monotonic()
        self.frames.append(frame)
        match frame["type"]:
            case "message":
                known = self.messages.get(frame["id"])
                if known is None:
                    self.messages[frame["id"]] = frame
                elif frame["seq"]:
                    known["seq"] = frame["seq"]
            case "accepted":
                sent = self._unaccepted.pop(frame["client_id"], None)
                if sent and sent["type"] == "message":
                    own = {"author": "visitor", "kind": "message", "seq": None}
                    own |= {"text": sent["text"], "id": frame["id"], "arrived": frame["arrived"]}
                    self.messages.setdefault(frame["id"], own)
            case "stored":
                await self._stored(frame)
            case "welcome" | "owner":
                self.owner = frame
        await self._notify()

    async def _stored(self, frame: Frame) -> None:
        if frame["id"] in self.messages:
            self.messages[frame["id"]]["seq"] = frame["seq"]
        elif self._socket:
            await self._socket.send(json.dumps({"type": "resume", "after_seq": self.last_seq}))

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
