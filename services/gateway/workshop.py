"""The playground: a page where a shop tries the tag's options on the real chat and copies the tag."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from libs.contracts.content import LANGUAGES
from libs.kit.errors import Refused
from libs.kit.http import DefaultHeaders
from libs.kit.page_guard import page_files, page_headers
from services.gateway.tags import attribute, option_rules, tag

PAGE = Path(__file__).parent / "playground"
LONGEST_OPTION = 100
POLICY = b"content-security-policy"
PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


class WorkshopRoutes:
    """Serves /playground; nothing is sent from its preview, as its origin is no shop's."""

    def __init__(self) -> None:
        self._rules = option_rules()

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        headers = dict(page_headers())
        headers[POLICY] += b"; frame-src 'self'"
        inner = [
            Route("/tag", self.tag), Route("/preview", self.preview), *page_files(PAGE),
        ]  # fmt: skip
        return [Mount("/playground", DefaultHeaders(Router(inner), headers))]

    async def tag(self, request: Request) -> Response:
        """The tag for the options in the query, and which of them are not valid and left out."""
        given = self._given(request)
        faults = [name for name, value in given.items() if not self._rules[name].search(value)]
        gateway = request.query_params.get("gateway", "")
        sound = {name: value for name, value in given.items() if name not in faults}
        made = tag(gateway, sound, pinned=request.query_params.get("pinned") == "1")
        return JSONResponse({"tag": made, "faults": faults})

    async def preview(self, request: Request) -> Response:
        """A shop's page with the chat as the options have it."""
        given = self._given(request)
        language = request.query_params.get("page", "")
        html = (
            f'<!doctype html><html lang="{language if language in LANGUAGES else "en"}">'
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            '<title>Shop</title><link rel="stylesheet" href="preview.css"></head><body>'
            '<main aria-hidden="true"><i></i><p></p><ul><li></li><li></li><li></li><li></li></ul></main>'
            f"{tag('', given)}</body></html>"
        )
        return HTMLResponse(html, headers={POLICY.decode(): PREVIEW_POLICY})

    def _given(self, request: Request) -> dict[str, str]:
        asked = {attribute(name): value for name, value in request.query_params.items()}
        given = {name: asked[name] for name in self._rules if asked.get(name)}
        if any(len(value) > LONGEST_OPTION for value in given.values()):
            raise Refused(422, "option_too_long", "An option is too long.", "shorten it.")
        return given
