"""The other system's own book of cases: SQLite, and nothing in it that anybody wrote.

Facts may come twice, late, and from the bus as well as by webhook: `event_id` shows repeats, and a
fact with a lower `version` than the book's never undoes a newer one.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (event_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (
    case_id TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, conversation_id TEXT, skill TEXT, topic TEXT, link TEXT,
    reason TEXT, changed_at TEXT NOT NULL);
"""

_TAKE = """
INSERT INTO cases (case_id, merchant_id, version, status, conversation_id, skill, topic, link,
                   reason, changed_at)
VALUES (:case_id, :merchant_id, :version, :status, :conversation_id, :skill, :topic, :link,
        :reason, :changed_at)
ON CONFLICT (case_id) DO UPDATE SET
    version = excluded.version, status = excluded.status, changed_at = excluded.changed_at,
    skill = coalesce(excluded.skill, skill), topic = coalesce(excluded.topic, topic),
    link = coalesce(excluded.link, link), reason = excluded.reason
WHERE excluded.version >= version AND status <> 'erased'
"""

_FORGET = """
UPDATE cases SET conversation_id = NULL, skill = NULL, topic = NULL, link = NULL
WHERE status = 'erased'
"""

Status = Literal["queued", "filed", "assigned", "closed", "erased"]


class CaseFact(BaseModel):
    """One change of a case, wherever it was heard of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: UUID
    merchant_id: str
    conversation_id: str
    case_id: UUID
    version: int
    status: Status
    changed_at: AwareDatetime
    skill: str | None = None
    topic: str | None = None
    link: str | None = None
    reason: str | None = None


class MirroredCase(BaseModel):
    """A case as the other system knows it; an erased one is a number without a content."""

    case_id: UUID
    merchant_id: str
    version: int
    status: Status
    conversation_id: str | None
    skill: str | None
    topic: str | None
    link: str | None
    reason: str | None
    changed_at: AwareDatetime


class Mirror:
    """The book; several processes may write to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as book, book:
            book.executescript(_TABLES)

    def take(self, fact: CaseFact) -> bool:
        """Writes a fact down; False if it was there already."""
        with closing(self._open()) as book, book:
            known = "INSERT OR IGNORE INTO facts VALUES (?)"
            if book.execute(known, (str(fact.event_id),)).rowcount == 0:
                return False
            book.execute(_TAKE, fact.model_dump(mode="json", exclude={"event_id"}))
            book.execute(_FORGET)
        return True

    def cases(self, merchant_id: str | None = None) -> list[MirroredCase]:
        """Every case, the newest change first; of one merchant if it is named."""
        with closing(self._open()) as book:
            rows = book.execute(
                "SELECT * FROM cases WHERE ?1 IS NULL OR merchant_id = ?1 "
                "ORDER BY changed_at DESC, case_id",
                (merchant_id,),
            ).fetchall()
        return [MirroredCase.model_validate(dict(row)) for row in rows]

    def _open(self) -> sqlite3.Connection:
        book = sqlite3.connect(self._path, timeout=10)
        book.row_factory = sqlite3.Row
        return book
