"""The page behind a mailed link: whoever presses its button has the mailbox, and is identified.

Opening the page changes nothing: programs that look at mail open links, too.
"""

from dataclasses import dataclass
from html import escape

from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.content import LANGUAGES
from services.handoff.case import NotAllowed
from services.handoff.rightsdesk import requests
from services.handoff.rightsdesk.counter import Counter
from services.handoff.rightsdesk.mail import texts
from services.handoff.rightsdesk.requests import Request

LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Confirming:
    """For people without an account; the link is all that they have."""

    counter: Counter

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/confirm/{token}", self.ask, methods=["GET"]),
            Route("/confirm/{token}", self.confirm, methods=["POST"]),
        ]

    async def ask(self, asked: Asked) -> Response:
        """What was asked for, and a button."""
        request = await self._request(asked)
        if request is None:
            return _void()
        words = texts(request.language)
        said = words["question"].format(shop=self._shop(request), wish=words[request.kind])
        button = (
            f'<form method="post"><button class="primary">{escape(words["yes"])}</button></form>'
        )
        return _page(request.language, words["title"], said, button)

    async def confirm(self, asked: Asked) -> Response:
        """Identifies the person; the link is used up."""
        request = await self._request(asked)
        if request is None or request.mark is None:
            return _void()
        counter = self.counter
        given = await counter.cases.given.conversations(request.merchant_id, request.mark)
        try:
            after = requests.confirmed(request, given, counter.now())
            await counter.store.save(request, after)
        except NotAllowed:
            return _void()
        await counter.note("the person", request, "identified")
        words = texts(request.language)
        return _page(
            request.language, words["title"], words["thanks"].format(shop=self._shop(request))
        )

    async def _request(self, asked: Asked) -> Request | None:
        token = asked.path_params["token"]
        request = await self.counter.store.by_token(token) if len(token) <= LONGEST_TOKEN else None
        until = request.confirm_until if request else None
        return request if until and self.counter.now() <= until else None

    def _shop(self, request: Request) -> str:
        return self.counter.content.get(request.merchant_id).merchant.name


def _void() -> Response:
    """The same for a link that is used, too old, or never was."""
    said = "\n\n".join(texts(one)["void"] for one in LANGUAGES)
    return _page("en", "Prat", said, status=410)


def _page(language: str, title: str, said: str, more: str = "", *, status: int = 200) -> Response:
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/shared/base.css"><link rel="stylesheet" href="/rights.css">'
        f'</head><body><main class="confirm"><h1>{escape(title)}</h1><p>{escape(said)}</p>{more}'
        "</main></body></html>"
    )
    return HTMLResponse(page, status)
