"""The console's addresses for people: log-in, log-out, who am I, and the stream of notices."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit.content import MerchantContent
from libs.kit.page_guard import LogInForm
from services.handoff import views
from services.handoff.accounts import Agent
from services.handoff.agents import SESSION_HOURS, Agents
from services.handoff.guard import COOKIE, read_body, require_agent, require_own_page
from services.handoff.notices import Notices

BEAT_SECONDS = 15.0
"""A quiet stream says that it lives this often, and looks whether its session does."""


@dataclass(frozen=True)
class Doorway:
    """Sessions and streams of the agents; one method per address."""

    agents: Agents
    content: MerchantContent
    notices: Notices
    secure_cookies: bool = False

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/login", self.log_in, methods=["POST"]),
            Route("/api/logout", self.log_out, methods=["POST"]),
            Route("/api/me", self.me),
            Route("/api/stream", self.stream),
        ]

    async def log_in(self, request: Request) -> Response:
        """Opens a session of eight hours."""
        require_own_page(request)
        form = await read_body(request, LogInForm)
        agent, token = await self.agents.log_in(form.email, form.password)
        answer = JSONResponse({"agent": views.agent_view(agent, self.content.all())})
        answer.set_cookie(
            COOKIE, token, max_age=SESSION_HOURS * 3600, path="/", httponly=True,
            samesite="strict", secure=self.secure_cookies,
        )  # fmt: skip
        return answer

    async def log_out(self, request: Request) -> Response:
        """Ends the session."""
        require_own_page(request)
        await self.agents.log_out(request.cookies.get(COOKIE, ""))
        answer = JSONResponse({"agent": None})
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    async def me(self, request: Request) -> Response:
        """Who is logged in; nobody is a good answer too, as the page asks at every start."""
        agent = await self.agents.agent_of(request.cookies.get(COOKIE))
        found = views.agent_view(agent, self.content.all()) if agent else None
        return JSONResponse({"agent": found})

    async def stream(self, request: Request) -> Response:
        """Notices as server-sent events, until the agent leaves or the session ends."""
        agent = await require_agent(request, self.agents)
        beats = self._beats(agent, request.cookies[COOKIE])
        return EventSourceResponse(beats, ping=0)

    async def _beats(self, agent: Agent, token: str) -> AsyncIterator[ServerSentEvent]:
        with self.notices.listen(agent.merchants) as inbox:
            yield ServerSentEvent(comment="open")
            while not self.notices.closed:
                try:
                    notice = await asyncio.wait_for(inbox.get(), BEAT_SECONDS)
                except TimeoutError:
                    if await self.agents.agent_of(token) is None:
                        return
                    yield ServerSentEvent(comment="beat")
                    continue
                if notice is not None:
                    yield JSONServerSentEvent({"type": notice.type, "case_id": notice.case_id})
