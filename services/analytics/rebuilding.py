"""Rebuilding: the counts made anew from what the topics still keep, while counting goes on.

The counts and how far they reach are read in one moment; the topics are read up to there and counted in
memory; the differences are added in one transaction. So nothing that is counted meanwhile is lost.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import UpdateOne

from libs.contracts.content import PackPublished
from libs.contracts.topics import BOT, CASE, HOURS_72_MS, PRIVACY, VISITOR
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage
from libs.kit.mongo import Client, Session, database, in_transaction
from libs.kit.settings import CommonSettings
from services.analytics.calendar import units_of
from services.analytics.domain import Table
from services.analytics.folding import Fold
from services.analytics.handlers import KINDS, AnalyticsHandlers
from services.analytics.store import COUNTS, POSITIONS

TOPICS = (VISITOR, BOT, CASE, PRIVACY)
OF_TEXTS = (Table.LENGTHS, Table.MENTIONS)
"""Tables that are made from texts: those erased meanwhile cannot be read again, so these never shrink."""

READ_MS = 500
MARKS_AT_ONCE = 500

Progress = Callable[[int, int], None]
Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuilding found."""

    records: int
    cells: int
    corrected: int
    since: datetime | None


@dataclass(frozen=True)
class Rebuilding:
    """Everything that it takes."""

    client: Client
    settings: CommonSettings
    content: MerchantContent
    handlers: AnalyticsHandlers
    marks_key: bytes
    now: Now

    async def run(self, progress: Progress) -> Rebuilt:
        """Counts anew and corrects what differs."""
        before, positions = await self._snapshot()
        async with AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_bootstrap.split(","),
            enable_auto_commit=False, auto_offset_reset="earliest",
        ) as consumer:  # fmt: skip
            ends, since = await self._place(consumer, positions)
            records, fold = await self._count(consumer, ends, progress)
        wrong = self._differences(before, fold.counts, since)
        marks = iter(fold.marks().items())
        while some := dict(islice(marks, MARKS_AT_ONCE)):
            await self.handlers.store.mark(some)
        if wrong:
            await in_transaction(self.client, lambda session: self._correct(session, wrong))
        return Rebuilt(records, len(fold.counts), len(wrong), since)

    async def _snapshot(self) -> tuple[Counter[str], dict[TopicPartition, int]]:
        """The counts of late, and how far each partition is in them: of one moment."""

        async def work(session: Session) -> tuple[Counter[str], dict[TopicPartition, int]]:
            db = database(self.client, "analytics")
            counts = Counter[str]()
            for pack in self.content.all():
                rows = db[COUNTS.name].find({"_id": self._lately(pack)}, session=session)
                counts.update({row["_id"]: row["n"] async for row in rows})
            places = {
                _partition(row["_id"]): int(row["offset"])
                async for row in db[POSITIONS.name].find({}, session=session)
            }
            return counts, places

        return await in_transaction(self.client, work)

    def _lately(self, pack: PackPublished) -> dict[str, str]:
        day = (self.now() - timedelta(milliseconds=2 * HOURS_72_MS)).date()
        first = min(unit.first for unit in units_of(day)).isoformat()
        return {"$gte": f"{pack.merchant_id}|{first}|", "$lt": f"{pack.merchant_id}}}"}

    async def _place(
        self, consumer: AIOKafkaConsumer, positions: Ends
    ) -> tuple[Ends, datetime | None]:
        """Goes to the beginning; up to where to read, and since when nothing is missing (None: ever)."""
        partitions = [
            TopicPartition(topic.name, n) for topic in TOPICS for n in range(topic.partitions)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        begin = await consumer.beginning_offsets(partitions)
        last = await consumer.end_offsets(partitions)
        ends = {one: min(positions.get(one, 0), last[one]) for one in partitions}
        is_cut = any(begin.values())
        kept = timedelta(milliseconds=HOURS_72_MS)
        return ends, self.now() - kept if is_cut else None

    async def _count(
        self, consumer: AIOKafkaConsumer, ends: Ends, progress: Progress
    ) -> tuple[int, Fold]:
        fold, seen, records = Fold(self.marks_key), set[UUID](), 0
        # The topics may begin behind what was counted: they forget.
        all_of_them = sum([max(0, end - await consumer.position(one)) for one, end in ends.items()])
        mine = {pack.merchant_id for pack in self.content.all()}
        async for batch in _read(consumer, ends):
            records += len(batch)
            for event in sorted(filter(None, map(_event, batch)), key=_when):
                if event.event_id not in seen and event.merchant_id in mine:
                    seen.add(event.event_id)
                    if counted := await self.handlers.counted_again(event):
                        fold.add(counted)
            progress(records, all_of_them)
        return records, fold

    def _differences(
        self, before: Counter[str], now: Counter[str], since: datetime | None
    ) -> dict[str, int]:
        """What to add to which count; only of periods of which nothing is missing on the topics."""
        wrong = {key: now[key] - before[key] for key in {*before, *now}}
        return {
            key: n
            for key, n in wrong.items()
            if n and (n > 0 or Table(key.split("|")[3]) not in OF_TEXTS) and self._whole(key, since)
        }

    def _whole(self, key: str, since: datetime | None) -> bool:
        if since is None:
            return True
        merchant_id, first, *_ = key.split("|")
        zone = ZoneInfo(self.content.get(merchant_id).merchant.time_zone)
        began = datetime.combine(datetime.fromisoformat(first).date(), time(), zone)
        return began >= since

    async def _correct(self, session: Session, wrong: Mapping[str, int]) -> None:
        counts = database(self.client, "analytics")[COUNTS.name]
        adding = [UpdateOne({"_id": k}, {"$inc": {"n": n}}, upsert=True) for k, n in wrong.items()]
        await counts.bulk_write(adding, ordered=False, session=session)
        await counts.delete_many({"_id": {"$in": [*wrong]}, "n": {"$lte": 0}}, session=session)


async def _read(consumer: AIOKafkaConsumer, ends: Ends) -> AsyncIterator[Sequence[Any]]:
    """The records before `ends`, as they come."""
    left = {one for one, end in ends.items() if await consumer.position(one) < end}
    while left:
        got = await consumer.getmany(*left, timeout_ms=READ_MS)
        yield [record for one, some in got.items() for record in some if record.offset < ends[one]]
        left = {one for one in left if await consumer.position(one) < ends[one]}


ADAPTERS = {topic.name: topic.adapter() for topic in TOPICS}


def _event(record: Any) -> Any:
    """Its event if it is one that is counted; what cannot be read was not counted either."""
    try:
        event = decode(record, ADAPTERS[record.topic])
    except BadMessage:
        return None
    return event if type(event) in KINDS else None


def _when(event: Any) -> datetime:
    at: datetime = event.occurred_at
    return at


def _partition(name: str) -> TopicPartition:
    topic, _, number = name.rpartition("|")
    return TopicPartition(topic, int(number))
