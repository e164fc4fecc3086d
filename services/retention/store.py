"""What retention keeps: transcripts (sealed, expiring), erasures, and marks of erased conversations."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.transcript import StoredMessage, TranscriptPage
from libs.kit.clock import Now
from libs.kit.errors import Unavailable
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
from services.retention.domain import Entry, Erasure, Numbering, RequestedBy, completed, requested

MESSAGES = Collection(
    "messages",
    expiring=True,
    indexes=(Index(("conversation_id", "seq"), unique=True),),
    required={
        "merchant_id": "string",
        "conversation_id": "string",
        "seq": "int",
        "sealed": "object",
    },
)
CONVERSATIONS = Collection("conversations", expiring=True, required={"merchant_id": "string"})
ERASURES = Collection(
    "erasures", expiring=True, indexes=(Index(("conversation_id",), unique=True),)
)

MARK_KEPT = timedelta(days=400)
"""An erased conversation stays refused for longer than any replay, key or backup can live."""


class RetentionStore:
    """Retention's own database."""

    def __init__(self, client: Client, now: Now) -> None:
        self._client = client
        self.db = database(client, "retention")
        self._messages = self.db[MESSAGES.name]
        self._conversations = self.db[CONVERSATIONS.name]
        self._erasures = self.db[ERASURES.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies collections and indexes; called once at start."""
        await ensure(self.db, (MESSAGES, CONVERSATIONS, ERASURES, OUTBOX, COUNTERS))

    async def append(self, entry: Entry) -> int | None:
        """Stores an entry under the next number; None when it is erased or past its end.

        Raises Unavailable when another write got in its way: the event comes again.
        """
        if entry.expires_at <= self._now():
            return None
        known = await self._seq_of(entry.event.event_id)
        if known is not None:
            return known
        try:
            return await in_transaction(self._client, lambda session: self._insert(session, entry))
        except DuplicateKeyError:
            return await self._after_conflict(entry)

    async def page(self, conversation_id: str, after: int, limit: int) -> TranscriptPage:
        """Living entries after a number, in order."""
        living = {"conversation_id": conversation_id} | alive(self._now())
        cursor = self._messages.find(living | {"seq": {"$gt": after}}).sort("seq", 1).limit(limit)
        messages = tuple([_message(document) async for document in cursor])
        newest = await self._conversations.find_one(
            {"_id": conversation_id, "erased_at": None} | alive(self._now())
        )
        return TranscriptPage(head=newest.get("seq", 0) if newest else 0, messages=messages)

    async def begin_erasure(
        self, merchant_id: str, conversation_id: str, erasure: Erasure, outbox: Outbox
    ) -> Erasure:
        """Marks the conversation as erased and speaks of it, in one transaction; once only."""

        async def work(session: Session) -> None:
            mark = {
                "merchant_id": merchant_id, "erased_at": erasure.requested_at,
                "expires_at": erasure.requested_at + MARK_KEPT,
            }  # fmt: skip
            await self._conversations.replace_one(
                {"_id": conversation_id}, mark, upsert=True, session=session
            )
            await self._erasures.insert_one(
                _erasure_document(merchant_id, conversation_id, erasure), session=session
            )
            await outbox.add(session, requested(erasure, merchant_id, conversation_id))

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            running = await self._erasures.find_one({"conversation_id": conversation_id})
            return _erasure(running) if running else erasure
        outbox.wake()
        return erasure

    async def delete_messages(self, conversation_id: str) -> int:
        """Deletes every entry of a conversation; the count."""
        deleted = await self._messages.delete_many({"conversation_id": conversation_id})
        return deleted.deleted_count

    async def acknowledge(self, event: ErasureAcknowledged, outbox: Outbox) -> None:
        """Notes a service's acknowledgement; the last one completes the erasure and says so."""

        async def work(session: Session) -> None:
            found = await self._erasures.find_one_and_update(
                {"_id": str(event.erasure_id)},
                {"$set": {f"deleted.{event.service}": event.deleted}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            if found and _erasure(found).all_acknowledged and not found.get("completed_at"):
                await self._complete(session, event, _erasure(found), outbox)

        await in_transaction(self._client, work)
        outbox.wake()

    async def erasure(self, erasure_id: UUID) -> Erasure | None:
        """How far an erasure has come, or None for an unknown id."""
        found = await self._erasures.find_one({"_id": str(erasure_id)} | alive(self._now()))
        return _erasure(found) if found else None

    async def _complete(
        self, session: Session, event: ErasureAcknowledged, erasure: Erasure, outbox: Outbox
    ) -> None:
        now = self._now()
        await self._erasures.update_one(
            {"_id": str(event.erasure_id)}, {"$set": {"completed_at": now}}, session=session
        )
        await outbox.add(session, completed(event, erasure, now))

    async def _after_conflict(self, entry: Entry) -> int | None:
        """Stored just now by somebody else, or erased; anything else must be tried again, not lost.

        A worker that was stopped in mid-transaction may leave numbers ahead of the counter.
        """
        conversation_id = entry.event.conversation_id
        seq = await self._seq_of(entry.event.event_id)
        if seq is not None or await self._is_erased(conversation_id):
            return seq
        newest = await self._messages.find_one(
            {"conversation_id": conversation_id}, sort=[("seq", -1)]
        )
        if newest:
            await self._conversations.update_one(
                {"_id": conversation_id, "erased_at": None}, {"$max": {"seq": newest["seq"]}}
            )
        raise Unavailable("transcript number")

    async def _is_erased(self, conversation_id: str) -> bool:
        row = await self._conversations.find_one({"_id": conversation_id})
        return bool(row and row.get("erased_at"))

    async def _seq_of(self, event_id: UUID, session: Session | None = None) -> int | None:
        found = await self._messages.find_one({"_id": str(event_id)}, {"seq": 1}, session=session)
        return found["seq"] if found else None

    async def _insert(self, session: Session, entry: Entry) -> int:
        event = entry.event
        seq, numbering = await self._number(session, entry)
        # An erased conversation does not match, and inserting it anew is a DuplicateKeyError.
        await self._conversations.update_one(
            {"_id": event.conversation_id, "erased_at": None},
            {
                "$set": {"seq": numbering.last, "reserved": dict(numbering.reserved)},
                "$max": {"expires_at": entry.expires_at},
                "$setOnInsert": {"merchant_id": event.merchant_id},
            },
            upsert=True,
            session=session,
        )
        await self._messages.insert_one(_message_document(entry, seq), session=session)
        return seq

    async def _number(self, session: Session, entry: Entry) -> tuple[int, Numbering]:
        row = await self._conversations.find_one(
            {"_id": entry.event.conversation_id}, session=session
        )
        numbering = Numbering(row.get("seq", 0), row.get("reserved", {})) if row else Numbering()
        question = entry.answers
        if question and await self._seq_of(question, session) is not None:
            question = None
        return numbering.next(entry.event.event_id, question=question)


def _message_document(entry: Entry, seq: int) -> Document:
    event = entry.event
    return {
        "_id": str(event.event_id), "merchant_id": event.merchant_id,
        "conversation_id": event.conversation_id, "seq": seq, "author": entry.author,
        "kind": entry.kind, "sealed": entry.sealed.model_dump(mode="json"),
        "offer_topic": entry.offer_topic, "sent_at": event.occurred_at,
        "expires_at": entry.expires_at,
    }  # fmt: skip


def _message(document: Document) -> StoredMessage:
    fields: dict[str, Any] = {key: value for key, value in document.items() if key != "_id"}
    return StoredMessage(message_id=UUID(document["_id"]), **fields)


def _erasure_document(merchant_id: str, conversation_id: str, erasure: Erasure) -> Document:
    return {
        "_id": str(erasure.erasure_id), "merchant_id": merchant_id,
        "conversation_id": conversation_id, "requested_by": erasure.requested_by,
        "requested_at": erasure.requested_at, "deleted": {}, "completed_at": None,
        "expires_at": erasure.requested_at + MARK_KEPT,
    }  # fmt: skip


def _erasure(document: Document) -> Erasure:
    requested_by: RequestedBy = document["requested_by"]
    return Erasure(
        erasure_id=UUID(document["_id"]),
        requested_by=requested_by,
        requested_at=document["requested_at"],
        deleted=document["deleted"],
        completed_at=document["completed_at"],
    )
