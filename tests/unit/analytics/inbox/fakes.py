"""Stand-ins for the samples and the log: they remember what they were given."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.analytics.inbox.phrases import Phrase
from tests.builders import NOW


@dataclass
class MemorySamples:
    """Phrases in a list, and what is put away under which name."""

    phrases: list[tuple[datetime, Phrase]] = field(default_factory=list)
    away: dict[str, set[str]] = field(default_factory=dict)
    opened: int = 0
    now: datetime = NOW
    shop: str = "fjellbekk"

    def ask(self, text: str, times: int, *, by: str = "c", language: str = "nb", days: int = 0,
            guess: str = "other") -> None:  # fmt: skip
        """Asks the same so many times, each time in another conversation."""
        at = self.now - timedelta(days=days)
        for n in range(times):
            name = f"{by}{n}"
            self.phrases.append((at, Phrase(f"{name} {text}", name, text, language, guess)))

    async def open(self, merchant_id: str, k: int) -> None:
        self.opened = k

    async def newest(self, merchant_id: str, since: datetime) -> list[Phrase]:
        gone = {one for ids in self.away.values() for one in ids}
        mine = merchant_id == self.shop
        return [p for at, p in self.phrases if mine and at >= since and p.id not in gone]

    async def has_put_away(self, merchant_id: str) -> bool:
        return bool(self.away)

    async def put_away(self, merchant_id: str, ids: Collection[str]) -> str:
        name = f"{len(self.away):032d}"
        self.away[name] = {*ids}
        return name

    async def bring_back(self, merchant_id: str, name: str) -> None:
        self.away.pop(name, None)


@dataclass
class MemoryAudit:
    """Remembers entries; can be away."""

    entries: list[tuple[str, str, str]] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    is_away: bool = False

    async def add(self, who: str, what: str, *, merchant_id: str, about: str = "",
                  fields: Collection[str] = ()) -> None:  # fmt: skip
        if self.is_away:
            raise ConnectionError
        self.who.append(who)
        self.entries.append((what, merchant_id, about))
