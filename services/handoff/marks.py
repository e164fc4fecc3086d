"""What handoff remembers of events and conversations, so that late and repeated ones do no harm."""

from datetime import datetime, timedelta
from uuid import UUID

from pymongo import ReturnDocument

from libs.contracts.content import CASE_CAP_DAYS
from libs.kit.clock import Now
from libs.kit.mongo import Collection, Database, Document, Session

INBOX_KEPT = timedelta(days=10)
"""Longer than any replay: the topics keep three days, dead letters seven."""

CONVERSATIONS = Collection(
    "conversations", expiring=True, required={"erased": "bool"},
    lives=timedelta(days=CASE_CAP_DAYS),
)  # fmt: skip
"""One row per conversation of which something is kept; `erased` refuses what late events bring."""

INBOX = Collection("inbox", expiring=True, lives=INBOX_KEPT)
MARKS = (CONVERSATIONS, INBOX)

ERASED_KEPT = timedelta(days=30)
"""So long do late events of an erased conversation find its mark; the bus forgets them before."""


class Marks:
    """Which events were dealt with, and of which conversations something is kept, or nothing may be."""

    def __init__(self, db: Database, now: Now) -> None:
        self._conversations = db[CONVERSATIONS.name]
        self._inbox = db[INBOX.name]
        self._now = now

    async def seen(self, session: Session, event_id: UUID) -> bool:
        """Whether an event was dealt with already; from now on it was."""
        row: Document = {"_id": str(event_id)}
        if await self._inbox.find_one(row, session=session):
            return True
        row["expires_at"] = self._now() + INBOX_KEPT
        await self._inbox.insert_one(row, session=session)
        return False

    async def ask(self, session: Session, conversation_id: str, expires_at: datetime) -> bool:
        """Notes that something of a conversation is to be kept; False if it is erased.

        Writing the row makes an erasure that happens at the same time conflict with this one.
        """
        row = await self._conversations.find_one_and_update(
            {"_id": conversation_id},
            {
                "$setOnInsert": {"erased": False}, "$inc": {"requests": 1},
                "$max": {"expires_at": expires_at},
            },
            upsert=True, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        return not row["erased"]

    async def erase(self, session: Session, conversation_id: str) -> None:
        """Remembers that a conversation is erased, as long as late events of it may come."""
        mark = {"erased": True, "expires_at": self._now() + ERASED_KEPT}
        await self._conversations.replace_one(
            {"_id": conversation_id}, mark, upsert=True, session=session
        )
