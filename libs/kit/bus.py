"""The bus: the one way to publish and to subscribe. FastStream over aiokafka, with our own rules.

A record is read, checked against its topic's contract, handed to the one handler of its event type
and committed only then. What can never be read goes to the dead letters; what cannot be handled now
because something is away stays, and is tried again. No log line carries what a record says.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber, ProducerFenced, UnknownProducerId
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from pydantic import TypeAdapter

from libs.contracts.envelope import Event
from libs.contracts.topics import TOPICS, Topic, dead_letter_topic, topic_for
from libs.kit.decoding import decode, tolerant_parser, undecoded
from libs.kit.errors import BadMessage, ConfigurationError, Refused, Unavailable
from libs.kit.liveness import ConsumerWatch
from libs.kit.mongo import AWAY_ERRORS
from libs.kit.settings import CommonSettings
from libs.privacy.sealing import KeyGone

Handler = Callable[[Any], Awaitable[None]]
HandlerTable = Mapping[type[Event], Handler]
Known = Callable[[str], Awaitable[None]]
"""Waits until a merchant's content is known, or until it is certain that nobody has published any."""

RETRY_PAUSES = (0.05, 0.1, 0.2)
"""Seconds between the tries of a handler that raises an unexpected error."""

HANDLER_BUDGET_SECONDS = 10.0
"""A handler that takes longer is stopped and its record tried again; below the poll interval."""

LONGEST_BACKOFF_SECONDS = 15.0
"""While something is away, tries are at most this far apart."""

DEAD_LETTER_LIMIT = 20
DEAD_LETTER_WINDOW_SECONDS = 60.0
"""More dead letters than the limit within the window mean that the code is wrong: stop."""

ENVELOPE_BYTES = 64 * 1024
"""Room for headers and the record's frame beside an event's body."""

AWAY = (*AWAY_ERRORS, Unavailable, KafkaError, TimeoutError, ConnectionError)
BROKEN_PRODUCER = (OutOfOrderSequenceNumber, UnknownProducerId, ProducerFenced)


class Publisher(Protocol):
    """What a handler needs of the bus."""

    async def publish(self, event: Event) -> None:
        """Returns when the brokers have the event; raises Unavailable when that is not known."""


class Away(Exception):
    """Tells FastStream not to commit: the record comes again."""


class Bus:
    """One service's connection to the bus."""

    def __init__(
        self,
        settings: CommonSettings,
        service: str,
        broker: KafkaBroker | None = None,
        clock: Callable[[], float] = time.monotonic,
        known: Known | None = None,
    ) -> None:
        self.service = service
        self._known = known
        self._instance = settings.instance
        self.broker = broker or make_broker(settings, service)
        self.failed = asyncio.Event()
        self._clock = clock
        self._watch = ConsumerWatch(clock)
        self._dead_letters: deque[float] = deque(maxlen=DEAD_LETTER_LIMIT)
        self._away_for = 0.0
        self._log = structlog.get_logger()

    def subscribe(self, group: str, *topics: Topic, handlers: HandlerTable) -> None:
        """Reads `topics` in one consumer of `group`; event types without a handler are passed over."""
        adapters = {topic.name: topic.adapter() for topic in topics}

        async def receive(message: KafkaMessage) -> None:
            try:
                await self._receive(message.raw_message, adapters, handlers)
            except Away:
                raise
            except Exception as error:  # noqa: BLE001 - without a pause the library would spin
                await self._back_off(error)
                raise Away from None

        self.broker.subscriber(
            *(topic.name for topic in topics),
            group_id=f"prat.{self.service}.{group}",
            group_instance_id=self._instance and f"{self.service}.{group}.{self._instance}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            parser=tolerant_parser,
            decoder=undecoded,
        )(receive)

    async def publish(self, event: Event) -> None:
        """Publishes `event` on its topic under its key; returns when all replicas have it."""
        body, topic = event.model_dump_json(exclude_none=True).encode(), topic_for(event)
        if len(body) > topic.max_bytes:
            raise BadMessage("event_too_large")
        await self._send(topic.name, event.key.encode(), body, {"type": _type_of(event)})

    async def start(self) -> None:
        """Connects, checks every subscriber's safety and starts to read."""
        for subscriber in self.broker.subscribers:
            check_subscriber(subscriber)
        await self.broker.start()

    async def stop(self) -> None:
        """Lets running handlers end, then leaves the groups."""
        await self.broker.stop()

    def problem(self) -> str | None:
        """Why this consumer is no longer live, or None; asked by /livez and the watchdog."""
        if self.failed.is_set():
            return "stopped_after_failure"
        return self._watch.problem(self.broker.subscribers)

    def assigned(self) -> bool:
        """Whether every consumer has its partitions; asked by /readyz."""
        consumers = [
            getattr(subscriber, "consumer", None) for subscriber in self.broker.subscribers
        ]
        return all(consumer is not None and consumer.assignment() for consumer in consumers)

    async def _receive(
        self,
        record: "ConsumerRecord[bytes, bytes]",
        adapters: Mapping[str, TypeAdapter[Event]],
        handlers: HandlerTable,
    ) -> None:
        self._watch.saw_activity()
        try:
            event = decode(record, adapters[record.topic])
            handler = handlers.get(type(event))
            if handler:
                await self._handle(handler, event)
        except BadMessage as bad:
            await self._bury(record, bad)
        self._away_for = 0.0

    async def _handle(self, handler: Handler, event: Event) -> None:
        for attempt, pause in enumerate((*RETRY_PAUSES, None), start=1):
            try:
                async with asyncio.timeout(HANDLER_BUDGET_SECONDS):
                    if self._known:
                        await self._known(event.merchant_id)
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
                raise BadMessage(f"refused:{refused.code}") from None
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
        self._watch.saw_activity()

    async def _bury(self, record: "ConsumerRecord[bytes, bytes]", bad: BadMessage) -> None:
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

    async def _send(
        self, topic: str, key: bytes | None, body: bytes | None, headers: dict[str, str]
    ) -> None:
        try:
            await self.broker.publish(body or b"", topic=topic, key=key, headers=headers)
        except BROKEN_PRODUCER as error:
            self._log.critical("The producer is broken; restarting.", error=type(error).__name__)
            self.failed.set()
            raise Unavailable("producer") from None
        except (KafkaError, TimeoutError) as error:
            raise Unavailable(type(error).__name__) from None


def make_broker(settings: CommonSettings, service: str) -> KafkaBroker:
    """The broker connection of a service: acknowledged by all replicas, quiet, topics never made."""
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        client_id=f"prat-{service}-{os.getpid()}",
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        request_timeout_ms=settings.kafka_request_timeout_ms,
        max_request_size=max(topic.max_bytes for topic in TOPICS) + ENVELOPE_BYTES,
        allow_auto_create_topics=False,
        graceful_timeout=HANDLER_BUDGET_SECONDS + 2,
        apply_types=False,
        logger=None,
    )


def check_subscriber(subscriber: Any) -> None:
    """Refuses a subscriber that could lose or reorder records (ack policy, group, offset reset)."""
    arguments = subscriber._connection_args  # noqa: SLF001 - the library shows it nowhere else
    faults = [
        fault
        for fault, wrong in (
            ("commits before handling", arguments.get("enable_auto_commit") is not False),
            ("starts at the newest record", arguments.get("auto_offset_reset") != "earliest"),
            ("has no group", not subscriber.group_id),
            ("acknowledges otherwise", subscriber.ack_policy is not AckPolicy.NACK_ON_ERROR),
        )
        if wrong
    ]
    if faults:
        raise ConfigurationError(
            f"A subscriber {' and '.join(faults)}.", "subscribe with Bus.subscribe only."
        )


def _type_of(event: Event) -> str:
    return type(event).__name__


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
