"""Tells open statistics pages that something was counted, as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

from libs.kit.errors import Refused

MOST_STREAMS = 200
"""Open pages at once, of all shops; more are told to ask by themselves."""

LOOK_SECONDS = 2.0
BEAT_SECONDS = 10.0
LIFE_SECONDS = 600.0
"""After so long the page comes anew: nothing is open for ever."""

MayStay = Callable[[], Awaitable[bool]]
"""Asked at every look: a key that was revoked ends its streams."""


class Freshness(Protocol):
    """Knows when something was last counted."""

    async def last_counted(self, merchant_id: str) -> datetime | None:
        """When something was last counted for the merchant."""


class News:
    """The streams of one process."""

    def __init__(
        self,
        freshness: Freshness,
        *,
        look_seconds: float = LOOK_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
        life_seconds: float = LIFE_SECONDS,
    ) -> None:
        self._freshness = freshness
        self._look = look_seconds
        self._beat = beat_seconds
        self._life = life_seconds
        self._open = 0

    def stream(self, merchant_id: str, may_stay: MayStay) -> EventSourceResponse:
        """News of one merchant; raises Refused (503) where too many pages are open."""
        if self._open >= MOST_STREAMS:
            raise Refused(
                503, "too_many_pages", "Too many pages are open at the moment.",
                "ask `GET /api/statistics` now and then instead.", retry_after=60,
            )  # fmt: skip
        return EventSourceResponse(self.events(merchant_id, may_stay), ping=0)

    async def events(
        self, merchant_id: str, may_stay: MayStay
    ) -> AsyncGenerator[ServerSentEvent, None]:
        """`counted` when figures may have moved, and a beat while nothing happens."""
        clock = asyncio.get_running_loop().time
        seen, now = await self._freshness.last_counted(merchant_id), clock()
        ends, beat_at = now + self._life, now + self._beat
        with self._opened():
            yield ServerSentEvent(comment="open")
            while clock() < ends:
                await asyncio.sleep(self._look)
                if not await may_stay():
                    return
                counted_at = await self._freshness.last_counted(merchant_id)
                if counted_at != seen:
                    yield JSONServerSentEvent({"kind": "counted"})
                elif clock() >= beat_at:
                    yield ServerSentEvent(comment="beat")
                else:
                    continue
                seen, beat_at = counted_at, clock() + self._beat

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
