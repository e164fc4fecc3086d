"""Retention's internal interface: transcript pages, exports and erasures for the house's services."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar
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
from services.retention.ledger import MARK_KEPT, Ledger
from services.retention.receipts import Signer
from services.retention.store import RetentionStore

BodyT = TypeVar("BodyT", bound=BaseModel)

PAGE = 500
"""Entries in one answer; the caller asks again after the last one."""


class ErasureWish(BaseModel):
    """The body of POST /internal/erasures."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    conversation_id: ConversationId
    requested_by: Literal["visitor", "agent", "merchant"]
    erasure_id: UUID | None = None


class Objection(BaseModel):
    """The body of PUT /internal/conversations/{id}/objection."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    objects: bool


@dataclass(frozen=True)
class RetentionRoutes:
    """HTTP to domain and store; every route needs the internal token."""

    store: RetentionStore
    ledger: Ledger
    signer: Signer
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
            Route(f"{one}/objection", self.set_objection, methods=["PUT"]),
            Route("/internal/erasures", self.erase, methods=["POST"]),
            Route("/internal/erasures/{erasure_id:uuid}", self.erasure),
            Route("/internal/erasures/{erasure_id:uuid}/receipt", self.receipt),
            Route("/internal/receipt-keys", self.receipt_keys),
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

    async def set_objection(self, request: Request) -> Response:
        """Keeps whether the visitor objects to improvement by the questions of a conversation."""
        require_internal(request, self.token)
        wish = _read(Objection, await request.body())
        days = self.content.get(wish.merchant_id).merchant.retention_days
        conversation_id = request.path_params["conversation_id"]
        until = self.now() + timedelta(days=days)
        is_kept = await self.store.set_objection(
            wish.merchant_id, conversation_id, until, self.outbox, objects=wish.objects
        )
        if not is_kept:
            raise _erased()
        return JSONResponse({"objects": wish.objects})

    async def erase(self, request: Request) -> Response:
        """Begins an erasure, or finds the running one: 202 with its id."""
        require_internal(request, self.token)
        wish = _read(ErasureWish, await request.body())
        erasure = Erasure(wish.erasure_id or uuid4(), wish.requested_by, self.now())
        erasure = await self.ledger.begin(wish.merchant_id, wish.conversation_id, erasure)
        until = erasure.requested_at + MARK_KEPT
        await self.ring.destroy(wish.merchant_id, wish.conversation_id, until)
        return JSONResponse({"erasure_id": str(erasure.erasure_id)}, 202)

    async def erasure(self, request: Request) -> Response:
        """How far an erasure has come."""
        require_internal(request, self.token)
        return JSONResponse(_status(await self._erasure(request)))

    async def receipt(self, request: Request) -> Response:
        """The signed receipt of a finished erasure; 409 while a service has not acknowledged."""
        require_internal(request, self.token)
        erasure = await self._erasure(request)
        if erasure.receipt is None:
            raise _no_receipt(erasure)
        return JSONResponse(erasure.receipt)

    async def receipt_keys(self, request: Request) -> Response:
        """The public keys that receipts are checked with, this one first, then those before it."""
        require_internal(request, self.token)
        return JSONResponse(self.signer.published())

    async def _erasure(self, request: Request) -> Erasure:
        erasure_id: UUID = request.path_params["erasure_id"]
        erasure = await self.ledger.find(erasure_id)
        if erasure is None:
            raise Refused(404, "unknown_erasure", "There is no such erasure.", "check the id.")
        return erasure

    async def _export(self, request: Request) -> Export:
        conversation_id = request.path_params["conversation_id"]
        pack = self.content.get(request.query_params.get("merchant_id", ""))
        entries = await self._all_entries(conversation_id)
        people = _stretches(request.query_params.getlist("people"))
        objected_at = await self.store.objected_at(conversation_id)
        return Export(pack.merchant, conversation_id, entries, self.now(), people, objected_at)

    async def _all_entries(self, conversation_id: str) -> list[Opened]:
        entries: list[Opened] = []
        while True:
            after = entries[-1][0].seq if entries else 0
            page = await self.store.page(conversation_id, after, PAGE)
            try:
                entries += [(entry, await open_entry(self.ring, entry)) for entry in page.messages]
            except KeyGone:
                raise _erased() from None
            if len(page.messages) < PAGE:
                return entries


def _read(form: type[BodyT], body: bytes) -> BodyT:
    try:
        return form.model_validate_json(body)
    except ValidationError:
        raise Refused(
            422, "invalid_body", f"The body is not an {form.__name__}.",
            f"send {', '.join(form.model_fields)}.",
        ) from None  # fmt: skip


def _erased() -> Refused:
    return Refused(410, "erased", "This conversation is deleted.", "")


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


def _no_receipt(erasure: Erasure) -> Refused:
    if erasure.completed_at:
        return Refused(
            404, "no_receipt", "This erasure was finished before receipts were signed.", ""
        )
    waiting = ", ".join(erasure.waiting_for)
    return Refused(
        409, "not_finished", f"The deletion is not finished: waiting for {waiting}.",
        "ask again when the erasure is done.",
    )  # fmt: skip


def _status(erasure: Erasure) -> dict[str, object]:
    completed = erasure.completed_at
    return {
        "done": completed is not None,
        "state": "finished" if completed else "not finished",
        "requested_at": erasure.requested_at.isoformat(),
        "completed_at": completed.isoformat() if completed else None,
        "acknowledged": sorted(erasure.deleted),
        "waiting_for": list(erasure.waiting_for),
        "deleted": {service: dict(counts) for service, counts in erasure.deleted.items()},
        "receipt": erasure.receipt is not None,
    }
