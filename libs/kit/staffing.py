"""Which agents are there, as this process knows it: the staffing topic, read into memory."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.case import StaffingChanged
from libs.contracts.topics import STAFFING
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage
from libs.kit.settings import CommonSettings

Online = Mapping[str, int] | None
"""How many agents are online for each skill; None while nobody has said."""


class Staffing(Protocol):
    """What rooms ask of the staffing."""

    def online(self, merchant_id: str) -> Online:
        """How many of a merchant's agents are online for each skill; None while nobody has said."""


class StaffingTable:
    """The newest numbers of each merchant, in memory."""

    def __init__(self) -> None:
        self._newest: dict[str, StaffingChanged] = {}

    def put(self, event: StaffingChanged) -> None:
        """Takes a merchant's numbers, unless newer ones are known."""
        known = self._newest.get(event.merchant_id)
        if known is None or known.occurred_at <= event.occurred_at:
            self._newest[event.merchant_id] = event

    def online(self, merchant_id: str) -> Online:
        """How many of a merchant's agents are online for each skill; None while nobody has said."""
        known = self._newest.get(merchant_id)
        return known.online if known else None


class StaffingView(StaffingTable):
    """The table kept current from the bus; without a group, as every process needs every merchant."""

    def __init__(self, settings: CommonSettings) -> None:
        super().__init__()
        self._settings = settings
        self._log = structlog.get_logger()
        self._adapter = STAFFING.adapter()
        self._consumer: AIOKafkaConsumer | None = None
        self._partitions = [TopicPartition(STAFFING.name, n) for n in range(STAFFING.partitions)]

    async def start(self) -> None:
        """Reads everything that was said so far: no offer is made on half of it."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap.split(","),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        ends = await self._consumer.end_offsets(self._partitions)
        while any([await self._consumer.position(each) < end for each, end in ends.items()]):
            await self._read_some()

    async def follow(self) -> None:
        """Keeps the table current; runs as long as the service does."""
        while True:
            try:
                await self._read_some()
            except KafkaError as error:
                self._log.warning("The staffing topic is away.", error=type(error).__name__)
                await asyncio.sleep(1)

    async def stop(self) -> None:
        """Stops reading."""
        if self._consumer:
            await self._consumer.stop()

    async def _read_some(self) -> None:
        assert self._consumer is not None
        for records in (await self._consumer.getmany(timeout_ms=500)).values():
            for record in records:
                try:
                    event = decode(record, self._adapter)
                except BadMessage as bad:
                    self._log.error(
                        "Passed over a staffing that cannot be read.", reason=bad.reason
                    )
                    continue
                assert isinstance(event, StaffingChanged)
                self.put(event)
