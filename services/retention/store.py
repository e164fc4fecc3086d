"""What retention keeps of conversations: sealed entries that expire, and numbers."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from libs.contracts.content import CASE_CAP_DAYS
from libs.contracts.privacy import ErasureRequested
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
from services.retention.domain import Entry, Numbering, objection

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
    lives=timedelta(days=CASE_CAP_DAYS),
    born="sent_at",
)
CONVERSATIONS = Collection("conversations", expiring=True, required={"merchant_id": "string"})


class RetentionStore:
    """Retention's own database."""

    def __init__(self, client: Client, now: Now) -> None:
        self._client = client
        self.db = database(client, "retention")
        self._messages = self.db[MESSAGES.name]
        self._conversations = self.db[CONVERSATIONS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies collections and indexes; called once at start."""
        await ensure(self.db, (MESSAGES, CONVERSATIONS, OUTBOX, COUNTERS))

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

    async def set_objection(
        self, merchant_id: str, conversation_id: str, until: datetime, outbox: Outbox,
        *, objects: bool,
    ) -> bool:  # fmt: skip
        """Keeps whether the visitor objects to improvement, and tells what is news; False if the
        conversation is erased.
        """
        now = self._now()

        async def work(session: Session) -> None:
            living = {"_id": conversation_id, "erased_at": None}
            change: Document = {
                "$set": {"objected_at": now if objects else None},
                "$max": {"expires_at": until},
                "$setOnInsert": {"merchant_id": merchant_id},
            }
            row = await self._conversations.find_one(living, session=session)
            if bool(row and row.get("objected_at")) == objects:
                return
            await self._conversations.update_one(living, change, upsert=True, session=session)
            news = objection(merchant_id, conversation_id, now, objects=objects)
            await outbox.add(session, news)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            # Two at once, or erased: only the mark of an erased one does not match, and is in the way.
            if await self._is_erased(conversation_id):
                return False
            raise Unavailable("objection") from None
        outbox.wake()
        return True

    async def objected_at(self, conversation_id: str) -> datetime | None:
        """Since when the visitor objects to improvement, or None."""
        row = await self._conversations.find_one({"_id": conversation_id} | alive(self._now()))
        since: datetime | None = row.get("objected_at") if row else None
        return since

    async def erase(self, event: ErasureRequested, keys: int, outbox: Outbox) -> None:
        """Deletes every entry of a conversation and acknowledges, in one transaction.

        So the count is true, whatever dies when; `keys` is how many the conversation had.
        """

        async def work(session: Session) -> None:
            mine = {"conversation_id": event.conversation_id}
            gone = await self._messages.delete_many(mine, session=session)
            deleted = {"messages": gone.deleted_count, "conversation_keys": keys}
            await outbox.add(session, event.acknowledged("retention", deleted, self._now()))

        await in_transaction(self._client, work)
        outbox.wake()

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
            await self._count_on(conversation_id, newest["seq"])
        raise Unavailable("transcript number")

    async def _count_on(self, conversation_id: str, seq: int) -> None:
        async def work(session: Session) -> None:
            living = {"_id": conversation_id, "erased_at": None}
            change = {"$max": {"seq": seq}}
            await self._conversations.update_one(living, change, session=session)

        await in_transaction(self._client, work)

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
