"""Files of visitors: kept sealed under their conversation, few of each, gone with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from libs.contracts.attachment import MOST_FILES, Attachment
from libs.contracts.content import CASE_CAP_DAYS
from libs.kit.clock import Now
from libs.kit.errors import Refused, Unavailable
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Index,
    Session,
    alive,
    database,
    in_transaction,
)
from libs.privacy.sealing import Place

ATTACHMENTS = Collection(
    "attachments",
    expiring=True,
    indexes=(Index(("conversation_id",)),),
    required={
        "merchant_id": "string", "conversation_id": "string", "media_type": "string",
        "size": "int", "sealed": "binData",
    },
    lives=timedelta(days=CASE_CAP_DAYS),
    born="given_at",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A file that is kept: what it is, since when, and until when at the latest."""

    file: Attachment
    given_at: datetime
    expires_at: datetime


class AttachmentStore:
    """Retention's files. One document each: the largest is a third of what a document may be."""

    def __init__(self, client: Client, now: Now) -> None:
        self._client = client
        db = database(client, "retention")
        self._files = db[ATTACHMENTS.name]
        self._conversations = db["conversations"]
        self._now = now

    async def add(self, place: Place, file: Attachment, sealed: bytes, until: datetime) -> None:
        """Keeps a file until a time, once however often it is sent; raises Refused for one too many,
        and for a conversation that is erased.
        """
        row = _document(place, file, sealed) | {"given_at": self._now(), "expires_at": until}

        async def work(session: Session) -> None:
            known = {"_id": row["_id"], "conversation_id": place.conversation_id}
            if await self._files.find_one(known, {"_id": 1}, session=session):
                return
            await self._take_place(place, until, session)
            await self._files.insert_one(row, session=session)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            # Two at once: the next try sees the other's.
            raise Unavailable("attachment") from None

    async def find(self, place: Place) -> tuple[Attachment, bytes] | None:
        """A living file and its sealed bytes."""
        row = await self._files.find_one(_key(place) | alive(self._now()))
        return (_attachment(row), bytes(row["sealed"])) if row else None

    async def of(self, conversation_id: str) -> list[Attachment]:
        """What files a conversation has, without their bytes."""
        return [held.file for held in await self.held(conversation_id)]

    async def held(self, conversation_id: str) -> list[Held]:
        """The same, with their times, in the order in which they were given."""
        living = {"conversation_id": conversation_id} | alive(self._now())
        rows = self._files.find(living, {"sealed": 0}).sort("given_at", 1)
        return [Held(_attachment(row), row["given_at"], row["expires_at"]) async for row in rows]

    async def _take_place(self, place: Place, until: datetime, session: Session) -> None:
        """Counts one more on the conversation itself, so that two at once are not both the last."""
        row = await self._conversations.find_one({"_id": place.conversation_id}, session=session)
        if row and row.get("erased_at"):
            raise Refused(410, "erased", "This conversation is deleted.", "")
        if row and row.get("attachments", 0) >= MOST_FILES:
            raise Refused(
                409, "attachment_limit", f"A conversation may have {MOST_FILES} files.",
                "say the rest in words.",
            )  # fmt: skip
        await self._conversations.update_one(
            {"_id": place.conversation_id, "erased_at": None},
            {
                "$inc": {"attachments": 1}, "$max": {"expires_at": until},
                "$setOnInsert": {"merchant_id": place.merchant_id},
            },
            upsert=True, session=session,
        )  # fmt: skip


def _key(place: Place) -> Document:
    return {
        "_id": str(place.event_id), "conversation_id": place.conversation_id,
        "merchant_id": place.merchant_id,
    }  # fmt: skip


def _document(place: Place, file: Attachment, sealed: bytes) -> Document:
    return _key(place) | {"media_type": file.media_type, "size": file.size, "sealed": sealed}


def _attachment(row: Document) -> Attachment:
    return Attachment(
        attachment_id=UUID(row["_id"]), media_type=row["media_type"], size=row["size"]
    )
