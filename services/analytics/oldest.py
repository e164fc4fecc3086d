"""How old what leads to a conversation is at most, and since when there are counts. All of it are bounds:
an exact age would tell of the one conversation that is oldest.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from re import escape
from typing import Any

from libs.contracts.content import Merchant
from libs.kit.drift import GRACE
from libs.kit.mongo import Client, Collection, alive, database
from services.analytics.halves import PENDING
from services.analytics.inbox.store import SAMPLES
from services.analytics.store import COUNTS, MARKS

DAY = timedelta(days=1)
WEEK_DAYS = 7


@dataclass(frozen=True)
class Oldest:
    """Days since each kind was last written, at most; `counts_since` is the first month that k share."""

    samples: int
    marks: int
    halves: int
    counts_since: date | None

    def as_json(self) -> dict[str, Any]:
        """As the interface tells it, the oldest of all first."""
        days = max(self.samples, self.marks, self.halves)
        since = self.counts_since.isoformat() if self.counts_since else None
        return {"days": days, **vars(self), "counts_since": since}


@dataclass
class Records:
    """What analytics' database still holds that is not a count."""

    client: Client
    _since: dict[str, date] = field(default_factory=dict)

    async def oldest(self, merchant: Merchant, now: datetime) -> Oldest:
        """The bounds of a merchant; marks and halves bear no merchant's name, theirs are the house's."""
        return Oldest(
            await self._samples(merchant, now), await self._bound(MARKS, now),
            await self._bound(PENDING, now), await self._counts_since(merchant),
        )  # fmt: skip

    async def _bound(self, rules: Collection, now: datetime) -> int:
        """A kind's longest life, and how late the store is with deleting, if it is."""
        past = {"expires_at": {"$lte": now - GRACE}}
        rows = database(self.client, "analytics")[rules.name]
        late = await rows.find_one(past, {"expires_at": 1}, sort=[("expires_at", 1)])
        ended: datetime = late["expires_at"] if late else now
        return ceil(rules.lives / DAY) + ceil((now - ended) / DAY)

    async def _samples(self, merchant: Merchant, now: datetime) -> int:
        """In whole weeks, and of k conversations at least; else what holds for every sample."""
        bound = await self._bound(SAMPLES, now)
        mine = {"merchant_id": merchant.id} | alive(now)
        rows = database(self.client, "analytics")[SAMPLES.name]
        names: set[str] = set()
        oldest = now
        async for row in rows.find(mine, {"conversation": 1, "hour": 1}).sort("hour", 1):
            names.add(row["conversation"])
            oldest = min(oldest, row["hour"])
            if len(names) >= merchant.statistics_k:
                weeks: int = ceil((now - oldest) / (WEEK_DAYS * DAY))
                return min(bound, WEEK_DAYS * weeks)
        return bound

    async def _counts_since(self, merchant: Merchant) -> date | None:
        if merchant.id not in self._since:
            months = {"$regex": rf"^{escape(merchant.id)}\|.*\|month\|chats\|begun$"}
            known = {"_id": months, "n": {"$gte": merchant.statistics_k}}
            rows = database(self.client, "analytics")[COUNTS.name]
            first = await rows.find_one(known, {"_id": 1}, sort=[("_id", 1)])
            if first is None:
                return None
            self._since[merchant.id] = date.fromisoformat(first["_id"].split("|")[1])
        return self._since[merchant.id]
