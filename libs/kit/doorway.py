"""The way in to a page for people: its files, log-in, log-out, who am I, and who asks."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit import page_guard
from libs.kit.errors import Refused
from libs.kit.login import SESSION_HOURS, LogIns

PersonT = TypeVar("PersonT")

MAX_FORM_BYTES = 4096
QUIET_HEADER = "x-prat-quiet"
"""What a page looks up by itself carries this: a session in which nobody does anything ends."""


class Doorway(ABC, Generic[PersonT]):
    """Sessions of the people who use the page `name`; `me` says what the page is told of them.

    `further` are addresses that others add, before `routes` is called. `provider_name` is set where
    people log in by a provider; with `only_by_provider` a password opens nothing.
    """

    def __init__(self, name: str, people: LogIns[PersonT], *, secure_cookies: bool = False) -> None:
        self.cookie = f"prat_{name}"
        self.header = f"x-prat-{name}"
        self.people = people
        self.provider_name = ""
        self.only_by_provider = False
        self.further: list[BaseRoute] = []
        self.secure_cookies = secure_cookies

    @abstractmethod
    async def me(self, person: PersonT | None) -> Mapping[str, Any]:
        """What the page is told of who is logged in, or of nobody."""

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/login", self.log_in, methods=["POST"]),
            Route("/api/logout", self.log_out, methods=["POST"]),
            Route("/api/me", self.who_am_i),
            *self.further,
        ]

    async def person(self, request: Request, *, used: bool = True) -> PersonT:
        """Who asks; raises Refused (401), and 403 where a change does not come from our own page.

        `used` is False where a machine asks by itself: it does not keep the session from idling.
        """
        if request.method not in ("GET", "HEAD"):
            self.require_own_page(request)
        used = used and request.headers.get(QUIET_HEADER) != "1"
        person = await self.people.person_of(self.token(request), used=used)
        if person is None:
            raise Refused(401, "not_logged_in", "You are not logged in.", "log in again.")
        return person

    def token(self, request: Request) -> str:
        """The session's token; empty where there is none."""
        return request.cookies.get(self.cookie, "")

    def require_own_page(self, request: Request) -> None:
        """Refuses a change that another site's page asked this browser for (403)."""
        page_guard.require_own_page(request, self.header)

    async def log_in(self, request: Request) -> Response:
        """Opens a session of eight hours and ends the one that this browser had."""
        self.require_own_page(request)
        if self.only_by_provider:
            raise Refused(
                403, "sso_only", "People log in by the provider here.", f"use {self.provider_name}."
            )
        form = await page_guard.read_body(request, page_guard.LogInForm, MAX_FORM_BYTES)
        person, token = await self.people.log_in(
            form.email, form.password, code=form.code, address=address_of(request)
        )
        return await self.with_session(request, JSONResponse(await self.me(person)), token)

    async def with_session(self, request: Request, answer: Response, token: str) -> Response:
        """The answer with the cookie of a new session; the one that this browser had is over."""
        if before := self.token(request):
            await self.people.log_out(before)
        answer.set_cookie(
            self.cookie, token, max_age=SESSION_HOURS * 3600, path="/", httponly=True,
            samesite="strict", secure=self.secure_cookies,
        )  # fmt: skip
        return answer

    async def log_out(self, request: Request) -> Response:
        """Ends the session."""
        self.require_own_page(request)
        await self.people.log_out(self.token(request))
        answer = JSONResponse(await self.me(None))
        answer.delete_cookie(self.cookie, path="/", httponly=True, samesite="strict")
        return answer

    async def who_am_i(self, request: Request) -> Response:
        """Who is logged in; nobody is a good answer too, as the page asks at every start.

        Where people log in by a provider, nobody is told its name, and whether a password will do.
        """
        person = await self.people.person_of(self.token(request))
        found = dict(await self.me(person))
        if person is None and self.provider_name:
            found["sign_on"] = {"name": self.provider_name, "only": self.only_by_provider}
        return JSONResponse(found)


def address_of(request: Request) -> str:
    """The peer's address; what a request says of itself in headers does not count."""
    return request.client.host if request.client else ""
