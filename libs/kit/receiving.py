"""Receiving: what becomes of a record, or of a batch of them, that came off the bus.

What can never be read goes to the dead letters; what cannot be handled now because something is away
stays, and is tried again. No log line carries what a record says.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from pydantic import TypeAdapter

from libs.contracts.envelope import Event
from libs.contracts.topics import dead_letter_topic
from libs.kit.broker import HANDLER_BUDGET_SECONDS
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage, Refused, Unavailable
from libs.kit.liveness import ConsumerWatch
from libs.kit.mongo import AWAY_ERRORS
from libs.privacy.sealing import KeyGone

Handler = Callable[[Any], Awaitable[None]]
HandlerTable = Mapping[type[Event], Handler]
Known = Callable[[str], Awaitable[None]]
"""Waits until a merchant's content is known, or until it is certain that nobody has published any."""

RETRY_PAUSES = (0.05, 0.1, 0.2)
"""Seconds between the tries of a handler that raises an unexpected error."""

BATCH_BUDGET_SECONDS = 60.0
"""A batch that takes longer is stopped and its records tried again."""

LONGEST_BACKOFF_SECONDS = 15.0
"""While something is away, tries are at most this far apart."""

DEAD_LETTER_LIMIT = 20
DEAD_LETTER_WINDOW_SECONDS = 60.0
"""More dead letters than the limit within the window mean that the code is wrong: stop."""

REFUSED = "refused"
"""How the reason begins where a rule says no: the record is at fault, as one of a shop that has left."""

AWAY = (*AWAY_ERRORS, Unavailable, KafkaError, TimeoutError, ConnectionError)


class Away(Exception):
    """Tells FastStream not to commit: the record comes again."""


@dataclass(frozen=True)
class Batch:
    """Events in the order of their partitions; `read_to` is the next offset by topic and partition."""

    events: Sequence[Any]
    read_to: Mapping[tuple[str, int], int]


BatchHandler = Callable[[Batch], Awaitable[None]]
"""Does all of a batch or, when it raises, nothing of it."""

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Adapters = Mapping[str, TypeAdapter[Event]]


class Receiving(ABC):
    """The receiving half of the bus."""

    def __init__(self, service: str, clock: Callable[[], float], known: Known | None) -> None:
        self.service = service
        self.failed = asyncio.Event()
        self._known = known
        self._clock = clock
        self._watch = ConsumerWatch(clock)
        self._dead_letters: deque[float] = deque(maxlen=DEAD_LETTER_LIMIT)
        self._away_for = 0.0
        self._log = structlog.get_logger()

    @abstractmethod
    async def _send(
        self, topic: str, key: bytes | None, body: bytes | None, headers: dict[str, str]
    ) -> None:
        """Publishes a record; raises Unavailable when that is not certain."""

    async def _receive(self, record: Record, adapters: Adapters, handlers: HandlerTable) -> None:
        try:
            event = decode(record, adapters[record.topic])
            handler = handlers.get(type(event))
            if handler:
                await self._handle(handler, event)
        except BadMessage as bad:
            await self._bury(record, bad)
        self._away_for = 0.0

    async def _receive_batch(
        self,
        records: Sequence[Record],
        adapters: Adapters,
        kinds: Collection[type[Event]],
        handler: BatchHandler,
    ) -> None:
        read = [(one, await self._decoded(one, adapters)) for one in records]
        wanted = [(record, event) for record, event in read if type(event) in kinds]
        if wanted and not await self._all_at_once(handler, wanted):
            for record, event in wanted:
                await self._alone(handler, record, event)
        self._away_for = 0.0

    async def _decoded(self, record: Record, adapters: Adapters) -> Event | None:
        try:
            return decode(record, adapters[record.topic])
        except BadMessage as bad:
            await self._bury(record, bad)
            return None

    async def _all_at_once(
        self, handler: BatchHandler, wanted: Sequence[tuple[Record, Event | None]]
    ) -> bool:
        batch = _batch(wanted)
        try:
            async with asyncio.timeout(BATCH_BUDGET_SECONDS):
                for merchant_id in {event.merchant_id for event in batch.events}:
                    await self._wait_for(merchant_id)
                await handler(batch)
        except AWAY as error:
            await self._back_off(error)
            raise Away from None
        except Exception as error:  # noqa: BLE001 - each on its own finds out which one it was
            self._log.warning(
                "A batch failed; its records are handled one by one.", error=type(error).__name__,
                where=_raised_in(error), records=len(batch.events),
            )  # fmt: skip
            return False
        return True

    async def _alone(self, handler: BatchHandler, record: Record, event: Event | None) -> None:
        async def alone(_event: Event) -> None:
            await handler(_batch([(record, event)]))

        assert event is not None
        try:
            await self._handle(alone, event)
        except BadMessage as bad:
            await self._bury(record, bad)

    async def _wait_for(self, merchant_id: str) -> None:
        if self._known:
            await self._known(merchant_id)

    async def _handle(self, handler: Handler, event: Event) -> None:
        for attempt, pause in enumerate((*RETRY_PAUSES, None), start=1):
            try:
                async with asyncio.timeout(HANDLER_BUDGET_SECONDS):
                    await self._wait_for(event.merchant_id)
                    await handler(event)
            except KeyGone:
                self._log.info("Dropped an event of an erased conversation.", **_head(event))
                return
            except AWAY as error:
                await self._back_off(error)
                raise Away from None
            except BadMessage:
                raise
            except Refused as refused:
                raise BadMessage(f"{REFUSED}:{refused.code}") from None
            except Exception as error:  # noqa: BLE001 - the edge: all is retried, then buried
                name = type(error).__name__
                self._log.warning(
                    "A handler failed.", error=name, attempt=attempt, where=_raised_in(error),
                    **_head(event),
                )  # fmt: skip
                if pause is None:
                    raise BadMessage(f"handler_failed:{name}") from None
                await asyncio.sleep(pause)
            else:
                return

    async def _back_off(self, error: BaseException) -> None:
        self._away_for = min(max(0.25, self._away_for * 2), LONGEST_BACKOFF_SECONDS)
        self._log.warning(
            "Something is away; the record stays and is tried again.",
            error=type(error).__name__, seconds=self._away_for,
        )  # fmt: skip
        await asyncio.sleep(self._away_for)

    async def _bury(self, record: Record, bad: BadMessage) -> None:
        self._log.error(
            "A record went to the dead letters.", reason=bad.reason, where=", ".join(bad.where),
            topic=record.topic, partition=record.partition, offset=record.offset,
        )  # fmt: skip
        headers = {
            "reason": bad.reason, "where": ",".join(bad.where), "topic": record.topic,
            "partition": str(record.partition), "offset": str(record.offset),
        }  # fmt: skip
        try:
            await self._send(dead_letter_topic(self.service), record.key, record.value, headers)
        except AWAY as error:
            await self._back_off(error)
            raise Away from None
        if not bad.reason.startswith(REFUSED):
            self._stop_when_flooded()

    def _stop_when_flooded(self) -> None:
        now = self._clock()
        self._dead_letters.append(now)
        full = len(self._dead_letters) == DEAD_LETTER_LIMIT
        if full and now - self._dead_letters[0] < DEAD_LETTER_WINDOW_SECONDS:
            self._log.critical(
                "Too many dead letters: the code is wrong, not the data. Stopping.",
                fix="look at the reasons with `prat dlq list`, then deploy a corrected version",
            )
            self.failed.set()


def _batch(read: Sequence[tuple[Record, Event | None]]) -> Batch:
    ends = {(record.topic, record.partition): record.offset + 1 for record, _event in read}
    return Batch([event for _record, event in read], ends)


def _head(event: Event) -> dict[str, str]:
    return {"event_type": type(event).__name__, "event_id": str(event.event_id)}


def _raised_in(error: BaseException) -> str:
    """File and line where it was raised: enough to find the fault, and nothing of the data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
