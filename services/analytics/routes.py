"""The statistics page and its interface, on an origin of its own; one token per merchant."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from libs.contracts.envelope import MerchantId
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.http import bearer, web_app
from libs.kit.settings import CommonSettings
from services.analytics.domain import Table
from services.analytics.statistics import Period, statistics
from services.analytics.store import AnalyticsStore

PAGE = Path(__file__).parent / "page"

MAX_DAYS = 92
DEFAULT_DAYS = "7"

MERCHANT_ID: TypeAdapter[str] = TypeAdapter(MerchantId)

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

    store: AnalyticsStore
    content: MerchantContent
    settings: CommonSettings
    now: Now

    def app(self) -> Starlette:
        """The application of the public port."""
        page = Mount("/", StaticFiles(directory=PAGE, html=True))
        return web_app([*self.routes(), page], headers=PAGE_HEADERS)

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [Route("/api/statistics", self.figures)]

    async def figures(self, request: Request) -> Response:
        """All figures of the token's merchant for the last `days` days."""
        merchant_id = request.query_params.get("merchant", "")
        self._require_token(merchant_id, bearer(request))
        days = _days(request.query_params.get("days", DEFAULT_DAYS))
        pack = self.content.get(merchant_id)
        now = self.now()
        today = now.astimezone(ZoneInfo(pack.merchant.time_zone)).date()
        period = Period.until(today, days)
        counts = {
            table: await self.store.cells(table, merchant_id, period.first, period.last)
            for table in Table
        }
        freshness = _freshness(await self.store.last_counted(merchant_id), now)
        return JSONResponse(statistics(pack, period, counts) | freshness)

    def _require_token(self, merchant_id: str, token: str) -> None:
        """Unknown merchant, no token file, wrong token: one answer, so that nothing is learnt."""
        expected = _expected_token(self.settings, merchant_id)
        if not expected or not hmac.compare_digest(token.encode(), expected.encode()):
            raise Refused(
                401, "token_wrong", "The key does not open this shop's statistics.",
                "use the link that `prat demo` prints, or the key in stats-<merchant>.token.",
            )  # fmt: skip


def _expected_token(settings: CommonSettings, merchant_id: str) -> str | None:
    try:
        # Checked before it becomes part of a file name.
        return settings.secret(f"stats-{MERCHANT_ID.validate_python(merchant_id)}.token")
    except (ValidationError, ConfigurationError):
        return None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len("1000")):
        text = "0"
    if not 1 <= int(text) <= MAX_DAYS:
        raise Refused(
            400, "days_wrong", "The number of days is not one that can be shown.",
            f"give `days` from 1 to {MAX_DAYS}.",
        )  # fmt: skip
    return int(text)


def _freshness(counted_at: datetime | None, now: datetime) -> dict[str, float | None]:
    """Seconds rather than a time: the clock of the reader's computer may differ."""
    age = max(0.0, (now - counted_at).total_seconds()) if counted_at else None
    return {"last_counted_seconds_ago": round(age, 1) if age is not None else None}
