"""Stand-ins for the store and the bus: they remember what they were given."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from libs.contracts.envelope import Event
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Purpose, Sealed
from libs.privacy.keys import KeyRing, StoredKey
from services.analytics.domain import Cell, Table
from services.analytics.store import Half, Join


class MemoryKeys:
    """Wrapped keys in a dictionary."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, Purpose], StoredKey] = {}

    async def insert(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, key: StoredKey
    ) -> None:
        self.keys.setdefault((conversation_id, purpose), key)

    async def find(self, conversation_id: str, purpose: Purpose) -> StoredKey | None:
        return self.keys.get((conversation_id, purpose))

    async def extend(self, conversation_id: str, purpose: Purpose, expires_at: datetime) -> None:
        """Keys of these tests do not end."""

    async def destroy(self, merchant_id: str, conversation_id: str, until: datetime) -> int:
        return sum(self.keys.pop((conversation_id, p), None) is not None for p in Purpose)


@dataclass
class MemoryStore:
    """Counts in a dictionary, once per event."""

    counts: Counter[tuple[Table, str]] = field(default_factory=Counter)
    seen: set[UUID] = field(default_factory=set)
    pending: dict[UUID, Half] = field(default_factory=dict)
    told: list[QuestionCounted] = field(default_factory=list)
    objections: set[str] = field(default_factory=set)
    counted_at: datetime | None = None

    async def count(self, event_id: UUID, merchant_id: str, cells: Sequence[Cell]) -> bool:
        first = event_id not in self.seen
        self.seen.add(event_id)
        if first:
            self.counts.update((cell.table, cell.key) for cell in cells)
        return first

    async def count_half(
        self, event_id: UUID, cells: Sequence[Cell], half: Half, join: Join
    ) -> bool:
        first = await self.count(event_id, half.merchant_id, cells)
        other = self.pending.get(half.question_id) if first else None
        if other and other.side != half.side:
            self.told.append(await join(self.pending.pop(half.question_id).sealed))
        elif first:
            self.pending[half.question_id] = half
        return first

    async def erase(self, conversation_id: str) -> dict[str, int]:
        mine = [k for k, half in self.pending.items() if half.conversation_id == conversation_id]
        for key in mine:
            del self.pending[key]
        objected = conversation_id in self.objections
        self.objections.discard(conversation_id)
        return {"pending": len(mine), "objections": int(objected)}

    async def raise_objection(self, conversation_id: str, since: datetime) -> None:
        self.objections.add(conversation_id)

    async def withdraw_objection(self, conversation_id: str, at: datetime) -> None:
        self.objections.discard(conversation_id)

    async def cells(
        self, table: Table, merchant_id: str, first: date, last: date
    ) -> list[tuple[list[str], int]]:
        rows = [(key.split("|"), n) for (where, key), n in self.counts.items() if where is table]
        return [
            (words[1:], n)
            for words, n in rows
            if words[0] == merchant_id and first.isoformat() <= words[1] <= last.isoformat()
        ]

    async def last_counted(self, merchant_id: str) -> datetime | None:
        return self.counted_at


class MemoryBus:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, event: Event) -> None:
        self.events.append(event)


def ring(*purposes: Purpose, keys: MemoryKeys | None = None) -> KeyRing:
    """A ring with invented key-encryption keys."""
    keks = {Purpose.DIALOGUE: b"d" * 32, Purpose.CASE: b"c" * 32}
    return KeyRing(keys or MemoryKeys(), {purpose: keks[purpose] for purpose in purposes})


def moved(sealed: Sealed) -> Sealed:
    """The same with another first byte: it opens with no key."""
    swapped = "B" if sealed.data[0] == "A" else "A"
    return sealed.model_copy(update={"data": swapped + sealed.data[1:]})
