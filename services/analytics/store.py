"""What analytics keeps: counts for good; for an hour, sealed halves of questions not yet joined."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from libs.contracts.content import RETENTION_DAYS
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Sealed
from libs.kit.clock import Now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Index,
    Session,
    alive,
    database,
    ensure,
    in_transaction,
)
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from services.analytics.domain import Cell, Side, Table

COUNTS = tuple(Collection(table.value, expiring=False, required={"n": "int"}) for table in Table)
"""Documents `{_id: merchant|day|hour|words, n}` and nothing else."""

FRESHNESS = Collection("freshness", expiring=False, required={"counted_at": "date"})
"""When something was last counted for a merchant: one time per merchant, overwritten."""

INBOX_KEPT = timedelta(days=10)
"""As long as the topics keep (3 days) plus a week: a repeated event is never counted twice."""

PENDING_KEPT = timedelta(hours=1)
"""A half whose other half does not come in this time is dropped."""

INBOX = Collection("inbox", expiring=True, lives=INBOX_KEPT)
PENDING = Collection(
    "pending",
    expiring=True,
    indexes=(Index(("conversation_id",)),),
    required={"conversation_id": "string", "side": "string", "sealed": "object"},
    lives=PENDING_KEPT,
)

OBJECTIONS = Collection(
    "objections", expiring=True, required={"since": "date"}, lives=timedelta(days=RETENTION_DAYS)
)
"""Conversations whose questions are not to improve anything; each as long as it is heard of."""

Join = Callable[[Sealed], Awaitable[QuestionCounted]]


@dataclass(frozen=True)
class Half:
    """One side of a question: facts of the message, or of the bot's turn, sealed with its key."""

    question_id: UUID
    merchant_id: str
    conversation_id: str
    side: Side
    sealed: Sealed


class AnalyticsStore:
    """Analytics' own database."""

    def __init__(self, client: Client, outbox: Outbox, now: Now) -> None:
        self._client = client
        self._outbox = outbox
        self._db = database(client, "analytics")
        self._inbox = self._db[INBOX.name]
        self._pending = self._db[PENDING.name]
        self._objections = self._db[OBJECTIONS.name]
        self._freshness = self._db[FRESHNESS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies collections and indexes; called once at start."""
        await ensure(self._db, (*COUNTS, FRESHNESS, INBOX, PENDING, OBJECTIONS, OUTBOX, COUNTERS))

    async def count(self, event_id: UUID, merchant_id: str, cells: Sequence[Cell]) -> bool:
        """Adds one to each cell, once per event; whether this was the first time."""

        async def work(session: Session) -> bool:
            return await self._count(session, event_id, cells)

        return await self._fresh(merchant_id, await in_transaction(self._client, work))

    async def count_half(
        self, event_id: UUID, cells: Sequence[Cell], half: Half, join: Join
    ) -> bool:
        """Counts, and joins the half with its other side if that is here: then a question is told.

        Of a conversation whose visitor objects, numbers are counted and no question is made.
        """

        async def work(session: Session) -> bool:
            first = await self._count(session, event_id, cells)
            is_wanted = first and not await self._objects(session, half.conversation_id)
            other = await self._meet(session, half) if is_wanted else None
            if other is not None:
                await self._outbox.add(session, await join(other))
            return first

        first = await in_transaction(self._client, work)
        self._outbox.wake()
        return await self._fresh(half.merchant_id, first)

    async def erase(self, conversation_id: str) -> dict[str, int]:
        """Deletes whatever could be tied to a conversation; how many of what.

        Outside of a transaction the delete would wait for the open one of a process that was killed,
        on SecantusDB without end, and others with it.
        """

        async def work(session: Session) -> dict[str, int]:
            pending = await self._drop(session, conversation_id)
            mark = await self._objections.delete_one({"_id": conversation_id}, session=session)
            return {"pending": pending, "objections": mark.deleted_count}

        return await in_transaction(self._client, work)

    async def raise_objection(self, conversation_id: str, since: datetime) -> None:
        """From now on no question is made of a conversation, and what was begun is dropped."""
        mark = {"$max": {"since": since, "expires_at": self._heard_of()}}

        async def work(session: Session) -> None:
            await self._objections.update_one(
                {"_id": conversation_id}, mark, upsert=True, session=session
            )
            await self._drop(session, conversation_id)

        await in_transaction(self._client, work)

    async def withdraw_objection(self, conversation_id: str, at: datetime) -> None:
        """Questions may be made again, unless a later objection is known already."""
        before = {"_id": conversation_id, "since": {"$lte": at}}

        async def work(session: Session) -> None:
            await self._objections.delete_one(before, session=session)

        await in_transaction(self._client, work)

    async def cells(
        self, table: Table, merchant_id: str, first: date, last: date
    ) -> list[tuple[list[str], int]]:
        """The counts of days `first` to `last`: what their keys say after the merchant, and n."""
        keys = {
            "$gte": f"{merchant_id}|{first.isoformat()}|",
            # "}" sorts after "|": every hour of the last day is below it.
            "$lt": f"{merchant_id}|{last.isoformat()}}}",
        }
        found = self._db[table.value].find({"_id": keys}).sort("_id", 1)
        return [(row["_id"].split("|")[1:], row["n"]) async for row in found]

    async def last_counted(self, merchant_id: str) -> datetime | None:
        """When something was last counted for the merchant."""
        found = await self._freshness.find_one({"_id": merchant_id})
        counted_at: datetime | None = found["counted_at"] if found else None
        return counted_at

    async def _objects(self, session: Session, conversation_id: str) -> bool:
        longer = {"$max": {"expires_at": self._heard_of()}}
        known = await self._objections.update_one({"_id": conversation_id}, longer, session=session)
        return known.matched_count > 0

    def _heard_of(self) -> datetime:
        return self._now() + timedelta(days=RETENTION_DAYS)

    async def _drop(self, session: Session, conversation_id: str) -> int:
        mine = {"conversation_id": conversation_id}
        return (await self._pending.delete_many(mine, session=session)).deleted_count

    async def _count(self, session: Session, event_id: UUID, cells: Sequence[Cell]) -> bool:
        mark: Document = {"_id": str(event_id)}
        if await self._inbox.find_one(mark, session=session):
            return False
        mark["expires_at"] = self._now() + INBOX_KEPT
        await self._inbox.insert_one(mark, session=session)
        for cell in cells:
            await self._db[cell.table.value].update_one(
                {"_id": cell.key}, {"$inc": {"n": 1}}, upsert=True, session=session
            )
        return True

    async def _meet(self, session: Session, half: Half) -> Sealed | None:
        mine: Document = {"_id": str(half.question_id)}
        other = mine | {"side": {"$ne": half.side}} | alive(self._now())
        found = await self._pending.find_one_and_delete(other, session=session)
        if found:
            return Sealed.model_validate(found["sealed"])
        row = {
            "conversation_id": half.conversation_id,
            "side": half.side,
            "sealed": half.sealed.model_dump(mode="json"),
            "expires_at": self._now() + PENDING_KEPT,
        }
        await self._pending.replace_one(mine, mine | row, upsert=True, session=session)
        return None

    async def _fresh(self, merchant_id: str, counted: bool) -> bool:
        """Outside the transaction: a lost update costs the page a few seconds of freshness only."""
        if counted:
            await self._freshness.update_one(
                {"_id": merchant_id}, {"$max": {"counted_at": self._now()}}, upsert=True
            )
        return counted
