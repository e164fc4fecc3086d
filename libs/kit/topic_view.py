"""A compacted topic, read whole into memory and then followed: what a process knows by heart."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.envelope import Event
from libs.contracts.topics import Topic
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage
from libs.kit.settings import CommonSettings


class TopicView(ABC):
    """Reads a topic from its beginning; without a group, as every process needs all of it."""

    def __init__(self, settings: CommonSettings, topic: Topic) -> None:
        self._settings = settings
        self._topic = topic
        self._log = structlog.get_logger()
        self._adapter = topic.adapter()
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None
        self._partitions = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
        self._read: dict[TopicPartition, int] = {}
        self._moved = asyncio.Event()

    @abstractmethod
    async def take(self, event: Event) -> None:
        """Takes an event, older ones first; what it raises ends the view."""

    @abstractmethod
    def forget(self, key: str) -> None:
        """Forgets what was said under a key: it is no more."""

    async def start(self) -> None:
        """Reads everything said so far, then keeps following in the background."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap.split(","),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        ends = await self._consumer.end_offsets(self._partitions)
        while not self._has_read(ends):
            await self._read_some()
        self._following = asyncio.create_task(self._follow(), name=f"view-{self._topic.name}")

    async def until(self, enough: Callable[[], bool]) -> None:
        """Returns when `enough` is true, or when everything said by now has been read."""
        if enough():
            return
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(self._partitions)
        while not (enough() or self._has_read(ends)):
            await self._moved.wait()

    async def followed(self) -> None:
        """Lasts as long as the topic is followed: a service whose view stands still must end."""
        assert self._following is not None
        await self._following

    async def stop(self) -> None:
        """Stops following."""
        if self._following:
            self._following.cancel()
        if self._consumer:
            await self._consumer.stop()

    def tell(self) -> None:
        """Wakes whoever waits for something to be known."""
        self._moved.set()
        self._moved = asyncio.Event()

    def _has_read(self, ends: Mapping[TopicPartition, int]) -> bool:
        return all(self._read.get(partition, 0) >= end for partition, end in ends.items())

    async def _follow(self) -> None:
        while True:
            try:
                await self._read_some()
            except KafkaError as error:
                self._log.warning(
                    "A topic is away.", topic=self._topic.name, error=type(error).__name__
                )
                await asyncio.sleep(1)

    async def _read_some(self) -> None:
        assert self._consumer is not None
        for records in (await self._consumer.getmany(timeout_ms=500)).values():
            for record in records:
                await self._decoded(record)
        self._read = {each: await self._consumer.position(each) for each in self._partitions}
        self.tell()

    async def _decoded(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        if record.value is None and record.key:
            self.forget(record.key.decode())
            return
        try:
            event = decode(record, self._adapter)
        except BadMessage as bad:
            self._log.error(
                "Passed over a record that cannot be read.",
                topic=self._topic.name, reason=bad.reason,
            )  # fmt: skip
            return
        await self.take(event)
