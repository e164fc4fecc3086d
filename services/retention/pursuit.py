"""No erasure gets stuck: whoever has not acknowledged is asked again, and what is overdue is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from libs.kit.bus import AWAY, Publisher
from libs.kit.clock import Now
from libs.kit.metrics import Reading
from services.retention.domain import Erasure
from services.retention.ledger import Ledger

MOST_AT_ONCE = 100
"""Asked again in one round; after an outage of hours the bus is not flooded."""

ROUNDS_PER_WAIT = 4
"""How often it is looked within the time after which a service is asked again."""


@dataclass
class Pursuit:
    """Asks again in the background; every process does it, each erasure is asked for by one."""

    ledger: Ledger
    bus: Publisher
    ask_again: timedelta
    overdue_after: timedelta
    now: Now
    _told: str = ""

    async def go(self) -> None:
        """Makes rounds until cancelled; started once per process by `app.py`."""
        while True:
            try:
                await self.once()
            except AWAY as error:
                log = structlog.get_logger()
                log.warning("Erasures wait for bus or store.", error=type(error).__name__)
            await asyncio.sleep(self.ask_again.total_seconds() / ROUNDS_PER_WAIT)

    async def once(self) -> None:
        """One round: the alarm, and the same event under the same id again."""
        self._tell(await self._overdue())
        for request in await self.ledger.due(self.now() - self.ask_again, MOST_AT_ONCE):
            await self.bus.publish(request)

    async def alarm(self) -> str | None:
        """What is overdue, for /readyz; None when nothing is."""
        late = await self._overdue()
        if not late:
            return None
        return f"erasures_overdue: {len(late)}, {_waiting(late)}"

    async def readings(self) -> list[Reading]:
        """How many are overdue, for the monitoring."""
        count = len(await self._overdue())
        return [Reading("erasures_overdue", "Erasures that take too long.", count)]

    async def _overdue(self) -> list[Erasure]:
        return await self.ledger.overdue(self.now() - self.overdue_after)

    def _tell(self, late: Sequence[Erasure]) -> None:
        """Says in the log what has changed, not the same again each round."""
        news = f"{len(late)} {_waiting(late)}" if late else ""
        if news == self._told:
            return
        self._told = news
        log = structlog.get_logger()
        if not late:
            log.info("No erasure is overdue any more.")
            return
        seconds = (self.now() - late[0].requested_at).total_seconds()
        log.error(
            "Erasures are overdue.", count=len(late), problem=_waiting(late),
            erasure_id=str(late[0].erasure_id), seconds=round(seconds),
        )  # fmt: skip


def _waiting(late: Sequence[Erasure]) -> str:
    services = {service for erasure in late for service in erasure.waiting_for}
    return f"waiting for {', '.join(sorted(services))}"
