"""The ledger of erasures: begun once, acknowledged by every service, then signed and never changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.privacy import ErasureRecorded, ErasureRequested
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
from libs.kit.outbox import Outbox
from services.retention.domain import Erasure, RequestedBy, completed, noted, recorded, requested
from services.retention.evidence import facts_of
from services.retention.receipts import Facts
from services.retention.store import CONVERSATIONS

ERASURES = Collection(
    "erasures",
    expiring=True,
    indexes=(Index(("conversation_id",), unique=True), Index(("completed_at", "asked_at"))),
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

UNFINISHED: Document = {"completed_at": None}

Sign = Callable[[Facts], Document]
"""Makes the receipt of what it is given."""

MARK_KEPT = timedelta(days=400)
"""An erased conversation stays refused for longer than any replay, key or backup can live."""


class Ledger:
    """Erasures, and the marks of erased conversations."""

    def __init__(self, client: Client, outbox: Outbox, sign: Sign, now: Now) -> None:
        self._client = client
        self._outbox = outbox
        self._sign = sign
        self._now = now
        self._db = database(client, "retention")
        self._erasures = self._db[ERASURES.name]

    async def prepare(self) -> None:
        """Creates and verifies collection and indexes; called once at start.

        What an older version began did not note when it asked: it is asked again.
        """
        await ensure(self._db, (ERASURES,))
        unknown = UNFINISHED | {"asked_at": {"$exists": False}}
        await self._erasures.update_many(unknown, {"$set": {"asked_at": EPOCH}})

    async def begin(self, merchant_id: str, conversation_id: str, erasure: Erasure) -> Erasure:
        """Marks the conversation as erased and speaks of it, in one transaction; once only."""

        async def work(session: Session) -> None:
            mark = _mark(merchant_id, erasure)
            await self._db[CONVERSATIONS.name].replace_one(
                {"_id": conversation_id}, mark, upsert=True, session=session
            )
            row = _document(merchant_id, conversation_id, erasure)
            await self._erasures.insert_one(row, session=session)
            whose = (erasure, merchant_id, conversation_id)
            await self._outbox.add(session, recorded(*whose), requested(*whose))

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            running = await self._erasures.find_one({"conversation_id": conversation_id})
            return _erasure(running) if running else erasure
        self._outbox.wake()
        return erasure

    async def acknowledge(self, event: ErasureAcknowledged) -> None:
        """Notes a service's acknowledgement; the last one completes the erasure, signs, says so."""
        found = {"_id": str(event.erasure_id)}

        async def work(session: Session) -> None:
            row = await self._erasures.find_one(found, session=session)
            if row is None or row["completed_at"]:
                return
            erasure = noted(_erasure(row), event)
            change: Document = {"deleted": _counts(erasure)}
            if erasure.all_acknowledged:
                now = self._now()
                receipt = self._sign(facts_of(erasure, row["merchant_id"], now))
                change |= {"completed_at": now, "receipt": receipt}
                await self._outbox.add(session, completed(event, erasure, now))
            await self._erasures.update_one(found, {"$set": change}, session=session)

        await in_transaction(self._client, work)
        self._outbox.wake()

    async def find(self, erasure_id: UUID) -> Erasure | None:
        """How far an erasure has come, or None for an unknown id."""
        row = await self._erasures.find_one({"_id": str(erasure_id)} | alive(self._now()))
        return _erasure(row) if row else None

    async def due(self, asked_before: datetime, limit: int) -> list[ErasureRequested]:
        """What is to be asked again: unfinished, and nobody was asked since; longest ago first.

        Each is handed out once: it counts as asked now, in every process.
        """
        late = UNFINISHED | {"asked_at": {"$lt": asked_before}} | alive(self._now())
        rows = await self._erasures.find(late).sort("asked_at", 1).to_list(limit)
        return [_request(row) for row in rows if await self._take(row)]

    async def overdue(self, requested_before: datetime) -> list[Erasure]:
        """Erasures that were asked for before a moment and are not finished, the oldest first."""
        late = UNFINISHED | {"requested_at": {"$lt": requested_before}} | alive(self._now())
        return [_erasure(row) async for row in self._erasures.find(late).sort("requested_at", 1)]

    async def _take(self, row: Document) -> bool:
        """Whether nobody else took it. Outside of a transaction the update would wait for the open one
        of a process that was killed, on SecantusDB without end.
        """
        unchanged = {"_id": row["_id"], "asked_at": row["asked_at"]} | UNFINISHED
        asked = {"$set": {"asked_at": self._now()}}

        async def work(session: Session) -> bool:
            taken = await self._erasures.update_one(unchanged, asked, session=session)
            return taken.modified_count == 1

        return await in_transaction(self._client, work)


async def remember(client: Client, event: ErasureRecorded) -> None:
    """Marks a conversation as erased in a store that forgot it; every service is asked again.

    Called for each entry of the ledger when an older backup was restored, before services start.
    """
    db = database(client, "retention")
    erasure = Erasure(event.erasure_id, event.requested_by, event.occurred_at)
    await db[CONVERSATIONS.name].replace_one(
        {"_id": event.conversation_id}, _mark(event.merchant_id, erasure), upsert=True
    )
    row = _document(event.merchant_id, event.conversation_id, erasure) | {"asked_at": EPOCH}
    await db[ERASURES.name].update_one(
        {"conversation_id": event.conversation_id}, {"$setOnInsert": row}, upsert=True
    )


def _mark(merchant_id: str, erasure: Erasure) -> Document:
    return {
        "merchant_id": merchant_id, "erased_at": erasure.requested_at,
        "expires_at": erasure.requested_at + MARK_KEPT,
    }  # fmt: skip


def _document(merchant_id: str, conversation_id: str, erasure: Erasure) -> Document:
    return {
        "_id": str(erasure.erasure_id), "merchant_id": merchant_id,
        "conversation_id": conversation_id, "requested_by": erasure.requested_by,
        "requested_at": erasure.requested_at, "asked_at": erasure.requested_at, "deleted": {},
        "completed_at": None, "receipt": None, "expires_at": erasure.requested_at + MARK_KEPT,
    }  # fmt: skip


def _erasure(row: Document) -> Erasure:
    requested_by: RequestedBy = row["requested_by"]
    return Erasure(
        erasure_id=UUID(row["_id"]),
        requested_by=requested_by,
        requested_at=row["requested_at"],
        deleted=row["deleted"],
        completed_at=row["completed_at"],
        # What an older version completed was not signed.
        receipt=row.get("receipt"),
    )


def _request(row: Document) -> ErasureRequested:
    return requested(_erasure(row), row["merchant_id"], row["conversation_id"])


def _counts(erasure: Erasure) -> Document:
    return {service: dict(counts) for service, counts in erasure.deleted.items()}
