"""Internal notes on a case: for colleagues, sealed, never on the bus, gone with the case."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.content import CASE_CAP_DAYS
from libs.contracts.envelope import derived_id
from libs.contracts.sealed import Sealed
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Client, Collection, Document, Index, Session, alive, database, ensure
from libs.privacy.sealing import Place
from services.handoff.case import Case

NOTES = Collection(
    "notes", expiring=True, indexes=(Index(("case_id", "at")), Index(("conversation_id",))),
    required={"case_id": "string", "conversation_id": "string", "sealed": "object"},
    lives=timedelta(days=CASE_CAP_DAYS), born="at",
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """One note; `note_id` and the field `note` are the place that its text is sealed for."""

    note_id: UUID
    case_id: UUID
    merchant_id: str
    conversation_id: str
    agent_id: str
    sealed: Sealed
    at: datetime
    expires_at: datetime

    @property
    def place(self) -> Place:
        """What the text is sealed for."""
        return place_of(self.merchant_id, self.conversation_id, self.note_id)


def note_id(case: Case, client_id: UUID) -> UUID:
    """The id of the note that the console numbered `client_id`: a second try is the same one."""
    return derived_id(case.case_id, f"note:{client_id}")


def place_of(merchant_id: str, conversation_id: str, event_id: UUID) -> Place:
    """What a note's text is sealed for."""
    return Place(merchant_id, conversation_id, event_id, "note")


class Notes:
    """Notes in the store; reads never show what has expired."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._db = database(client, "handoff")
        self._rows = self._db[NOTES.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (NOTES,))

    async def on(self, case_id: UUID) -> list[Note]:
        """The notes on a case, oldest first."""
        cursor = self._rows.find({"case_id": str(case_id)} | alive(self._now()))
        return [_note(row) async for row in cursor.sort([("at", 1), ("_id", 1)])]

    async def add(self, session: Session, note: Note) -> None:
        """Keeps a note, in the transaction that has seen its case alive; the same one again is one."""
        found = {"_id": str(note.note_id)}
        await self._rows.replace_one(found, _row(note), upsert=True, session=session)

    async def keep(self, session: Session, case: Case) -> None:
        """Keeps a case's notes as long as the case."""
        longer = {"$max": {"expires_at": case.expires_at}}
        await self._rows.update_many({"case_id": str(case.case_id)}, longer, session=session)

    async def erase(self, session: Session, conversation_id: str) -> int:
        """Deletes every note of a conversation; how many there were."""
        found = {"conversation_id": conversation_id}
        gone = await self._rows.delete_many(found, session=session)
        return int(gone.deleted_count)


def _row(note: Note) -> Document:
    ids = {"_id": str(note.note_id), "case_id": str(note.case_id)}
    fields = {
        name: value for name, value in vars(note).items() if name not in {"note_id", "case_id"}
    }
    return ids | fields | {"sealed": note.sealed.model_dump(mode="json")}


def _note(row: Document) -> Note:
    fields = {name: value for name, value in row.items() if name != "_id"}
    return Note(
        **fields
        | {
            "note_id": UUID(row["_id"]), "case_id": UUID(row["case_id"]),
            "sealed": Sealed(**row["sealed"]),
        }
    )  # fmt: skip
