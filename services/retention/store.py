"""What retention keeps of conversations: sealed entries that expire, and numbers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from libs.contracts.content import CASE_CAP_DAYS
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Sealed
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
from libs.privacy.sealing import Place
from services.retention.attachments import ATTACHMENTS
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
        await ensure(self.db, (MESSAGES, CONVERSATIONS, ATTACHMENTS, OUTBOX, COUNTERS))

    async def append(self, entries: Sequence[Entry]) -> dict[UUID, int]:
        """Stores entries under the next numbers of their conversations, all or none; the number of each,
        by its event. Those that were stored before have theirs; erased ones and those past their end none.

        Raises Unavailable when another write got in their way: the events come again.
        """
        living = [entry for entry in entries if entry.expires_at > self._now()]
        if not living:
            return {}
        try:
            return await in_transaction(self._client, lambda session: self._insert(session, living))
        except (DuplicateKeyError, BulkWriteError):
            raise await self._after_conflict(living) from None

    async def page(self, conversation_id: str, after: int, limit: int) -> TranscriptPage:
        """Living entries after a number, in order."""
        living = {"conversation_id": conversation_id} | alive(self._now())
        cursor = self._messages.find(living | {"seq": {"$gt": after}}).sort("seq", 1).limit(limit)
        messages = tuple([_message(document) async for document in cursor])
        newest = await self._conversations.find_one(
            {"_id": conversation_id, "erased_at": None} | alive(self._now())
        )
        row = newest or {}
        return TranscriptPage(
            head=row.get("seq", 0), objects=bool(row.get("objected_at")), messages=messages
        )

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

    async def entries(
        self, conversation_id: str, at_once: int
    ) -> AsyncIterator[list[StoredMessage]]:
        """All living entries in order, so many at once; read by one cursor, which the store likes
        better than a question for each page.
        """
        living = {"conversation_id": conversation_id} | alive(self._now())
        cursor = self._messages.find(living).sort("seq", 1).batch_size(at_once)
        while rows := await cursor.to_list(at_once):
            yield [_message(row) for row in rows]

    async def is_kept(self, conversation_id: str) -> bool:
        """Whether a conversation is there, neither erased nor past its end."""
        row = await self._conversations.find_one(
            {"_id": conversation_id, "erased_at": None} | alive(self._now())
        )
        return row is not None

    async def replace_intake(self, place: Place, sealed: Sealed) -> bool:
        """Keeps corrected facts in the place of what was filled in; False where it is gone."""
        found = {
            "_id": str(place.event_id), "conversation_id": place.conversation_id,
            "merchant_id": place.merchant_id, "kind": "intake",
        }  # fmt: skip

        async def work(session: Session) -> bool:
            change = {"$set": {"sealed": sealed.model_dump(mode="json")}}
            kept = await self._messages.update_one(found, change, session=session)
            return bool(kept.matched_count)

        return await in_transaction(self._client, work)

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
            files = await self.db[ATTACHMENTS.name].delete_many(mine, session=session)
            deleted = {
                "messages": gone.deleted_count, "attachments": files.deleted_count,
                "conversation_keys": keys,
            }  # fmt: skip
            await outbox.add(session, event.acknowledged("retention", deleted, self._now()))

        await in_transaction(self._client, work)
        outbox.wake()

    async def _after_conflict(self, entries: Sequence[Entry]) -> Unavailable:
        """Somebody else stored one of them, or erased its conversation, just now: the next try sees it.

        A worker that was stopped in mid-transaction may leave numbers ahead of the counter.
        """
        for conversation_id in {entry.event.conversation_id for entry in entries}:
            newest = await self._messages.find_one(
                {"conversation_id": conversation_id}, sort=[("seq", -1)]
            )
            if newest:
                await self._count_on(conversation_id, newest["seq"])
        return Unavailable("transcript number")

    async def _count_on(self, conversation_id: str, seq: int) -> None:
        async def work(session: Session) -> None:
            living = {"_id": conversation_id, "erased_at": None}
            change = {"$max": {"seq": seq}}
            await self._conversations.update_one(living, change, session=session)

        await in_transaction(self._client, work)

    async def _is_erased(self, conversation_id: str) -> bool:
        row = await self._conversations.find_one({"_id": conversation_id})
        return bool(row and row.get("erased_at"))

    async def _insert(self, session: Session, entries: Sequence[Entry]) -> dict[UUID, int]:
        known = await self._numbers(session, entries)
        transcripts = await self._transcripts(session, entries)
        new: list[Document] = []
        for entry in entries:
            event = entry.event
            transcript = transcripts[event.conversation_id]
            if event.event_id not in known and not transcript.is_erased:
                known[event.event_id] = seq = transcript.add(entry, known)
                new.append(_message_document(entry, seq))
        changes = [change for one in transcripts.values() if (change := one.change())]
        if changes:
            await self._conversations.bulk_write(changes, ordered=False, session=session)
            await self._messages.insert_many(new, session=session)
        return {
            e.event.event_id: known[e.event.event_id] for e in entries if e.event.event_id in known
        }

    async def _numbers(self, session: Session, entries: Sequence[Entry]) -> dict[UUID, int]:
        """The numbers of those that are stored already, and of the questions that they answer."""
        ids = {
            str(one) for entry in entries for one in (entry.event.event_id, entry.answers) if one
        }
        rows = self._messages.find({"_id": {"$in": [*ids]}}, {"seq": 1}, session=session)
        return {UUID(row["_id"]): row["seq"] async for row in rows}

    async def _transcripts(
        self, session: Session, entries: Sequence[Entry]
    ) -> dict[str, "_Transcript"]:
        whose = {entry.event.conversation_id: entry.event.merchant_id for entry in entries}
        rows = self._conversations.find({"_id": {"$in": [*whose]}}, session=session)
        found = {row["_id"]: row async for row in rows}
        return {one: _Transcript.of(one, whose[one], found.get(one, {})) for one in whose}


@dataclass
class _Transcript:
    """A conversation's numbers while entries are added."""

    conversation_id: str
    merchant_id: str
    numbering: Numbering
    is_erased: bool
    ends: datetime | None = None

    @classmethod
    def of(cls, conversation_id: str, merchant_id: str, row: Document) -> "_Transcript":
        """As its document says, which is empty for a new one."""
        numbering = Numbering(row.get("seq", 0), row.get("reserved", {}))
        return cls(conversation_id, merchant_id, numbering, bool(row.get("erased_at")))

    def add(self, entry: Entry, known: Mapping[UUID, int]) -> int:
        """The number of the next entry."""
        question = None if entry.answers in known else entry.answers
        seq, self.numbering = self.numbering.next(entry.event.event_id, question=question)
        self.ends = max(self.ends or entry.expires_at, entry.expires_at)
        return seq

    def change(self) -> UpdateOne | None:
        """What to write, if something was added.

        An erased conversation does not match, and inserting it anew is a DuplicateKeyError.
        """
        if self.ends is None:
            return None
        numbers = {"seq": self.numbering.last, "reserved": dict(self.numbering.reserved)}
        return UpdateOne(
            {"_id": self.conversation_id, "erased_at": None},
            {
                "$set": numbers, "$max": {"expires_at": self.ends},
                "$setOnInsert": {"merchant_id": self.merchant_id},
            },
            upsert=True,
        )  # fmt: skip


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
