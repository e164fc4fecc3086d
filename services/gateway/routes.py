"""The gateway's HTTP edge: widget files, merchant texts, conversations, download and deletion."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.contracts.content import Language, PackPublished, Topic
from libs.contracts.envelope import MerchantId
from libs.contracts.opening import opens_at
from libs.kit.clock import Now
from libs.kit.errors import Refused
from libs.kit.http import bearer
from libs.kit.internal import passed_on
from libs.kit.staffing import Online
from libs.privacy.sealing import KeyGone
from services.gateway.domain import Session, somebody_there
from services.gateway.door import Door
from services.gateway.files import WidgetFiles
from services.gateway.notices import notice_link
from services.gateway.stretches import stretches


class Start(BaseModel):
    """The body of POST /v1/conversations."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant_id: MerchantId
    locale: Language


class Identity(BaseModel):
    """The body of PUT /v1/conversations/{id}/identity."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: str


class Objection(BaseModel):
    """The body of PUT /v1/conversations/{id}/objection."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    objects: bool


@dataclass(frozen=True)
class GatewayRoutes:
    """HTTP to the door."""

    door: Door
    now: Now

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        one = "/v1/conversations/{conversation_id}"
        return [
            Route("/v1/merchants/{merchant_id}", self.merchant),
            Route("/v1/conversations", self.start, methods=["POST"]),
            Route(one, self.erase, methods=["DELETE"]),
            Route(f"{one}/export", self.export),
            Route(f"{one}/objection", self.set_objection, methods=["PUT"]),
            Route(f"{one}/identity", self.identify, methods=["PUT"]),
            Route("/v1/erasures/{erasure_id:uuid}", self.erasure),
            Route("/v1/erasures/{erasure_id:uuid}/receipt", self.receipt),
            Route("/v1/receipt-keys", self.receipt_keys),
            Mount("/widget/v1", WidgetFiles()),
        ]

    async def merchant(self, request: Request) -> Response:
        """What the widget shows of a merchant, in the page's language."""
        pack = self._merchant(request)
        locale = _locale(request.query_params.get("locale"), pack)
        online = self.door.staffing.online(pack.merchant_id)
        return JSONResponse(shown(pack, locale, online, self.now()))

    async def start(self, request: Request) -> Response:
        """A new conversation: 201 with its id and token."""
        wish = _start(await request.body())
        pack = self.door.merchant_for(wish.merchant_id, _origin(request))
        address = request.client.host if request.client else ""
        session, token = await self.door.start(pack, wish.locale, address)
        made = {
            "conversation_id": session.conversation_id, "token": token,
            "expires_at": session.expires_at.isoformat(),
        }  # fmt: skip
        return JSONResponse(made, 201)

    async def export(self, request: Request) -> Response:
        """The conversation as a file, for the holder of its token."""
        session = await self._session(request)
        form = "html" if request.query_params.get("format") == "html" else "json"
        made = await self.door.transcript.export(
            session.merchant_id, session.conversation_id, form, session.locale,
            people=stretches(session.marks),
        )  # fmt: skip
        headers = {
            "content-disposition": f'attachment; filename="conversation.{form}"',
            "content-type": made.headers["content-type"],
        }
        return StreamingResponse(passed_on(made), headers=headers)

    async def set_objection(self, request: Request) -> Response:
        """Whether these questions may be used to improve the bot: what the visitor says, holds."""
        session = await self._session(request)
        try:
            wish = Objection.model_validate_json(await request.body())
        except ValidationError:
            raise Refused(
                422, "invalid_body", "The body is not an objection.", 'send {"objects": true}.'
            ) from None
        await self.door.set_objection(session, objects=wish.objects)
        return JSONResponse({"objects": wish.objects})

    async def identify(self, request: Request) -> Response:
        """Who the shop says the visitor is: what a form need not ask."""
        session = await self._session(request)
        try:
            wish = Identity.model_validate_json(await request.body())
        except ValidationError:
            raise Refused(
                422, "invalid_body", "The body holds no identity token.", 'send {"token": "…"}.'
            ) from None
        try:
            customer = await self.door.identify(session, wish.token)
        except KeyGone:
            raise Refused(
                410, "erased", "This conversation was deleted.", "start a new one."
            ) from None
        return JSONResponse({"name": customer.name, "email": customer.email})

    async def erase(self, request: Request) -> Response:
        """Deletes the conversation everywhere: 202 with the erasure's id, the same one again."""
        token = bearer(request)
        try:
            erasure_id = await self.door.erase(await self._session(request), token)
        except Refused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED:
                raise
            erasure_id = await self.door.erasing(token, _origin(request))
        return JSONResponse({"erasure_id": str(erasure_id)}, 202)

    async def erasure(self, request: Request) -> Response:
        """How far an erasure has come; its random id is all that is needed to ask."""
        self._check_origin(_origin(request))
        erasure_id: UUID = request.path_params["erasure_id"]
        return JSONResponse(await self.door.transcript.erasure(erasure_id))

    async def receipt(self, request: Request) -> Response:
        """The signed receipt as a file; a plain link, which names no origin, gets it too."""
        if (origin := _origin(request)) is not None:
            self._check_origin(origin)
        erasure_id: UUID = request.path_params["erasure_id"]
        made = await self.door.transcript.receipt(erasure_id)
        headers = {"content-disposition": 'attachment; filename="erasure-receipt.json"'}
        return Response(made, media_type="application/json", headers=headers)

    async def receipt_keys(self, _request: Request) -> Response:
        """The public keys that receipts are checked with, for everybody."""
        keys = await self.door.transcript.receipt_keys()
        headers = {"access-control-allow-origin": "*"}
        return Response(keys, media_type="application/json", headers=headers)

    def _merchant(self, request: Request) -> PackPublished:
        """The merchant that a page asks about: its own page, or the playground, which is ours."""
        merchant_id: str = request.path_params["merchant_id"]
        origin = _origin(request)
        if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
            return self.door.content.get(merchant_id)
        return self.door.merchant_for(merchant_id, origin)

    def _check_origin(self, origin: str | None) -> None:
        if not self.door.known_origin(origin):
            raise Refused(403, "foreign_origin", "This page may not ask.", "ask from the shop.")

    async def _session(self, request: Request) -> Session:
        conversation_id = request.path_params["conversation_id"]
        return await self.door.authenticate(conversation_id, bearer(request), _origin(request))


class Cors:
    """Lets the merchants' own pages read the answers, and nobody else's."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers preflights and marks answers for known origins."""
        origin = _header(scope, b"origin") if scope["type"] == "http" else None
        if origin is None or not self._door.known_origin(origin):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_preflight(origin))(scope, receive, send)
        else:
            await self._app(scope, receive, _marking(send, origin))


def shown(pack: PackPublished, locale: Language, online: Online, now: datetime) -> dict[str, Any]:
    """A merchant as the widget shows it: texts in one language, forms, whether people are there."""
    merchant, topics = pack.merchant, pack.intake_topics()
    there = {topic.key: somebody_there(pack, topic.key, online, now) for topic in topics}
    opens = opens_at(merchant, now)
    return {
        "id": merchant.id, "name": merchant.name, "address": merchant.address,
        "organisation_number": merchant.organisation_number, "provider": merchant.provider,
        "colour": merchant.colour, "languages": merchant.languages, "locale": locale,
        "welcome": merchant.welcome[locale], "notice_url": notice_link(merchant, locale),
        "retention_days": merchant.retention_days, "attachments": merchant.attachments,
        "open_now": any(there.values()),
        "opens_at": opens.astimezone(UTC).isoformat() if opens else None,
        "intake": [_form(topic, locale, is_open=there[topic.key]) for topic in topics],
    }  # fmt: skip


def _form(topic: Topic, locale: Language, *, is_open: bool) -> dict[str, Any]:
    fields = [
        {
            "key": field.key, "kind": field.kind, "required": field.required,
            "label": field.label[locale], "why": field.why[locale],
        }
        for field in topic.intake
    ]  # fmt: skip
    title = topic.title[locale]
    return {"topic": topic.key, "title": title, "open_now": is_open, "fields": fields}


def _start(body: bytes) -> Start:
    try:
        return Start.model_validate_json(body)
    except ValidationError:
        raise Refused(
            422, "invalid_body", "The body does not start a conversation.",
            "send merchant_id and locale (nb, sv, da, fi or en).",
        ) from None  # fmt: skip


def _locale(wanted: str | None, pack: PackPublished) -> Language:
    languages = pack.merchant.languages
    return next((language for language in languages if language == wanted), languages[0])


def _origin(request: Request) -> str | None:
    return request.headers.get("origin")


def _header(scope: Scope, name: bytes) -> str | None:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), None)


def _preflight(origin: str) -> dict[str, str]:
    return {
        "access-control-allow-origin": origin, "vary": "origin",
        "access-control-allow-methods": "GET, POST, PUT, DELETE",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
    }  # fmt: skip


def _marking(send: Send, origin: str) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in message["headers"]}
            if b"access-control-allow-origin" not in names:
                mark = [(b"access-control-allow-origin", origin.encode()), (b"vary", b"origin")]
                message["headers"] = [*message["headers"], *mark]
        await send(message)

    return marked
