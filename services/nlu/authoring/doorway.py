"""Editors at the door of the authoring page: who they are, and which shops are theirs."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit import page_guard
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.login import SESSION_HOURS
from services.nlu.authoring.editors import Editor, Editors
from services.nlu.authoring.views import editor_view

COOKIE = "prat_authoring"
OWN_HEADER = "x-prat-authoring"
MAX_BODY_BYTES = 4096


@dataclass(frozen=True)
class Doorway:
    """Sessions of the editors."""

    editors: Editors
    content: MerchantContent
    gateway_url: str
    secure_cookies: bool = False

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/login", self.log_in, methods=["POST"]),
            Route("/api/logout", self.log_out, methods=["POST"]),
            Route("/api/me", self.me),
        ]

    async def editor(self, request: Request, shop: str, *, changes: bool) -> Editor:
        """Who asks, if the shop is theirs; raises Refused (401, 403, 404).

        A shop of somebody else's is as unknown as one that does not exist.
        """
        if changes:
            page_guard.require_own_page(request, OWN_HEADER)
        editor = await self.editors.editor_of(request.cookies.get(COOKIE))
        if editor is None:
            raise Refused(401, "not_logged_in", "You are not logged in.", "log in again.")
        if shop not in editor.merchants:
            raise Refused(404, "unknown_merchant", "This shop is not yours, or not known.")
        return editor

    async def log_in(self, request: Request) -> Response:
        """Opens a session of eight hours."""
        page_guard.require_own_page(request, OWN_HEADER)
        form = await page_guard.read_body(request, page_guard.LogInForm, MAX_BODY_BYTES)
        editor, token = await self.editors.log_in(form.email, form.password)
        answer = JSONResponse(self._me(editor))
        answer.set_cookie(
            COOKIE, token, max_age=SESSION_HOURS * 3600, path="/", httponly=True,
            samesite="strict", secure=self.secure_cookies,
        )  # fmt: skip
        return answer

    async def log_out(self, request: Request) -> Response:
        """Ends the session."""
        page_guard.require_own_page(request, OWN_HEADER)
        await self.editors.log_out(request.cookies.get(COOKIE, ""))
        answer = JSONResponse(self._me(None))
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    async def me(self, request: Request) -> Response:
        """Who is logged in; nobody is a good answer too, as the page asks at every start."""
        return JSONResponse(self._me(await self.editors.editor_of(request.cookies.get(COOKIE))))

    def _me(self, editor: Editor | None) -> dict[str, Any]:
        shown = editor_view(editor, self.content.all()) if editor else None
        return {"editor": shown, "gateway": self.gateway_url}
