"""The statistics page and its interface, on an origin of its own; each shop has its keys."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from libs.contracts.content import PackPublished
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.http import web_app
from libs.kit.page_guard import page_files
from services.analytics.asking import period_of, wants_comparison
from services.analytics.calendar import Period
from services.analytics.door import Door
from services.analytics.figures import Figures
from services.analytics.keys import Right
from services.analytics.news import News
from services.analytics.openapi import document
from services.analytics.settings import AnalyticsSettings
from services.analytics.statistics import statistics
from services.analytics.steps import steps

PAGE = Path(__file__).parent / "page"

PAGE_HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}


@dataclass(frozen=True)
class AnalyticsRoutes:
    """HTTP to the counts."""

    figures: Figures
    content: MerchantContent
    settings: AnalyticsSettings
    door: Door
    now: Now
    further: tuple[BaseRoute, ...] = ()
    news: News = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "news", News(self.figures))

    def app(self) -> Starlette:
        """The application of the public port."""
        every = [*self.routes(), *self.further, *self._plots(), *page_files(PAGE)]
        return web_app(every, headers=PAGE_HEADERS)

    def _plots(self) -> list[BaseRoute]:
        """The library that draws lines; where it is not, the page shows tables."""
        folder = self.settings.analytics_plots_folder
        return [Mount("/plots", StaticFiles(directory=folder))] if folder.is_dir() else []

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [
            Route("/api/statistics", self.statistics), Route("/api/openapi.json", self.openapi),
            Route("/api/statistics/news", self.listen),
        ]  # fmt: skip

    async def statistics(self, request: Request) -> Response:
        """All figures of the key's merchant in a period; with `compare=previous` those before it, too."""
        merchant_id = request.query_params.get("merchant", "")
        await self.door.opened(request, merchant_id, Right.READ)
        pack, now = self.content.get(merchant_id), self.now()
        today = now.astimezone(ZoneInfo(pack.merchant.time_zone)).date()
        period = period_of(request.query_params, pack.merchant, today)
        made = await self._made(pack, period)
        if wants_comparison(request.query_params):
            made["previous"] = await self._made(pack, period.before())
        freshness = _freshness(await self.figures.last_counted(merchant_id), now)
        made["oldest"] = (await self.figures.oldest(pack.merchant)).as_json()
        return JSONResponse(made | freshness)

    async def listen(self, request: Request) -> Response:
        """Tells when something was counted, until the page leaves."""
        merchant_id = request.query_params.get("merchant", "")
        await self.door.opened(request, merchant_id, Right.READ)
        may_stay = partial(self.door.is_open, request, merchant_id, Right.READ)
        return self.news.stream(merchant_id, may_stay)

    async def openapi(self, _request: Request) -> Response:
        """What this interface takes and gives, for programs."""
        return JSONResponse(document())

    async def _made(self, pack: PackPublished, period: Period) -> dict[str, Any]:
        shown = await self.figures.shown(pack.merchant, period)
        days = {unit.first.isoformat(): shown.units[unit] for unit in period.days()}
        made = statistics(pack, period, shown.of(period), days)
        return made | {"steps": steps(period, shown)}


def _freshness(counted_at: datetime | None, now: datetime) -> dict[str, float | None]:
    """Seconds rather than a time: the clock of the reader's computer may differ."""
    age = max(0.0, (now - counted_at).total_seconds()) if counted_at else None
    return {"last_counted_seconds_ago": round(age, 1) if age is not None else None}
