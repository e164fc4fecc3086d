"""The gateway's edge for networks that block WebSockets: the same frames over plain requests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocketState

from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from libs.kit.http import bearer
from services.gateway.frames import parse
from services.gateway.history import Edge
from services.gateway.sessions import QUEUE_LIMIT, TRY_AGAIN, LiveSocket
from services.gateway.visit import Visit

FRAME_BYTES = 16 * 1024
"""Largest frame that is taken, as over a socket."""

GRACE_SECONDS = 10.0
"""A line that nobody polls for this long is closed: the tab is gone."""

LEFT = 1006


class PolledWire:
    """Stands in for a WebSocket: what is sent over it waits for the next poll."""

    def __init__(self) -> None:
        self.closed_with: int | None = None
        self._inbound: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbound: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_LIMIT)

    @property
    def client_state(self) -> WebSocketState:
        """Whether it is still open."""
        is_open = self.closed_with is None
        return WebSocketState.CONNECTED if is_open else WebSocketState.DISCONNECTED

    async def receive(self) -> dict[str, Any]:
        """The next frame of the tab, or the end."""
        return await self._inbound.get()

    async def send_json(self, data: dict[str, Any]) -> None:
        """Keeps a frame for the next poll; waits while many are kept."""
        await self._outbound.put(data)

    async def close(self, code: int) -> None:
        """Closes it: the reader ends, and the poll says why."""
        self.end(code)

    def end(self, code: int) -> None:
        """The same, without waiting."""
        if self.closed_with is None:
            self.closed_with = code
            self._inbound.put_nowait({"type": "websocket.disconnect", "code": code})
            with suppress(asyncio.QueueFull):  # a full queue needs nobody to wake its reader
                self._outbound.put_nowait(None)

    def take(self, text: str) -> None:
        """A frame of the tab; Refused if those before it still wait."""
        if self._inbound.qsize() >= QUEUE_LIMIT:
            raise Refused(429, "too_fast", "That was very fast.", "wait a second.", retry_after=1)
        self._inbound.put_nowait({"type": "websocket.receive", "text": text})

    async def news(self) -> list[dict[str, Any]]:
        """Waits for a frame: that one and all behind it; empty when it is closed."""
        found = []
        if self._outbound.empty() and self.closed_with is None:
            found.append(await self._outbound.get())
        while not self._outbound.empty():
            found.append(self._outbound.get_nowait())
        return [frame for frame in found if frame is not None]


@dataclass
class Line:
    """One tab's line: its wire, the page that it was opened from, and what ends it."""

    wire: PolledWire
    origin: str | None
    visit: asyncio.Task[None]
    drop: Callable[[], None]
    _grace: asyncio.TimerHandle | None = None
    _is_polled: bool = False

    @contextmanager
    def polled(self) -> Iterator[None]:
        """While the tab polls it is there; after that it has some seconds to come again."""
        if self._is_polled:
            raise Refused(409, "line_busy", "This line is polled already.", "poll once at a time.")
        self._is_polled = True
        if self._grace:
            self._grace.cancel()
        try:
            yield
        finally:
            self._is_polled = False
            self.wait()

    def wait(self) -> None:
        """Gives the tab its time to poll."""
        self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self.drop)


@dataclass(frozen=True)
class PollRoutes:
    """Serves /v1/lines: one is opened with a hello, frames are sent one by one, news is polled."""

    edge: Edge
    _lines: dict[str, Line] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """The table of routes."""
        return [
            Route("/v1/lines", self.open, methods=["POST"]),
            Route("/v1/lines/frames", self.take, methods=["POST"]),
            Route("/v1/lines/poll", self.poll, methods=["POST"]),
        ]

    async def open(self, request: Request) -> Response:
        """A line for the tab that says hello: 201 with the secret that it goes by."""
        origin = request.headers.get("origin")
        if not self.edge.door.known_origin(origin):
            raise Refused(403, "foreign_origin", "This page may not ask.", "ask from the shop.")
        session, hello = await self.edge.admit(parse(await _text(request)), origin)
        wire, secret = PolledWire(), token_urlsafe(32)
        visit = Visit(self.edge, wire, LiveSocket(wire, session), hello.last_seq)
        task = asyncio.create_task(_run(visit, wire))
        line = Line(wire, origin, task, lambda: self._drop(secret))
        line.wait()
        self._lines[secret] = line
        return JSONResponse({"line": secret}, 201)

    async def take(self, request: Request) -> Response:
        """One frame of the tab; what comes of it is polled."""
        wire = self._line(request).wire
        wire.take(await _text(request))
        return Response(status_code=202)

    async def poll(self, request: Request) -> Response:
        """The frames for the tab, as soon as there are some; with `close` it is over."""
        line = self._line(request)
        await request.body()
        with line.polled():
            frames = await self._news(line.wire, request)
        return JSONResponse({"frames": frames, "close": line.wire.closed_with})

    async def close(self) -> None:
        """Ends all lines; their tabs come again."""
        for line in self._lines.values():
            line.wire.end(TRY_AGAIN)
        await asyncio.gather(*(line.visit for line in self._lines.values()), return_exceptions=True)

    def _line(self, request: Request) -> Line:
        line = self._lines.get(bearer(request))
        if line is None or line.origin != request.headers.get("origin"):
            raise Refused(401, "line_unknown", "This line is not open.", "open one with hello.")
        return line

    def _drop(self, secret: str) -> None:
        if line := self._lines.pop(secret, None):
            line.wire.end(LEFT)

    async def _news(self, wire: PolledWire, request: Request) -> list[dict[str, Any]]:
        news, gone = asyncio.create_task(wire.news()), asyncio.create_task(_gone(request))
        patience = self.edge.door.settings.gateway_poll_seconds
        try:
            await asyncio.wait((news, gone), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                wire.end(LEFT)
            return news.result() if news.done() else []
        finally:
            news.cancel()
            gone.cancel()


async def _run(visit: Visit, wire: PolledWire) -> None:
    try:
        await visit.run()
    except AWAY_ERRORS:
        return
    finally:
        wire.end(TRY_AGAIN)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _text(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FRAME_BYTES:
            raise Refused(
                413, "frame_too_large", f"A frame has {FRAME_BYTES} bytes.", "shorten it."
            )
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "malformed_frame", "The frame is not UTF-8.", "send JSON.") from None
