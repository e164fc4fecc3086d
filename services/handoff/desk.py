"""The console's addresses for cases: queue, case, claim, reply, close, erase."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.bodies import AgentBody, IntakeBody, MessageBody
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.transcript import StoredMessage
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused, Unavailable
from libs.kit.transcript import TranscriptClient, open_entry
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place, WrongKey
from services.handoff import domain, intake, views
from services.handoff.accounts import Agent
from services.handoff.agents import Agents
from services.handoff.case import Case, Change, NotAllowed
from services.handoff.guard import (
    path_uuid,
    query_number,
    read_body,
    require_agent,
    require_own_page,
)
from services.handoff.notices import Notices
from services.handoff.store import CaseStore, Decide

Opened = list[tuple[StoredMessage, MessageBody | IntakeBody]]

REFUSALS = {
    "unknown_case": (404, "There is no such case.", "it may have expired or been erased."),
    "case_taken": (409, "Somebody else took this case.", "take another one from the queue."),
    "case_closed": (409, "This case is closed.", "the visitor may ask for a person again."),
    "not_yours": (409, "This case is not yours.", "claim it first: only its owner may do this."),
    "text_empty": (400, "There is no text to send.", "write something."),
    "text_too_long": (413, "The text is too long.", "send it in parts of at most 8 KiB."),
}
"""How the codes of the rules are answered: status, message and fix."""


class Reply(BaseModel):
    """A message to the visitor; `client_id` is made once per message, so a second try is seen."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client_id: UUID
    text: str


class Close(BaseModel):
    """Why a case ends."""

    model_config = ConfigDict(hide_input_in_errors=True)

    reason: domain.CloseReason


@dataclass(frozen=True)
class Desk:
    """What agents do with cases; one method per address."""

    store: CaseStore
    agents: Agents
    ring: KeyRing
    content: MerchantContent
    transcript: TranscriptClient
    notices: Notices
    now: Now = utc_now

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/queue", self.queue),
            Route("/api/cases/{case_id}", self.show, methods=["GET"]),
            Route("/api/cases/{case_id}", self.erase, methods=["DELETE"]),
            Route("/api/cases/{case_id}/claim", self.claim, methods=["POST"]),
            Route("/api/cases/{case_id}/reply", self.reply, methods=["POST"]),
            Route("/api/cases/{case_id}/close", self.close, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """The waiting cases that the agent may see, longest wait first, and the agent's own."""
        agent = await require_agent(request, self.agents)
        waiting = await self.store.waiting(agent.merchants)
        places = domain.places_in_queues(waiting)
        seen = [case for case in waiting if agent.may_see(case)]
        mine = await self.store.owned_by(agent.agent_id)
        return JSONResponse({
            "now": self.now().isoformat(),
            "waiting": [self._view(case, agent, places[case.case_id]) for case in seen],
            "mine": [self._view(case, agent) for case in mine],
        })  # fmt: skip

    async def show(self, request: Request) -> Response:
        """A case with its form and its transcript after entry `after`; null while that is away."""
        agent = await require_agent(request, self.agents)
        case = await self._case(request, agent)
        form = await self._form(case)
        facts = intake.read(form.fields, self.content.get(case.merchant_id).topic(case.topic))
        entries = await self._entries(case, query_number(request, "after"))
        if entries and case.agent_id == agent.agent_id:
            await self._mark_read(case, entries)
        return JSONResponse({
            "now": self.now().isoformat(),
            "case": self._view(case, agent),
            "intake": [views.fact_view(fact) for fact in facts],
            "messages": _message_views(entries),
        })  # fmt: skip

    async def claim(self, request: Request) -> Response:
        """Takes a waiting case; of many agents who try, one gets it."""
        agent, case = await self._to_change(request)
        place = Place(case.merchant_id, case.conversation_id, domain.assignment_id(case), "agent")
        name = await self._seal(place, AgentBody(name=agent.name))
        now = self.now()
        mine = await self._change(
            case, lambda current, waiting: domain.claim(current, waiting, agent.agent_id, name, now)
        )
        self.notices.queue_changed(mine)
        return JSONResponse({"case": self._view(mine, agent)})

    async def reply(self, request: Request) -> Response:
        """Sends a message to the visitor; the same `client_id` again is the same message."""
        agent, case = await self._to_change(request)
        said = await read_body(request, Reply)
        event_id = domain.reply_id(case, said.client_id)
        text = _allowed(lambda: domain.check_text(said.text))
        now = self.now()
        ends = domain.kept_until(now, self.content.get(case.merchant_id).merchant)
        await self.ring.extend(case.conversation_id, Purpose.CASE, ends)
        place = Place(case.merchant_id, case.conversation_id, event_id)
        message = await self._seal(place, MessageBody(text=text, speaker=agent.name))

        def rule(current: Case, _waiting: object) -> Change:
            return domain.reply(current, agent.agent_id, event_id, message, ends=ends, now=now)

        await self._change(case, rule, once=event_id)
        return JSONResponse({"message_id": str(event_id)}, 202)

    async def close(self, request: Request) -> Response:
        """Ends a case; the conversation belongs to the bot again."""
        agent, case = await self._to_change(request)
        asked = await read_body(request, Close)
        now = self.now()
        closed = await self._change(
            case, lambda current, _: domain.close(current, agent.agent_id, asked.reason, now)
        )
        self.notices.queue_changed(closed)
        return JSONResponse({"case": self._view(closed, agent)})

    async def erase(self, request: Request) -> Response:
        """Starts the erasure of the whole conversation; the bus tells when it is gone."""
        _agent, case = await self._to_change(request)
        erasure_id = await self.transcript.erase(case.merchant_id, case.conversation_id, "agent")
        return JSONResponse({"erasure_id": str(erasure_id)}, 202)

    async def _to_change(self, request: Request) -> tuple[Agent, Case]:
        require_own_page(request)
        agent = await require_agent(request, self.agents)
        return agent, await self._case(request, agent)

    async def _case(self, request: Request, agent: Agent) -> Case:
        """The case of the address; another merchant's is as unknown as one that never was."""
        case_id = path_uuid(request, "case_id")
        case = await self.store.get(case_id) if case_id else None
        if case is None or not agent.may_see(case):
            raise _refused("unknown_case")
        return case

    async def _change(self, case: Case, rule: Decide, once: UUID | None = None) -> Case:
        try:
            return await self.store.change(case.case_id, rule, once)
        except NotAllowed as error:
            raise _refused(error.code) from None

    async def _form(self, case: Case) -> IntakeBody:
        place = Place(case.merchant_id, case.conversation_id, case.request_id, "intake")
        try:
            return await self.ring.open(place, case.intake, IntakeBody)
        except KeyGone:
            raise _erased() from None

    async def _entries(self, case: Case, after: int) -> Opened | None:
        try:
            page = await self.transcript.page(case.conversation_id, after)
        except Unavailable:
            return None
        return [pair for entry in page.messages if (pair := await self._open(entry))]

    async def _open(
        self, entry: StoredMessage
    ) -> tuple[StoredMessage, MessageBody | IntakeBody] | None:
        try:
            return entry, await open_entry(self.ring, entry)
        except KeyGone:
            return None
        except WrongKey:
            structlog.get_logger().error("An entry does not open.", event_id=str(entry.message_id))
            return None

    async def _mark_read(self, case: Case, entries: Opened) -> None:
        newest = max(entry.sent_at for entry, _ in entries)
        if case.unread and case.visitor_wrote_at and case.visitor_wrote_at <= newest:
            await self.store.mark_read(case, newest)

    async def _seal(self, place: Place, body: BaseModel) -> Sealed:
        try:
            return await self.ring.seal(place, Purpose.CASE, body)
        except KeyGone:
            raise _erased() from None

    def _view(self, case: Case, agent: Agent, position: int | None = None) -> views.Json:
        return views.case_view(case, self.content.get(case.merchant_id), agent, position)


def _allowed(rule: Callable[[], str]) -> str:
    try:
        return rule()
    except NotAllowed as error:
        raise _refused(error.code) from None


def _refused(code: str) -> Refused:
    status, message, fix = REFUSALS[code]
    return Refused(status, code, message, fix)


def _erased() -> Refused:
    return Refused(410, "erased", "This conversation is erased.", "nobody can read it any more.")


def _message_views(entries: Opened | None) -> list[views.Json] | None:
    if entries is None:
        return None
    return [views.entry_view(entry, body) for entry, body in entries]
