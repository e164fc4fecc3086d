"""What analytics keeps: counts for good; for a while, what makes each conversation count once."""

from collections.abc import (
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from datetime import timedelta
from typing import Any

from bson import Int64
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from libs.kit import mongo
from libs.kit.clock import Now
from libs.kit.mongo import Client, Session, database, ensure, in_transaction
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from libs.kit.try_counts import TRIES as TRIES_TO_OPEN
from services.analytics.folding import Counted, Fold
from services.analytics.halves import OBJECTIONS, PENDING, Halves, Join
from services.analytics.inbox.store import SAMPLES, Samples

COUNTS = mongo.Collection("counts", expiring=False, required={"n": "int"})
"""Documents `{_id: merchant|first day|day, week or month|table|word, n}` and nothing else."""

RELEASES = mongo.Collection(
    "releases", expiring=False, required={"shown": "object", "rest": "object", "version": "int"}
)
"""What of the counts has been shown: per merchant and period, never less than before."""

FRESHNESS = mongo.Collection("freshness", expiring=False, required={"counted_at": "date"})
"""When something was last counted for a merchant: one time per merchant, overwritten."""

POSITIONS = mongo.Collection("positions", expiring=False, required={"offset": "long"})
"""How far each partition is counted, written with the counts."""

INBOX_KEPT = timedelta(days=10)
"""As long as the topics keep (3 days) plus a week: a repeated event is never counted twice."""

MARKS_KEPT = timedelta(days=35)
"""A month and some days: longer than the longest period in which a conversation counts once."""

INBOX = mongo.Collection("inbox", expiring=True, lives=INBOX_KEPT)
MARKS = mongo.Collection("marks", expiring=True, required={"seen": "array"}, lives=MARKS_KEPT)
"""Which cells a conversation is in already: keyed hashes, under a keyed hash of its id."""

TRIES = 5
"""So often a batch is counted anew when another process has counted one of its events meanwhile."""


class AnalyticsStore:
    """Analytics' own database, as its consumer writes it."""

    def __init__(self, client: Client, outbox: Outbox, now: Now, marks_key: bytes) -> None:
        self._client = client
        self._outbox = outbox
        self._now = now
        self._marks_key = marks_key
        self._db = database(client, "analytics")
        self._inbox = self._db[INBOX.name]
        self.samples = Samples(client, now, marks_key)
        self.halves = Halves(client, outbox, now, self.samples)

    async def prepare(self) -> None:
        """Creates and verifies collections and indexes; called once at start."""
        kept = (COUNTS, RELEASES, FRESHNESS, POSITIONS, INBOX, MARKS, PENDING, OBJECTIONS, SAMPLES)
        await ensure(self._db, (*kept, OUTBOX, COUNTERS, TRIES_TO_OPEN))

    async def count(
        self,
        batch: Sequence[Counted],
        join: Join,
        *,
        objecting: Collection[str] = (),
        read_to: Mapping[tuple[str, int], int] | None = None,
    ) -> int:
        """Counts what was not counted before, in one transaction with how far was read; how many.

        Two halves of a question that meet are told, unless its visitor objects.
        """

        async def work(session: Session) -> Sequence[Counted]:
            fresh = await self._fresh(session, batch)
            if fresh:
                await self._add(session, fresh)
                halves = [one.half for one in fresh if one.half]
                await self.halves.tell(session, halves, join, objecting)
            await self._read(session, read_to or {})
            return fresh

        fresh = await self._once(work)
        self._outbox.wake()
        await self._freshen({one.merchant_id for one in fresh})
        return len(fresh)

    async def erase(self, conversation_id: str) -> dict[str, int]:
        """Deletes whatever could be tied to a conversation; how many of what.

        Outside of a transaction the delete would wait for the open one of a process that was killed,
        on SecantusDB without end, and others with it.
        """
        marks = {"_id": Fold(self._marks_key).name(conversation_id)}

        async def work(session: Session) -> dict[str, int]:
            halves = await self.halves.erase(session, conversation_id)
            seen = await self._db[MARKS.name].delete_one(marks, session=session)
            return {**halves, "marks": seen.deleted_count}

        return await in_transaction(self._client, work)

    async def mark(
        self, marks: Mapping[str, Sequence[bytes]], session: Session | None = None
    ) -> None:
        """Notes where conversations are counted; a mark that is there already is not made again."""
        ends = {"expires_at": self._now() + MARKS_KEPT}
        marking = [
            UpdateOne(
                {"_id": name}, {"$addToSet": {"seen": {"$each": new}}, "$set": ends}, upsert=True
            )
            for name, new in marks.items()
        ]
        if marking:
            await self._db[MARKS.name].bulk_write(marking, ordered=False, session=session)

    async def _once(
        self, work: Callable[[Session], Coroutine[Any, Any, Sequence[Counted]]]
    ) -> Sequence[Counted]:
        for left in reversed(range(TRIES)):
            try:
                return await in_transaction(self._client, work)
            except (DuplicateKeyError, BulkWriteError):
                if not left:
                    raise
        raise AssertionError

    async def _fresh(self, session: Session, batch: Sequence[Counted]) -> Sequence[Counted]:
        by_id = {str(one.event_id): one for one in batch}
        known = self._inbox.find({"_id": {"$in": [*by_id]}}, {"_id": 1}, session=session)
        async for mark in known:
            del by_id[mark["_id"]]
        if by_id:
            ends = self._now() + INBOX_KEPT
            marks = [{"_id": event_id, "expires_at": ends} for event_id in by_id]
            await self._inbox.insert_many(marks, session=session)
        return [*by_id.values()]

    async def _add(self, session: Session, fresh: Sequence[Counted]) -> None:
        fold = Fold(self._marks_key)
        names = {fold.name(one.conversation_id) for one in fresh}
        rows = self._db[MARKS.name].find({"_id": {"$in": [*names]}}, session=session)
        fold.seen = {row["_id"]: {*map(bytes, row["seen"])} async for row in rows}
        for one in fresh:
            fold.add(one)
        await self.mark(fold.marks(), session)
        adding = [
            UpdateOne({"_id": k}, {"$inc": {"n": n}}, upsert=True) for k, n in fold.counts.items()
        ]
        if adding:
            await self._db[COUNTS.name].bulk_write(adding, ordered=False, session=session)

    async def _read(self, session: Session, read_to: Mapping[tuple[str, int], int]) -> None:
        moving = [
            UpdateOne({"_id": f"{topic}|{n}"}, {"$set": {"offset": Int64(offset)}}, upsert=True)
            for (topic, n), offset in read_to.items()
        ]
        if moving:
            await self._db[POSITIONS.name].bulk_write(moving, ordered=False, session=session)

    async def _freshen(self, merchants: Collection[str]) -> None:
        """Outside the transaction: a lost update costs the page a few seconds of freshness only."""
        for merchant_id in merchants:
            await self._db[FRESHNESS.name].update_one(
                {"_id": merchant_id}, {"$max": {"counted_at": self._now()}}, upsert=True
            )
