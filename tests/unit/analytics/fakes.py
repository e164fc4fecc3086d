"""Stand-ins for the store and the bus: they remember what they were given."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from libs.contracts.content import Merchant
from libs.contracts.envelope import Event
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Purpose, Sealed
from libs.kit.settings import CommonSettings
from libs.kit.tries import Tries
from libs.kit.try_counts import TryCounts
from libs.privacy.keys import KeyRing, StoredKey
from services.analytics.calendar import Period, Unit, units_of
from services.analytics.domain import Cell, Table
from services.analytics.door import Door
from services.analytics.figures import Shown
from services.analytics.folding import Counted
from services.analytics.halves import Half, Join, paired
from services.analytics.inbox.sampling import Sample
from services.analytics.keys import Key, Keys, Right
from services.analytics.oldest import Oldest
from services.analytics.releasing import NOTHING, Release
from services.analytics.store import AnalyticsStore
from tests.builders import NOW


class MemoryKeys:
    """Wrapped keys in a dictionary."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, Purpose], StoredKey] = {}
        self.reads = 0

    async def insert(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, key: StoredKey
    ) -> None:
        self.keys.setdefault((conversation_id, purpose), key)

    async def find(self, conversation_id: str, purpose: Purpose) -> StoredKey | None:
        self.reads += 1
        return self.keys.get((conversation_id, purpose))

    async def find_many(
        self, conversation_ids: Collection[str], purpose: Purpose
    ) -> dict[str, StoredKey]:
        self.reads += 1
        found = {one: self.keys.get((one, purpose)) for one in conversation_ids}
        return {one: key for one, key in found.items() if key}

    async def extend(self, conversation_id: str, purpose: Purpose, expires_at: datetime) -> None:
        """Keys of these tests do not end."""

    async def destroy(self, merchant_id: str, conversation_id: str, until: datetime) -> int:
        return sum(self.keys.pop((conversation_id, p), None) is not None for p in Purpose)


class MemoryHalves:
    """Halves and objections in dictionaries."""

    def __init__(self) -> None:
        self.pending: dict[UUID, Half] = {}
        self.objections: set[str] = set()
        self.told: list[QuestionCounted] = []
        self.samples: list[Sample] = []

    async def tell(self, halves: Sequence[Half], join: Join) -> None:
        pairs, single = paired(halves)
        met = [(one, other.facts) for one, other in pairs]
        for half in single:
            other = self.pending.pop(half.question_id, None)
            if other is None:
                self.pending[half.question_id] = half
            elif facts := await join(half, other.seal(other.facts)):
                met.append((half, facts))
        self.told += [half.with_other(facts) for half, facts in met]
        self.samples += [sample for half, facts in met if (sample := half.sample(facts))]

    async def raise_objection(self, conversation_id: str, since: datetime) -> None:
        self.objections.add(conversation_id)

    async def withdraw_objection(self, conversation_id: str, at: datetime) -> None:
        self.objections.discard(conversation_id)


@dataclass
class MemoryStore:
    """Counts in a dictionary, once per event; not once per conversation, which is the store's work."""

    counts: Counter[Cell] = field(default_factory=Counter)
    counted: list[Counted] = field(default_factory=list)
    seen: set[UUID] = field(default_factory=set)
    halves: MemoryHalves = field(default_factory=MemoryHalves)
    read_to: dict[tuple[str, int], int] = field(default_factory=dict)

    async def count(
        self,
        batch: Sequence[Counted],
        join: Join,
        *,
        objecting: Collection[str] = (),
        read_to: Mapping[tuple[str, int], int],
    ) -> int:
        fresh = [one for one in batch if one.event_id not in self.seen]
        self.seen |= {one.event_id for one in fresh}
        self.counted += fresh
        self.counts.update(cell for one in fresh for cell in one.cells)
        unwanted = self.halves.objections | {*objecting}
        halves = [one.half for one in fresh if one.half]
        await self.halves.tell([h for h in halves if h.conversation_id not in unwanted], join)
        self.read_to |= read_to
        return len(fresh)

    async def erase(self, conversation_id: str) -> dict[str, int]:
        pending = self.halves.pending
        mine = [k for k, half in pending.items() if half.conversation_id == conversation_id]
        for key in mine:
            del pending[key]
        objected = conversation_id in self.halves.objections
        self.halves.objections.discard(conversation_id)
        return {"pending": len(mine), "objections": int(objected), "marks": 0}

    def as_store(self) -> AnalyticsStore:
        """The same, for whoever asks for the real one."""
        return cast(AnalyticsStore, self)


class MemoryFigures:
    """What may be shown, as a test put it in."""

    def __init__(self) -> None:
        self.units: dict[tuple[str, Unit], Release] = {}
        self.counted_at: datetime | None = None

    def put(self, merchant_id: str, day: datetime, release: Release) -> None:
        """Shows the same for all periods of a day."""
        for unit in units_of(day.date()):
            self.units[merchant_id, unit] = release

    async def shown(self, merchant: Merchant, period: Period) -> Shown:
        units = [each for unit in period.units() for each in unit.all()]
        return Shown({unit: self.units.get((merchant.id, unit), NOTHING) for unit in units})

    async def oldest(self, _merchant: Merchant) -> Oldest:
        return Oldest(samples=42, marks=35, halves=1, counts_since=date(2026, 1, 1))

    async def last_counted(self, merchant_id: str) -> datetime | None:
        return self.counted_at


@dataclass
class MemoryDoor:
    """Made keys by their secrets, and how often which address came with a wrong one."""

    made: dict[str, Key] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)

    async def find(self, secret: str) -> Key | None:
        return self.made.get(secret)

    async def use(self, secret: str) -> None:
        self.uses.append(secret)
        self.made[secret] = replace(self.made[secret], used_on=NOW.date())

    async def count_try(self, key: str, _expires_at: datetime) -> int:
        self.tries[key] += 1
        return self.tries[key]

    def door(self, settings: CommonSettings) -> Door:
        """A door with these keys, at the tests' time."""
        tries = Tries(cast(TryCounts, self), lambda: NOW)
        return Door(settings, cast(Keys, self), tries, lambda: NOW)


def made_key(*rights: Right, merchant_id: str = "fjellbekk", name: str = "warehouse") -> Key:
    """A key that was made a month ago and never used."""
    made = NOW - timedelta(days=30)
    return Key(merchant_id, name, frozenset(rights), made.date(), None, NOW + timedelta(days=30))


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


def shown(**tables: Mapping[str, int]) -> Release:
    """A release of these tables."""
    return Release({Table(name): words for name, words in tables.items()})
