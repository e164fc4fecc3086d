"""The inbox's page and interface: every look and every change is in the audit log before it is answered."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from libs.contracts.content import LANGUAGES, PackPublished
from libs.kit import page_guard
from libs.kit.audit import Audit
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.http import bearer
from libs.kit.page_guard import SHARED
from services.analytics.door import Door
from services.analytics.inbox.phrases import Phrase
from services.analytics.inbox.store import Samples
from services.analytics.inbox.views import Cluster, Empty, clusters_of, topics_of
from services.analytics.keys import Right

PAGE = Path(__file__).parent / "page"

PERIODS = {"7": 7, "30": 30, "90": 90}
MAX_BODY_BYTES = 4096


class Change(BaseModel):
    """What is to be done with a cluster that somebody has before them, and how they came to see it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant: str = Field(max_length=40)
    days: Literal["7", "30", "90"] = "90"
    language: str = Field(default="", max_length=2)
    how: Literal["dismissed", "taught"]
    topic: str = Field(default="", pattern=r"^[a-z0-9_]{0,40}$")


class Undo(BaseModel):
    """What is to be brought back."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant: str = Field(max_length=40)
    undo: str = Field(pattern=r"^[0-9a-f]{32}$")


@dataclass(frozen=True)
class Choice:
    """Which samples somebody wants to see."""

    pack: PackPublished
    since: datetime
    language: str

    @property
    def k(self) -> int:
        """How many conversations must share something."""
        return self.pack.merchant.statistics_k


@dataclass(frozen=True)
class InboxRoutes:
    """HTTP to the samples; `door` is that of the statistics."""

    samples: Samples
    content: MerchantContent
    audit: Audit
    door: Door
    now: Now
    is_on: bool = True
    authoring_url: str = ""

    def routes(self) -> list[BaseRoute]:
        """The table of routes; before the page of the statistics, which takes every address."""
        return [
            Route("/api/inbox", self.look),
            Route("/api/inbox/undo", self.undo, methods=["POST"]),
            Route("/api/inbox/{cluster}", self.put_away, methods=["POST"]),
            Mount("/inbox/shared", StaticFiles(directory=SHARED)),
            Mount("/inbox", StaticFiles(directory=PAGE, html=True)),
        ]

    async def look(self, request: Request) -> Response:
        """The clusters of a choice, or why there are none."""
        asked = request.query_params
        merchant_id = asked.get("merchant", "")
        who = await self._who(request, merchant_id)
        choice = self._choice(merchant_id, asked.get("days", "90"), asked.get("language", ""))
        await self.audit.add(who, "inbox_viewed", merchant_id=merchant_id, fields=["phrases"])
        await self.samples.open(merchant_id, choice.k)
        found = await self._clusters(choice)
        return JSONResponse({
            "merchant": {"id": merchant_id, "name": choice.pack.merchant.name},
            "languages": [*choice.pack.merchant.languages],
            "k": choice.k,
            "clusters": [cluster.shown for cluster in found],
            "empty": None if found else await self._why_empty(choice),
            "topics": topics_of(choice.pack),
            "authoring": self.authoring_url,
        })  # fmt: skip

    async def put_away(self, request: Request) -> Response:
        """Takes a cluster out of sight; it comes back when k more conversations ask it."""
        bearer(request)  # nothing is read for whoever brings no key
        change = await page_guard.read_body(request, Change, MAX_BODY_BYTES)
        who = await self._who(request, change.merchant)
        choice = self._choice(change.merchant, change.days, change.language)
        wanted = request.path_params["cluster"]
        cluster = next((one for one in await self._clusters(choice) if one.id == wanted), None)
        if cluster is None:
            raise Refused(
                409, "cluster_changed", "These questions have changed meanwhile.", "look again."
            )
        about = change.topic or cluster.id
        what = f"inbox_{change.how}"
        await self.audit.add(who, what, merchant_id=change.merchant, about=about)
        return JSONResponse({"undo": await self.samples.put_away(change.merchant, cluster.ids)})

    async def undo(self, request: Request) -> Response:
        """Brings back what was put away."""
        bearer(request)  # nothing is read for whoever brings no key
        body = await page_guard.read_body(request, Undo, MAX_BODY_BYTES)
        who = await self._who(request, body.merchant)
        await self.audit.add(who, "inbox_restored", merchant_id=body.merchant)
        await self.samples.bring_back(body.merchant, body.undo)
        return JSONResponse({})

    async def _who(self, request: Request, merchant_id: str) -> str:
        """The key as the log names it: of who holds it nothing is known."""
        return f"key:{await self.door.opened(request, merchant_id, Right.INBOX)}"

    def _choice(self, merchant_id: str, days: str, language: str) -> Choice:
        if days not in PERIODS or language not in {"", *LANGUAGES}:
            raise Refused(
                400, "choice_wrong", "This is not a choice that can be shown.",
                "give `days` as 7, 30 or 90, and `language` as nb, sv, da, fi, en, or leave it out.",
            )  # fmt: skip
        pack = self.content.get(merchant_id)
        today = self.now().astimezone(ZoneInfo(pack.merchant.time_zone))
        first = today.date() - timedelta(days=PERIODS[days] - 1)
        since = datetime.combine(first, time(), today.tzinfo).astimezone(UTC)
        return Choice(pack, since, language)

    async def _clusters(self, choice: Choice) -> list[Cluster]:
        phrases = await self.samples.newest(choice.pack.merchant_id, choice.since)
        chosen = _in_language(phrases, choice.language)
        return await asyncio.to_thread(clusters_of, phrases, chosen, choice.k)

    async def _why_empty(self, choice: Choice) -> Empty:
        if not self.is_on:
            return "off"
        merchant_id = choice.pack.merchant_id
        everything = self._choice(merchant_id, "90", "")
        if choice != everything and await self._clusters(everything):
            return "filtered"
        return "away" if await self.samples.has_put_away(merchant_id) else "few"


def _in_language(phrases: list[Phrase], language: str) -> list[Phrase]:
    return [phrase for phrase in phrases if language in {"", phrase.language}]
