"""The console's addresses for people: log-in, log-out, who am I, and the stream of notices."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from libs.kit import doorway
from libs.kit.content import MerchantContent
from services.handoff import views
from services.handoff.accounts import Agent
from services.handoff.agents import Agents
from services.handoff.case import Case
from services.handoff.notices import Inbox, Notice, Notices
from services.handoff.staff import Staff
from services.handoff.witness import Witness

BEAT_SECONDS = 15.0
"""A stream says that it lives this often, and looks whether its session does."""

BYE = Notice("bye", "", "")
"""The session is over: the page shows the log-in form."""


class Doorway(doorway.Doorway[Agent]):
    """Sessions and streams of the agents."""

    def __init__(
        self,
        agents: Agents,
        content: MerchantContent,
        notices: Notices,
        *,
        secure_cookies: bool = False,
        witness: Witness | None = None,
        staff: Staff | None = None,
    ) -> None:
        super().__init__("console", agents, secure_cookies=secure_cookies)
        self._content = content
        self._notices = notices
        self._watch = agents.accounts.watch
        self._witness = witness
        self._staff = staff

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [*super().routes(), Route("/api/stream", self.stream)]

    async def me(self, person: Agent | None) -> dict[str, Any]:
        """The agent, what this person chose to take, and the shops that the agent answers for."""
        if person is None:
            return {"agent": None}
        presence = await self._staff.choice(person) if self._staff else None
        return {"agent": views.agent_view(person, presence, self._content.all())}

    async def stream(self, request: Request) -> Response:
        """Notices as server-sent events, until the agent leaves or the session ends."""
        agent = await self.person(request, used=False)
        return EventSourceResponse(self._events(agent, self.token(request)), ping=0)

    async def saw(self, agent: Agent, case: Case, what: str, fields: Iterable[str]) -> None:
        """Notes who is about to be shown which fields of a case; first this, then the answer."""
        if self._witness:
            await self._witness.saw(agent, case, what, fields)

    async def did(self, agent: Agent, case: Case, what: str, fields: Iterable[str] = ()) -> None:
        """Notes what somebody did with a case, and which fields were shown for it."""
        if self._witness:
            await self._witness.did(agent, case, what, fields)

    async def _events(self, agent: Agent, token: str) -> AsyncIterator[ServerSentEvent]:
        clock = asyncio.get_running_loop().time
        seen, beat_at = await self._watch.count(), clock() + BEAT_SECONDS
        with self._notices.listen(agent.merchants) as inbox, await self._at_work(agent):
            yield ServerSentEvent(comment="open")
            while not self._notices.closed:
                notice = await self._next(inbox)
                count, beats = await self._watch.count(), clock() >= beat_at
                if count != seen or beats:
                    current = await self.people.person_of(token, used=False)
                    if current is None:
                        yield JSONServerSentEvent(vars(BYE))
                    if current != agent:
                        return  # with other grants, the page's next stream hears other things
                if beats:
                    yield ServerSentEvent(comment="beat")
                    beat_at = clock() + BEAT_SECONDS
                seen = count
                if notice is not None:
                    yield JSONServerSentEvent(vars(notice))

    async def _next(self, inbox: Inbox) -> Notice | None:
        """What comes within the time after which accounts are looked at; None where nothing does."""
        try:
            async with asyncio.timeout(self._watch.seconds):
                return await inbox.get()
        except TimeoutError:
            return None

    async def _at_work(self, agent: Agent) -> AbstractContextManager[None]:
        if self._staff is None:
            return nullcontext()
        await self._staff.beat(agent)
        return self._staff.at_work(agent)
