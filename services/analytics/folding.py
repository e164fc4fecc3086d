"""Folding: from what events add to counts, each conversation once per cell and period."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from uuid import UUID

from services.analytics.calendar import keys_of
from services.analytics.domain import Cell, Table
from services.analytics.halves import Half

EVERY_TIME = (Table.VOLUME, Table.ERASURES)
"""Tables that count events, not conversations."""

MARK_BYTES, NAME_BYTES = 8, 16


@dataclass(frozen=True)
class Counted:
    """What one event adds; `is_marked` unless it is the end of the conversation, of which no mark stays."""

    event_id: UUID
    merchant_id: str
    conversation_id: str
    day: date
    cells: Sequence[Cell]
    half: Half | None = None
    is_marked: bool = True


@dataclass
class Fold:
    """Counts, and keyed hashes of where each conversation is counted already."""

    key: bytes
    seen: dict[str, set[bytes]] = field(default_factory=dict)
    new: dict[str, list[bytes]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _done: set[tuple[str, date, Cell]] = field(default_factory=set)

    def name(self, conversation_id: str) -> str:
        """What a conversation's marks are kept under."""
        return self._hash(conversation_id, NAME_BYTES).hex()

    def add(self, one: Counted) -> None:
        """Counts what an event adds."""
        name = self.name(one.conversation_id)
        seen, new = self.seen.setdefault(name, set()), self.new.setdefault(name, [])
        for cell, place in self._places(one):
            if one.is_marked and cell.table not in EVERY_TIME:
                mark = self._hash(f"{one.conversation_id}|{place}", MARK_BYTES)
                if mark in seen:
                    continue
                seen.add(mark)
                new.append(mark)
            self.counts[f"{one.merchant_id}|{place}"] += 1

    def marks(self) -> Mapping[str, Sequence[bytes]]:
        """The marks that were made, by the name of their conversation."""
        return {name: marks for name, marks in self.new.items() if marks}

    def _places(self, one: Counted) -> Iterator[tuple[Cell, str]]:
        for cell in one.cells:
            # Most messages of a chat add nothing new: they need no hashes.
            at = one.conversation_id, one.day, cell
            if cell.table in EVERY_TIME or at not in self._done:
                for period in keys_of(one.day):
                    yield cell, f"{period}|{cell.table}|{cell.word}"
            if one.is_marked:
                self._done.add(at)

    def _hash(self, text: str, size: int) -> bytes:
        return blake2b(text.encode(), key=self.key, digest_size=size).digest()
