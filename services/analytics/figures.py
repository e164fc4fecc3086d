"""What may be shown, read from the store: what a period shows is decided once and written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from libs.contracts.content import Merchant
from libs.kit.clock import Now
from libs.kit.mongo import Client, Document, database
from services.analytics.calendar import Kind, Period, Unit
from services.analytics.domain import Table
from services.analytics.oldest import Oldest, Records
from services.analytics.releasing import NOTHING, Counts, Release, added, next_release
from services.analytics.store import COUNTS, FRESHNESS, RELEASES

LATE = timedelta(hours=2)
"""A period is over so long after its end: what is counted later than that is not shown."""


@dataclass(frozen=True)
class Written:
    """A release as it lies in the store; version 0 was never written, a final one never changes."""

    release: Release = NOTHING
    version: int = 0
    is_final: bool = False


@dataclass
class Shown:
    """What each period shows, its parts included."""

    units: dict[Unit, Release] = field(default_factory=dict)

    def of(self, period: Period) -> Release:
        """The sum of what the fixed periods show that it is made of."""
        return added(self.units[unit] for unit in period.units())


class Figures:
    """The reading side of analytics' database."""

    def __init__(self, client: Client, now: Now) -> None:
        self._db = database(client, "analytics")
        self._now = now
        self._records = Records(client)

    async def shown(self, merchant: Merchant, period: Period) -> Shown:
        """What the days of `period`, and the weeks and months within, show at this moment."""
        local = self._now().astimezone(ZoneInfo(merchant.time_zone))
        units = [each for unit in period.units() for each in unit.all()]
        written = await self._written(merchant.id, units)
        open_units = [unit for unit in units if not written[unit].is_final]
        counts = await self._counts(merchant.id, open_units)
        shown = Shown()
        for unit in units:
            parts = added(shown.units[part] for part in unit.parts())
            one = written[unit]
            if not one.is_final and (counted := counts.get(unit.key)):
                is_over = (local - LATE).date() > unit.last
                one = await self._release(
                    merchant, unit, one, counted, parts=parts, is_over=is_over
                )
            shown.units[unit] = _whole(unit, parts, one)
        return shown

    async def last_counted(self, merchant_id: str) -> datetime | None:
        """When something was last counted for the merchant."""
        found = await self._db[FRESHNESS.name].find_one({"_id": merchant_id})
        counted_at: datetime | None = found["counted_at"] if found else None
        return counted_at

    async def oldest(self, merchant: Merchant) -> Oldest:
        """How old what leads to the merchant's conversations is at most."""
        return await self._records.oldest(merchant, self._now())

    async def _release(
        self,
        merchant: Merchant,
        unit: Unit,
        one: Written,
        counts: Counts,
        *,
        parts: Release,
        is_over: bool,
    ) -> Written:
        if unit.kind is not Kind.DAY and not is_over:
            return one
        release = next_release(
            counts, parts, one.release, merchant.statistics_k, is_live=not is_over
        )
        if release == one.release and not is_over:
            return one
        made = Written(release, one.version + 1, is_over)
        return await self._write(merchant.id, unit, one, made)

    async def _write(self, merchant_id: str, unit: Unit, before: Written, made: Written) -> Written:
        """Writes it unless another process was faster: then what that one wrote is shown."""
        key = {"_id": f"{merchant_id}|{unit.key}", "version": before.version}
        try:
            done = await self._db[RELEASES.name].update_one(
                key, {"$set": _row(made)}, upsert=not before.version
            )
        except DuplicateKeyError:
            done = None
        if done and (done.matched_count or done.upserted_id):
            return made
        return (await self._written(merchant_id, [unit]))[unit]

    async def _written(self, merchant_id: str, units: Sequence[Unit]) -> dict[Unit, Written]:
        rows = await self._rows(RELEASES.name, merchant_id, units)
        known = {row["_id"]: row for row in rows}
        ids = {unit: f"{merchant_id}|{unit.key}" for unit in units}
        return {
            unit: _read(known[name]) if name in known else Written() for unit, name in ids.items()
        }

    async def _counts(
        self, merchant_id: str, units: Sequence[Unit]
    ) -> dict[str, dict[Table, dict[str, int]]]:
        counts: dict[str, dict[Table, dict[str, int]]] = {}
        for row in await self._rows(COUNTS.name, merchant_id, units):
            _merchant, first, kind, table, word = row["_id"].split("|")
            tables = counts.setdefault(f"{first}|{kind}", {})
            tables.setdefault(Table(table), {})[word] = row["n"]
        return counts

    async def _rows(
        self, collection: str, merchant_id: str, units: Iterable[Unit]
    ) -> list[Document]:
        starts = sorted(unit.first.isoformat() for unit in units)
        if not starts:
            return []
        # "}" sorts after "|": everything of the last day is below it.
        between = {"$gte": f"{merchant_id}|{starts[0]}|", "$lt": f"{merchant_id}|{starts[-1]}}}"}
        return [row async for row in self._db[collection].find({"_id": between})]


def _whole(unit: Unit, parts: Release, own: Written) -> Release:
    """What a period shows with its parts; once it is over, what they pooled is in its own cells."""
    if unit.kind is Kind.DAY:
        return own.release
    pooled = own.release.rest if own.is_final else parts.rest
    return Release(added((parts, own.release)).shown, pooled)


def _row(written: Written) -> dict[str, Any]:
    shown = {table.value: dict(words) for table, words in written.release.shown.items()}
    rest = {table.value: n for table, n in written.release.rest.items()}
    return {
        "shown": shown, "rest": rest, "version": written.version, "is_final": written.is_final,
    }  # fmt: skip


def _read(row: Document) -> Written:
    shown = {Table(table): words for table, words in row["shown"].items()}
    rest = {Table(table): n for table, n in row["rest"].items()}
    return Written(Release(shown, rest), row["version"], row["is_final"])
