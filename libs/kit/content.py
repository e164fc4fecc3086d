"""Merchants and their packs as this process knows them: the content topic, read into memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.content import PackPublished
from libs.contracts.topics import CONTENT
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage, Refused
from libs.kit.settings import CommonSettings

OnPublished = Callable[[PackPublished], Awaitable[None]]


class MerchantContent(Protocol):
    """What rooms ask of the content."""

    def get(self, merchant_id: str) -> PackPublished:
        """The merchant's newest pack; raises Refused (404) for an unknown merchant."""

    def all(self) -> tuple[PackPublished, ...]:
        """Every merchant's newest pack, by merchant id."""

    async def wait_for(self, merchant_id: str) -> None:
        """Returns when the merchant is known, or when it is certain that no pack is on its way."""


class Packs:
    """The newest pack of each merchant, in memory."""

    def __init__(self, *packs: PackPublished) -> None:
        self._packs = {pack.merchant_id: pack for pack in packs}

    def put(self, pack: PackPublished) -> None:
        """Takes a newly published pack as the merchant's newest."""
        self._packs[pack.merchant_id] = pack

    def get(self, merchant_id: str) -> PackPublished:
        """The merchant's newest pack; raises Refused (404) for an unknown merchant."""
        if merchant_id not in self._packs:
            raise Refused(
                404, "unknown_merchant", "No shop with this id uses this chat.",
                "check data-merchant in the script tag, or run `prat content publish`.",
            )  # fmt: skip
        return self._packs[merchant_id]

    def all(self) -> tuple[PackPublished, ...]:
        """Every merchant's newest pack, by merchant id."""
        return tuple(self._packs[merchant_id] for merchant_id in sorted(self._packs))

    async def wait_for(self, merchant_id: str) -> None:
        """Returns at once: nothing is on its way here."""


class ContentView(Packs):
    """`Packs` kept current from the bus; without a group, as every process needs every merchant."""

    def __init__(self, settings: CommonSettings, on_published: OnPublished | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._on_published = on_published
        self._log = structlog.get_logger()
        self._adapter = CONTENT.adapter()
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None
        self._partitions = [TopicPartition(CONTENT.name, n) for n in range(CONTENT.partitions)]
        self._read: dict[TopicPartition, int] = {}
        self._moved = asyncio.Event()

    async def start(self) -> None:
        """Reads everything published so far, then keeps following in the background."""
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
        self._following = asyncio.create_task(self._follow(), name="content-view")

    async def wait_for(self, merchant_id: str) -> None:
        """Returns when the merchant is known, or when everything published by now has been read.

        Topics keep no order between them: an event may be here before the pack that was published
        before it. Only after this wait a merchant that is not known is unknown.
        """
        if self._knows(merchant_id):
            return
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(self._partitions)
        while not (self._knows(merchant_id) or self._has_read(ends)):
            await self._moved.wait()

    async def followed(self) -> None:
        """Lasts as long as the content is followed: a service whose content stands still must end."""
        assert self._following is not None
        await self._following

    async def stop(self) -> None:
        """Stops following."""
        if self._following:
            self._following.cancel()
        if self._consumer:
            await self._consumer.stop()

    def _knows(self, merchant_id: str) -> bool:
        return merchant_id in self._packs

    def _has_read(self, ends: Mapping[TopicPartition, int]) -> bool:
        return all(self._read.get(partition, 0) >= end for partition, end in ends.items())

    def _tell(self) -> None:
        """Wakes whoever waits for a pack."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def _follow(self) -> None:
        while True:
            try:
                await self._read_some()
            except KafkaError as error:
                self._log.warning("The content topic is away.", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _read_some(self) -> None:
        assert self._consumer is not None
        for records in (await self._consumer.getmany(timeout_ms=500)).values():
            for record in records:
                await self._take(record)
        self._read = {each: await self._consumer.position(each) for each in self._partitions}
        self._tell()

    async def _take(self, record: ConsumerRecord) -> None:
        try:
            pack = decode(record, self._adapter)
        except BadMessage as bad:
            self._log.error("Passed over a pack that cannot be read.", reason=bad.reason)
            return
        if not isinstance(pack, PackPublished):
            return
        self.put(pack)
        self._tell()
        if self._on_published:
            await self._on_published(pack)
