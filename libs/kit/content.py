"""Merchants and their packs as this process knows them: the content topic, read into memory."""

import asyncio
from collections.abc import Awaitable, Callable
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

    async def start(self) -> None:
        """Reads everything published so far, then keeps following in the background."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap.split(","),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await self._consumer.start()
        partitions = [TopicPartition(CONTENT.name, n) for n in range(CONTENT.partitions)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        await self._catch_up(partitions)
        self._following = asyncio.create_task(self._follow(), name="content-view")

    async def stop(self) -> None:
        """Stops following."""
        if self._following:
            self._following.cancel()
        if self._consumer:
            await self._consumer.stop()

    async def _catch_up(self, partitions: list[TopicPartition]) -> None:
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(partitions)
        while any([await self._consumer.position(p) < end for p, end in ends.items()]):
            await self._read_some()

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

    async def _take(self, record: ConsumerRecord) -> None:
        try:
            pack = decode(record, self._adapter)
        except BadMessage as bad:
            self._log.error("Passed over a pack that cannot be read.", reason=bad.reason)
            return
        if not isinstance(pack, PackPublished):
            return
        self.put(pack)
        if self._on_published:
            await self._on_published(pack)
