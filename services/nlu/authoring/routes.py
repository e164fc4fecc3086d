"""The authoring page's addresses: each checks the page, the person and the shop, then acts."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit import page_guard
from libs.kit.errors import Refused
from libs.kit.http import web_app
from libs.kit.page_guard import page_files
from services.nlu.authoring import views
from services.nlu.authoring.bodies import (
    KEY,
    Body,
    FactsBody,
    InspectBody,
    NewTopicBody,
    NoteBody,
    RollBackBody,
    TopicBody,
)
from services.nlu.authoring.desk import EDITABLE, AuthoringDesk
from services.nlu.authoring.doorway import Doorway
from services.nlu.authoring.draft_texts import begun, formed
from services.nlu.authoring.drafts import Draft
from services.nlu.authoring.editors import Editor
from services.nlu.content.changes import changes
from services.nlu.content.packs import starter_sources

PAGE = Path(__file__).parent / "page"

MAX_BODY_BYTES = 512 * 1024
POLICY = "prat-authoring"

BodyT = TypeVar("BodyT", bound=BaseModel)
Answer = Callable[[Request, Editor, str], Awaitable[Response]]


@dataclass(frozen=True)
class AuthoringRoutes:
    """HTTP to the desk; one method per address."""

    desk: AuthoringDesk
    doorway: Doorway
    origin: str

    def app(self) -> Starlette:
        """The page: an origin of its own, locked by a strict content policy."""
        gateway = self.doorway.gateway_url
        headers = page_guard.page_headers(
            foreign=gateway,
            socket=re.sub("^http", "ws", gateway),
            policy=POLICY,
        )
        return web_app([*self.routes(), *page_files(PAGE)], headers=headers)

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            *self.doorway.routes(),
            self._route("", self.overview),
            self._route("/topics/{key}", self.topic),
            self._route("/topics/{key}", self.save_topic, "PUT"),
            self._route("/topics/{key}", self.remove_topic, "DELETE"),
            self._route("/topics", self.new_topic, "POST"),
            self._route("/facts", self.facts),
            self._route("/facts", self.save_facts, "PUT"),
            self._route("/undo", self.undo, "POST"),
            self._route("/discard", self.discard, "POST"),
            self._route("/diff", self.differences),
            self._route("/trial", self.trial),
            self._route("/trial", self.begin_trial, "POST"),
            self._route("/preview", self.preview, "POST"),
            self._route("/inspect", self.inspect, "POST"),
            self._route("/publish", self.publish, "POST"),
            self._route("/versions", self.versions),
            self._route("/versions/{version}", self.version),
            self._route("/rollback", self.roll_back, "POST"),
        ]

    async def overview(self, _request: Request, _editor: Editor, shop: str) -> Response:
        """The list of topics, and how the draft stands."""
        built = await self.desk.built(await self.desk.draft(shop))
        newest = self.desk.content.get(shop)
        return JSONResponse(views.overview(built, newest, starter_sources()))

    async def topic(self, request: Request, _editor: Editor, shop: str) -> Response:
        """One topic to edit."""
        return await self._topic(await self.desk.draft(shop), request.path_params["key"])

    async def save_topic(self, request: Request, editor: Editor, shop: str) -> Response:
        """Keeps a topic in the draft, even while something is wrong with it."""
        body = await self._body(request, TopicBody)
        draft, key = await self.desk.draft_at(shop, body.mark), _key(request)
        text = body.text if body.data is None else formed(draft, key, body.data)
        if text is None:
            raise Refused(400, "malformed", "There is no text.", "send `text` or `data`.")
        return await self._topic(await self.desk.write(draft, key, text, editor.email), key)

    async def remove_topic(self, request: Request, editor: Editor, shop: str) -> Response:
        """Gives up the merchant's own topic; the starter's, where there is one, takes its place."""
        draft = await self._draft(request, shop)
        return await self._state(await self.desk.write(draft, _key(request), None, editor.email))

    async def new_topic(self, request: Request, editor: Editor, shop: str) -> Response:
        """Begins a topic, blank or as a copy of another one."""
        body = await self._body(request, NewTopicBody)
        draft = await self.desk.draft_at(shop, body.mark)
        languages = self.desk.content.get(shop).merchant.languages
        text = begun(draft, body.key, body.like, languages)
        return await self._topic(
            await self.desk.write(draft, body.key, text, editor.email), body.key
        )

    async def facts(self, _request: Request, _editor: Editor, shop: str) -> Response:
        """The merchant's form."""
        return await self._facts(await self.desk.draft(shop))

    async def save_facts(self, request: Request, editor: Editor, shop: str) -> Response:
        """Keeps the merchant's form in the draft."""
        body = await self._body(request, FactsBody)
        if foreign := sorted(body.values.keys() - EDITABLE):
            fix = f"leave out: {', '.join(foreign)}."
            raise Refused(400, "not_editable", "This is not changed in the browser.", fix)
        draft = await self.desk.draft_at(shop, body.mark)
        return await self._facts(await self.desk.set_facts(draft, body.values, editor.email))

    async def undo(self, request: Request, editor: Editor, shop: str) -> Response:
        """Takes back the newest change of the draft, whoever made it."""
        draft = await self._draft(request, shop)
        return await self._state(await self.desk.drafts.undo(draft, editor.email))

    async def discard(self, request: Request, _editor: Editor, shop: str) -> Response:
        """Forgets the draft."""
        await self.desk.drafts.discard(await self._draft(request, shop))
        return await self._state(await self.desk.draft(shop))

    async def differences(self, _request: Request, _editor: Editor, shop: str) -> Response:
        """What publishing would change."""
        found = await self.desk.differences(await self.desk.draft(shop))
        return JSONResponse({"changes": views.change_views(found)})

    async def trial(self, _request: Request, _editor: Editor, shop: str) -> Response:
        """How far the trial is."""
        return JSONResponse(views.trial_view(self.desk.trial(shop)))

    async def begin_trial(self, request: Request, _editor: Editor, shop: str) -> Response:
        """Trains and tests the draft; 202, as it takes some seconds."""
        progress = await self.desk.begin_trial(await self._draft(request, shop))
        return JSONResponse(views.trial_view(progress), 202)

    async def preview(self, request: Request, _editor: Editor, shop: str) -> Response:
        """Puts the draft behind the widget on this page."""
        pack = await self.desk.preview(await self._draft(request, shop), self.origin)
        return JSONResponse({"merchant": pack.merchant_id, "version": pack.pack_version})

    async def inspect(self, request: Request, _editor: Editor, shop: str) -> Response:
        """How a text is understood; nothing of it is kept."""
        body = await self._body(request, InspectBody)
        heard = await self.desk.inspect(shop, body.text, body.locale)
        return JSONResponse(views.heard_view(heard, body.text))

    async def publish(self, request: Request, editor: Editor, shop: str) -> Response:
        """Publishes the draft."""
        body = await self._body(request, NoteBody)
        draft = await self.desk.draft_at(shop, body.mark)
        pack = await self.desk.publish(draft, editor.email, body.note)
        return JSONResponse({"version": pack.pack_version})

    async def versions(self, _request: Request, _editor: Editor, shop: str) -> Response:
        """What was published, the newest first."""
        history, newest = await self.desk.history(shop), self.desk.content.get(shop)
        return JSONResponse({"versions": views.version_views(history, newest)})

    async def version(self, request: Request, _editor: Editor, shop: str) -> Response:
        """What going back to a version would change."""
        pack = await self.desk.version(shop, request.path_params["version"])
        found = changes(self.desk.content.get(shop), pack)
        return JSONResponse({"changes": views.change_views(found)})

    async def roll_back(self, request: Request, editor: Editor, shop: str) -> Response:
        """Publishes an old version again."""
        body = await self._body(request, RollBackBody)
        await self.desk.roll_back(shop, body.version, editor.email, body.note)
        return JSONResponse({"version": body.version})

    def _route(self, path: str, answer: Answer, method: str = "GET") -> Route:
        """An address of a shop, for its editors only; changes must come from our own page."""

        async def guarded(request: Request) -> Response:
            shop = request.path_params["shop"]
            return await answer(request, await self.doorway.editor(request, shop), shop)

        return Route(f"/api/shops/{{shop}}{path}", guarded, methods=[method])

    async def _draft(self, request: Request, shop: str) -> Draft:
        return await self.desk.draft_at(shop, (await self._body(request, Body)).mark)

    async def _state(self, draft: Draft) -> Response:
        newest = self.desk.content.get(draft.merchant_id)
        return JSONResponse(views.draft_view(draft, newest))

    async def _topic(self, draft: Draft, key: str) -> Response:
        built, newest = await self.desk.built(draft), self.desk.content.get(draft.merchant_id)
        shown = views.topic_view(key, built, starter_sources(), self.desk.now())
        if shown is None:
            raise Refused(404, "unknown_topic", "There is no such topic.", "choose another.")
        return JSONResponse({"draft": views.draft_view(draft, newest), "topic": shown})

    async def _facts(self, draft: Draft) -> Response:
        built, newest = await self.desk.built(draft), self.desk.content.get(draft.merchant_id)
        shown = views.facts_view(built, newest.merchant, starter_sources())
        return JSONResponse({"draft": views.draft_view(draft, newest), "form": shown})

    async def _body(self, request: Request, body: type[BodyT]) -> BodyT:
        return await page_guard.read_body(request, body, MAX_BODY_BYTES)


def _key(request: Request) -> str:
    """The topic of the address; raises Refused (404) for what cannot be one."""
    key: str = request.path_params["key"]
    if not KEY.fullmatch(key):
        raise Refused(404, "unknown_topic", "There is no such topic.", "choose another.")
    return key
