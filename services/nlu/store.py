"""What nlu keeps: where each conversation's dialogue stands; what the visitor said only sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from libs.contracts.content import RETENTION_DAYS
from libs.contracts.sealed import Sealed
from libs.kit.clock import Now
from libs.kit.mongo import Client, Collection, Document, alive, database, ensure
from services.nlu.dialogue.state import AT_REST, Dialogue

DIALOGUES = Collection(
    "dialogues", expiring=True,
    required={"merchant_id": "string", "language": "string", "version": "int"},
    lives=timedelta(days=RETENTION_DAYS),
)  # fmt: skip

REMEMBERED_EVENTS = 64
"""Handled events per conversation by which a repeated one is known."""


@dataclass(frozen=True)
class Kept:
    """A stored dialogue without what the visitor said, which `slots` holds sealed."""

    dialogue: Dialogue
    slots: Sealed | None = None
    seen: tuple[str, ...] = ()
    version: int = 0

    def has_seen(self, event_id: UUID) -> bool:
        """Whether this event was handled already."""
        return str(event_id) in self.seen

    def after(self, event_id: UUID, dialogue: Dialogue, slots: Sealed | None) -> "Kept":
        """What is kept once an event is handled."""
        seen = (*self.seen, str(event_id))[-REMEMBERED_EVENTS:]
        return replace(self, dialogue=dialogue, slots=slots, seen=seen, version=self.version + 1)


class Dialogues(Protocol):
    """Where dialogues are kept, as the handlers see it."""

    async def find(self, conversation_id: str) -> Kept | None:
        """The living dialogue of a conversation."""

    async def save(
        self, merchant_id: str, conversation_id: str, kept: Kept, expires_at: datetime
    ) -> bool:
        """Keeps a dialogue if nobody changed it since it was read; False for a worker too slow."""

    async def put_at_rest(self, conversation_id: str, solved: str | None = None) -> None:
        """Nothing is waited for any more, and a solved topic is left; a worker still at an older
        message loses.
        """

    async def delete(self, conversation_id: str) -> int:
        """Deletes the dialogue; the count."""


class DialogueStore:
    """nlu's own database."""

    def __init__(self, client: Client, now: Now) -> None:
        self._db = database(client, "nlu")
        self._dialogues = self._db[DIALOGUES.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (DIALOGUES,))

    async def find(self, conversation_id: str) -> Kept | None:
        """The living dialogue of a conversation."""
        found = await self._dialogues.find_one({"_id": conversation_id} | alive(self._now()))
        return _kept(found) if found else None

    async def save(
        self, merchant_id: str, conversation_id: str, kept: Kept, expires_at: datetime
    ) -> bool:
        """Keeps a dialogue if nobody changed it since it was read; False for a worker too slow."""
        document = _document(merchant_id, conversation_id, kept, expires_at)
        if kept.version == 1:
            return await self._begin(conversation_id, document)
        current = {"_id": conversation_id, "version": kept.version - 1}
        return (await self._dialogues.replace_one(current, document)).matched_count == 1

    async def put_at_rest(self, conversation_id: str, solved: str | None = None) -> None:
        """Nothing is waited for any more, and a solved topic is left; a worker still at an older
        message loses.
        """
        if solved:
            talked_of = {"_id": conversation_id, "topic": solved}
            await self._dialogues.update_one(talked_of, {"$set": {"topic": None}})
        await self._dialogues.update_one(
            {"_id": conversation_id} | alive(self._now()),
            {"$set": _stored(AT_REST), "$inc": {"version": 1}},
        )

    async def delete(self, conversation_id: str) -> int:
        """Deletes the dialogue; the count."""
        deleted = await self._dialogues.delete_one({"_id": conversation_id})
        return deleted.deleted_count

    async def _begin(self, conversation_id: str, document: Document) -> bool:
        """Inserts; only a document whose time is over may lie in the way."""
        over = {"_id": conversation_id, "expires_at": {"$lte": self._now()}}
        try:
            await self._dialogues.replace_one(over, document, upsert=True)
        except DuplicateKeyError:
            return False
        return True


def _document(merchant_id: str, conversation_id: str, kept: Kept, expires_at: datetime) -> Document:
    plain = {name: getattr(kept.dialogue, name) for name in _PLAIN}
    return _stored(plain) | {
        "_id": conversation_id, "merchant_id": merchant_id,
        "slots": kept.slots.model_dump(mode="json") if kept.slots else None,
        "seen": [*kept.seen], "version": kept.version, "expires_at": expires_at,
    }  # fmt: skip


def _stored(plain: Mapping[str, object]) -> Document:
    return {name: [*value] if isinstance(value, tuple) else value for name, value in plain.items()}


def _kept(document: Document) -> Kept:
    # What an older version of the house did not store yet is as in a new dialogue.
    plain = {name: document[name] for name in _PLAIN if name in document}
    plain["choices"] = tuple(document.get("choices", ()))
    slots = document["slots"]
    return Kept(
        dialogue=Dialogue(**plain),
        slots=Sealed.model_validate(slots) if slots else None,
        seen=tuple(document["seen"]),
        version=document["version"],
    )


_PLAIN = ("language", "locale", "leaning", "turns", "topic", *AT_REST)
"""The parts of a dialogue that are not personal; what is not named here is never stored in clear."""
