"""The bus: the one way to publish and to subscribe. FastStream over aiokafka, with our own rules.

A record is read, checked against its topic's contract, handed to the one handler of its event type
and committed only then. What can never be read goes to the dead letters; what cannot be handled now
because something is away stays, and is tried again. No log line carries what a record says.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol

from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber, ProducerFenced, UnknownProducerId
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from libs.contracts.envelope import Event
from libs.contracts.topics import Topic, topic_for
from libs.kit.broker import check_subscriber, make_broker
from libs.kit.decoding import tolerant_batch_parser, tolerant_parser, undecoded
from libs.kit.errors import BadMessage, Unavailable
from libs.kit.receiving import (
    AWAY,
    DEAD_LETTER_LIMIT,
    Adapters,
    Away,
    Batch,
    BatchHandler,
    HandlerTable,
    Known,
    Receiving,
    Record,
)
from libs.kit.settings import CommonSettings

BATCH_RECORDS, BATCH_WAIT_MS = 500, 200
"""The most records of a batch, and how long an empty topic is waited at."""

FETCH_WAIT_MS, SOON_MS = 500, 100
"""So long a broker holds a fetch that finds nothing; the second where somebody waits at a screen. While it
is held, aiokafka asks that broker for no other partition: what comes into one that was just being handled
waits for the end of it. Each fetch is work for both, and an idle house makes many of them.
"""

FETCH_BYTES = 4 * 1024
"""So much of a partition is fetched at a time where records are handled one by one. What was fetched is
handled before another partition's turn comes: with the usual megabyte an erasure would wait until hundreds
of messages are answered.
"""

BROKEN_PRODUCER = (OutOfOrderSequenceNumber, UnknownProducerId, ProducerFenced)


Receive = Callable[[Any, Adapters], Awaitable[None]]


class Publisher(Protocol):
    """What a handler needs of the bus."""

    async def publish(self, event: Event) -> None:
        """Returns when the brokers have the event; raises Unavailable when that is not known."""


class Bus(Receiving):
    """One service's connection to the bus."""

    def __init__(
        self,
        settings: CommonSettings,
        service: str,
        broker: KafkaBroker | None = None,
        clock: Callable[[], float] = time.monotonic,
        known: Known | None = None,
    ) -> None:
        super().__init__(service, clock, known)
        self._instance = settings.instance
        self.broker = broker or make_broker(settings, service)

    def subscribe(
        self, group: str, *topics: Topic, handlers: HandlerTable, wait_ms: int = FETCH_WAIT_MS
    ) -> None:
        """Reads `topics` in one consumer of `group`; event types without a handler are passed over."""

        async def receive(record: Record, adapters: Adapters) -> None:
            await self._receive(record, adapters, handlers)

        self._listen(
            group, topics, receive, parser=tolerant_parser, fetch_max_wait_ms=wait_ms,
            max_partition_fetch_bytes=FETCH_BYTES,
        )  # fmt: skip

    def subscribe_batches(
        self, group: str, *topics: Topic, kinds: Collection[type[Event]], handler: BatchHandler
    ) -> None:
        """Reads `topics` many records at a time; `handler` gets the events of `kinds` among them.

        Where it fails for another reason than that something is away, it gets them one by one: the
        ones at fault go to the dead letters alone.
        """

        async def receive(records: Sequence[Record], adapters: Adapters) -> None:
            await self._receive_batch(records, adapters, kinds, handler)

        self._listen(
            group, topics, receive, parser=tolerant_batch_parser, batch=True,
            max_records=BATCH_RECORDS, batch_timeout_ms=BATCH_WAIT_MS,
        )  # fmt: skip

    def _listen(
        self, group: str, topics: Sequence[Topic], receive: Receive, **reading: Any
    ) -> None:
        adapters = {topic.name: topic.adapter() for topic in topics}

        async def safely(message: KafkaMessage) -> None:
            with self._watch.busy(adapters):
                try:
                    await receive(message.raw_message, adapters)
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
            decoder=undecoded,
            **reading,
        )(safely)

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


def _type_of(event: Event) -> str:
    return type(event).__name__


__all__ = [
    "AWAY", "DEAD_LETTER_LIMIT", "Away", "Batch", "BatchHandler", "Bus", "HandlerTable", "Publisher",
]  # fmt: skip
