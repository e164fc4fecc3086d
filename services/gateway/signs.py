"""Signs of life: a visitor who waits with the chat open is said to be there, again and again."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from libs.kit.bus import AWAY, Publisher
from libs.kit.clock import Now
from services.gateway.domain import Owner, visitor_seen
from services.gateway.sessions import LiveSockets

BREATH_SECONDS = 0.5
"""Tabs that open within this time are looked at together."""

STEP_SECONDS = 5.0
"""How often it is looked whose sign is due."""


@dataclass
class Signs:
    """Tells of those who wait for a person; handoff ends the wait of one who is away for too long."""

    sockets: LiveSockets
    bus: Publisher
    seconds: float
    now: Now
    _given: dict[str, float] = field(default_factory=dict)

    async def give(self) -> None:
        """Gives signs until cancelled; started once per process by `app.py`."""
        while True:
            try:
                await self.round(time.monotonic())
            except AWAY as error:
                structlog.get_logger().warning("A sign waits.", error=type(error).__name__)
            await asyncio.sleep(BREATH_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.sockets.opened.wait(), STEP_SECONDS)
            self.sockets.opened.clear()

    async def round(self, moment: float) -> None:
        """A sign for everybody whose last one is old, and for who was not here at the last round."""
        waiting = {
            one.conversation_id: one
            for one in self.sockets.sessions()
            if one.ownership.owner is Owner.QUEUE
        }
        self._given = {key: at for key, at in self._given.items() if key in waiting}
        for key, session in waiting.items():
            if moment - self._given.get(key, -self.seconds) >= self.seconds:
                await self.bus.publish(visitor_seen(session, self.now()))
                self._given[key] = moment
