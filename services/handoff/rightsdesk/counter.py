"""What every address of the rights desk needs: who asks, which request it is, what is noted and shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request as Asked

from libs.kit.audit import Audit
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused, Unavailable
from libs.kit.transcript import TranscriptClient
from libs.kit.tries import HOUR, Limit, Tries
from services.handoff.blind import Blind
from services.handoff.case import NotAllowed
from services.handoff.doorway import Doorway
from services.handoff.guard import no_right, path_uuid
from services.handoff.refusals import by_the_rules, refused
from services.handoff.rights import Agent, Right
from services.handoff.rightsdesk import requests
from services.handoff.rightsdesk.mail import Post
from services.handoff.rightsdesk.request_store import RequestStore
from services.handoff.rightsdesk.requests import Kind, Request, State
from services.handoff.store import CaseStore

LOOK_UPS = Limit("rights look-up", 60, HOUR)
"""Whoever looks for people one after another is stopped."""

MAILS = Limit("rights mail", 5, timedelta(days=1))
"""So many links a day go to one address, however many requests name it."""

Rule = Callable[[Request], Request]


@dataclass(frozen=True)
class Counter:
    """The parts that the desk works with."""

    doorway: Doorway
    store: RequestStore
    cases: CaseStore
    transcript: TranscriptClient
    content: MerchantContent
    blind: Blind
    audit: Audit
    tries: Tries
    post: Post
    sender: str
    origin: str
    now: Now

    async def person(self, asked: Asked, merchant_id: str) -> Agent:
        """Who asks, if this person answers requests to this shop."""
        agent = await self.doorway.person(asked)
        if not agent.may(Right.HANDLE_REQUESTS, merchant_id):
            raise no_right()
        return agent

    async def found(self, asked: Asked) -> tuple[Agent, Request]:
        """Who asks, and the request; one to another shop is as unknown as one that never was."""
        agent = await self.doorway.person(asked)
        request_id = path_uuid(asked, "request_id")
        request = await self.store.get(request_id) if request_id else None
        if request is None or not agent.may(Right.HANDLE_REQUESTS, request.merchant_id):
            raise refused("unknown_request")
        return agent, request

    async def change(self, agent: Agent, request: Request, what: str, rule: Rule) -> Request:
        """Notes what somebody does with a request, then does it as a rule says."""
        with by_the_rules():
            after = rule(request)
            await self.note(agent.agent_id, request, what)
            return await self.store.save(request, after)

    async def note(
        self, who: str, request: Request, what: str, *, conversation_id: str | None = None,
        fields: Iterable[str] = (), roles: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """A step in the audit log, under the request's id."""
        await self.audit.add(
            who, f"rights_{what}", merchant_id=request.merchant_id, about=str(request.request_id),
            conversation_id=conversation_id, fields=fields, roles=roles,
        )  # fmt: skip

    async def looked(
        self, agent: Agent, request: Request, what: str, conversation_id: str, *fields: str
    ) -> None:
        """Notes that somebody is shown something of a conversation; first this, then the answer."""
        await self.note(
            agent.agent_id, request, what, conversation_id=conversation_id, fields=fields,
            roles=agent.roles_at(request.merchant_id),
        )  # fmt: skip

    def of_request(self, request: Request, conversation_id: str) -> str:
        """The conversation, if it is one that was found for this request and may be opened."""
        is_known = conversation_id in request.conversations
        if request.state is not State.IDENTIFIED or not is_known:
            raise refused("request_state")
        return conversation_id

    async def settled(self, request: Request) -> Request:
        """The request, done if all its erasures are; as it was while retention is away."""
        if request.kind is not Kind.ERASURE or request.state is not State.IDENTIFIED:
            return request
        if not request.erasures or not all([await self.is_done(one) for one in request.erasures]):
            return request
        try:
            after = await self.store.save(request, requests.erased(request, self.now()))
        except NotAllowed:
            return request  # somebody else's look has done the same
        await self.note("the house", request, "done")
        return after

    async def is_done(self, erasure_id: str) -> bool:
        """Whether every service has acknowledged an erasure."""
        try:
            status = await self.transcript.erasure(UUID(erasure_id))
        except (Unavailable, Refused):
            return False
        return bool(status["done"])

    async def view(self, request: Request) -> dict[str, Any]:
        """A request as its page shows it."""
        now = self.now()
        state, days = requests.clock(request, now)
        is_over = request.state not in requests.OPEN
        return {
            "id": str(request.request_id), "merchant_id": request.merchant_id,
            "kind": request.kind, "language": request.language, "state": request.state,
            "received_at": request.received_at.isoformat(), "due_at": request.due_at.isoformat(),
            "clock": {"state": state, "days": days}, "extension": request.extension,
            "identity": request.identity, "refusal": request.refusal,
            "waits_for_mail": _waits(request, now), "can": requests.possible(request, now),
            "conversations": [*request.conversations],
            "erasures": [
                {"id": one, "done": is_over or await self.is_done(one)} for one in request.erasures
            ],
            "objections": await self._objections(request),
            "steps": [{"at": step.at.isoformat(), "what": step.what} for step in request.steps],
        }  # fmt: skip

    async def _objections(self, request: Request) -> list[dict[str, Any]]:
        """What the gear menu of each conversation says just now; the visitor may have changed it."""
        if request.kind is not Kind.OBJECTION:
            return []
        found = [(one, await self._objects(one)) for one in request.conversations]
        return [{"conversation_id": one, "objects": objects} for one, objects in found]

    async def _objects(self, conversation_id: str) -> bool | None:
        try:
            return await self.transcript.objects(conversation_id)
        except (Unavailable, Refused):
            return None


def _waits(request: Request, now: datetime) -> bool:
    return request.confirm_until is not None and now <= request.confirm_until
