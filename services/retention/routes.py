"""Retention's internal interface: transcript pages and erasures for the house's services."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.envelope import ConversationId, MerchantId
from libs.contracts.sealed import Sealed
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.http import require_internal
from libs.kit.outbox import Outbox
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.retention.domain import Erasure
from services.retention.downloads import PAGE, erased
from services.retention.ledger import MARK_KEPT, Ledger
from services.retention.receipts import Signer
from services.retention.store import RetentionStore

BodyT = TypeVar("BodyT", bound=BaseModel)


class ErasureWish(BaseModel):
    """The body of POST /internal/erasures."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    conversation_id: ConversationId
    requested_by: Literal["visitor", "agent", "merchant"]
    erasure_id: UUID | None = None


class Correction(BaseModel):
    """The body of PUT /internal/conversations/{id}/intakes/{message_id}: facts, sealed anew."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    sealed: Sealed


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
            Route(f"{one}/objection", self.objection, methods=["GET"]),
            Route(f"{one}/objection", self.set_objection, methods=["PUT"]),
            Route(f"{one}/intakes/{{message_id:uuid}}", self.correct, methods=["PUT"]),
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

    async def objection(self, request: Request) -> Response:
        """Whether the visitor objects to improvement by the questions of a conversation."""
        require_internal(request, self.token)
        conversation_id = request.path_params["conversation_id"]
        if not await self.store.is_kept(conversation_id):
            raise erased()
        return JSONResponse({"objects": await self.store.objected_at(conversation_id) is not None})

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
            raise erased()
        return JSONResponse({"objects": wish.objects})

    async def correct(self, request: Request) -> Response:
        """Puts corrected facts in the place of what was filled in before the queue."""
        require_internal(request, self.token)
        wish = _read(Correction, await request.body())
        path = request.path_params
        place = Place(wish.merchant_id, path["conversation_id"], path["message_id"], "intake")
        is_kept = await self.store.replace_intake(place, wish.sealed)
        return JSONResponse({"replaced": is_kept})

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


def _read(form: type[BodyT], body: bytes) -> BodyT:
    try:
        return form.model_validate_json(body)
    except ValidationError:
        raise Refused(
            422, "invalid_body", f"The body is not an {form.__name__}.",
            f"send {', '.join(form.model_fields)}.",
        ) from None  # fmt: skip


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not text.isdecimal():
        raise Refused(422, "invalid_number", f"?{name}= is not a number.", "send digits only.")
    return int(text)


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
