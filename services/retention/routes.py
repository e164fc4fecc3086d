"""Retention's internal interface: transcript pages, exports and erasures for the house's services."""

import json
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.envelope import ConversationId, MerchantId
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.http import require_internal
from libs.kit.outbox import Outbox
from libs.kit.transcript import Stretch, open_entry, stretch_of
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone
from services.retention.domain import Erasure
from services.retention.export import Export, Opened
from services.retention.store import MARK_KEPT, RetentionStore

PAGE = 500
"""Entries in one answer; the caller asks again after the last one."""


class ErasureWish(BaseModel):
    """The body of POST /internal/erasures."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    conversation_id: ConversationId
    requested_by: Literal["visitor", "agent", "merchant"]


@dataclass(frozen=True)
class RetentionRoutes:
    """HTTP to domain and store; every route needs the internal token."""

    store: RetentionStore
    content: MerchantContent
    ring: KeyRing
    outbox: Outbox
    token: str
    now: Now

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        one = "/internal/conversations/{conversation_id}"
        return [
            Route(f"{one}/messages", self.messages),
            Route(f"{one}/export", self.export),
            Route("/internal/erasures", self.erase, methods=["POST"]),
            Route("/internal/erasures/{erasure_id:uuid}", self.erasure),
        ]

    async def messages(self, request: Request) -> Response:
        """A page of sealed entries after `?after=`."""
        require_internal(request, self.token)
        conversation_id = request.path_params["conversation_id"]
        page = await self.store.page(conversation_id, _number(request, "after"), PAGE)
        return Response(page.model_dump_json(), media_type="application/json")

    async def export(self, request: Request) -> Response:
        """The whole conversation, opened: `?format=json` or `html`, `?locale=`, `?merchant_id=`, and
        `?people=since/until` for each stretch in which the bot's words were not shown.
        """
        require_internal(request, self.token)
        export = await self._export(request)
        if request.query_params.get("format") == "html":
            page = export.as_html(request.query_params.get("locale", "en"))
            return Response(page, media_type="text/html; charset=utf-8")
        text = json.dumps(export.as_json(), ensure_ascii=False, indent=2)
        return Response(text, media_type="application/json")

    async def erase(self, request: Request) -> Response:
        """Begins an erasure, or finds the running one: 202 with its id."""
        require_internal(request, self.token)
        wish = _wish(await request.body())
        erasure = await self.store.begin_erasure(
            wish.merchant_id,
            wish.conversation_id,
            Erasure(uuid4(), wish.requested_by, self.now()),
            self.outbox,
        )
        until = erasure.requested_at + MARK_KEPT
        await self.ring.destroy(wish.merchant_id, wish.conversation_id, until)
        return JSONResponse({"erasure_id": str(erasure.erasure_id)}, 202)

    async def erasure(self, request: Request) -> Response:
        """How far an erasure has come."""
        require_internal(request, self.token)
        erasure = await self.store.erasure(_uuid(request))
        if erasure is None:
            raise Refused(404, "unknown_erasure", "There is no such erasure.", "check the id.")
        return JSONResponse(_status(erasure))

    async def _export(self, request: Request) -> Export:
        conversation_id = request.path_params["conversation_id"]
        pack = self.content.get(request.query_params.get("merchant_id", ""))
        entries = await self._all_entries(conversation_id)
        people = _stretches(request.query_params.getlist("people"))
        return Export(pack.merchant, conversation_id, entries, self.now(), people)

    async def _all_entries(self, conversation_id: str) -> list[Opened]:
        entries: list[Opened] = []
        while True:
            after = entries[-1][0].seq if entries else 0
            page = await self.store.page(conversation_id, after, PAGE)
            try:
                entries += [(entry, await open_entry(self.ring, entry)) for entry in page.messages]
            except KeyGone:
                raise Refused(410, "erased", "This conversation is deleted.", "") from None
            if len(page.messages) < PAGE:
                return entries


def _wish(body: bytes) -> ErasureWish:
    try:
        return ErasureWish.model_validate_json(body)
    except ValidationError:
        raise Refused(
            422, "invalid_body", "The body is not an erasure wish.",
            "send merchant_id, conversation_id and requested_by.",
        ) from None  # fmt: skip


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not text.isdecimal():
        raise Refused(422, "invalid_number", f"?{name}= is not a number.", "send digits only.")
    return int(text)


def _stretches(intervals: list[str]) -> tuple[Stretch, ...]:
    try:
        return tuple(map(stretch_of, intervals))
    except ValueError:
        raise Refused(
            422, "invalid_interval", "?people= is not an interval.", "send since/until."
        ) from None


def _uuid(request: Request) -> UUID:
    value: UUID = request.path_params["erasure_id"]
    return value


def _status(erasure: Erasure) -> dict[str, object]:
    completed = erasure.completed_at
    return {
        "done": completed is not None,
        "requested_at": erasure.requested_at.isoformat(),
        "completed_at": completed.isoformat() if completed else None,
        "acknowledged": sorted(erasure.deleted),
        "waiting_for": list(erasure.waiting_for),
        "deleted": {service: dict(counts) for service, counts in erasure.deleted.items()},
    }
