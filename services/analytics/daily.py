"""A file of each day that is over, for the merchants' warehouses: written once, kept for a while."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from libs.contracts.content import PackPublished
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.mongo import PyMongoError
from services.analytics.calendar import DAY, Period
from services.analytics.figures import LATE, Figures
from services.analytics.files import Format, place, written
from services.analytics.tidy import Row, rows_of

ROUND_SECONDS = 600.0
"""How often it is looked for days that are over."""


async def rows_between(figures: Figures, pack: PackPublished, period: Period) -> list[Row]:
    """The rows of every day of a period."""
    shown = await figures.shown(pack.merchant, period)
    return [row for unit in period.days() for row in rows_of(pack, unit, shown.units[unit])]


@dataclass(frozen=True)
class DailyFiles:
    """Files `<folder>/<merchant>/<day>.<kind>`, for `days` days."""

    figures: Figures
    content: MerchantContent
    folder: Path
    kind: Format
    days: int
    now: Now

    async def keep(self) -> None:
        """Writes and clears until cancelled; started once per process by `app.py`."""
        while True:
            try:
                await self.once()
            except (PyMongoError, OSError) as error:
                structlog.get_logger().warning("The daily files wait.", error=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def once(self) -> int:
        """Writes what is missing, and clears what is old; how many files were written."""
        return sum([await self._write(pack) for pack in self.content.all()])

    async def _write(self, pack: PackPublished) -> int:
        local = self.now().astimezone(ZoneInfo(pack.merchant.time_zone))
        first = local.date() - timedelta(days=self.days)
        self._clear(pack.merchant_id, first)
        since = (await self.figures.oldest(pack.merchant)).counts_since
        if since is None:
            return 0
        missing = self._missing(pack, max(first, since), (local - LATE).date() - DAY)
        for day in missing:
            rows = await rows_between(self.figures, pack, Period(day, day))
            await asyncio.to_thread(place, self._path(pack, day), written(rows, self.kind))
        return len(missing)

    def _missing(self, pack: PackPublished, first: date, last: date) -> list[date]:
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if not self._path(pack, day).exists()]

    def _path(self, pack: PackPublished, day: date) -> Path:
        return self.folder / pack.merchant_id / f"{day.isoformat()}.{self.kind}"

    def _clear(self, merchant_id: str, first: date) -> None:
        for path in (self.folder / merchant_id).glob(f"????-??-??.{self.kind}"):
            if path.stem < first.isoformat():
                path.unlink(missing_ok=True)
