"""The console's addresses for work on a case: claim, answer, close, give back, erase."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Purpose
from libs.kit.bus import Publisher
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.privacy.sealing import Place
from services.handoff import domain, ending, passing
from services.handoff.access import Access
from services.handoff.case import Case, Change, CloseReason
from services.handoff.guard import read_body, require_erasing
from services.handoff.notebook import Notebook, Parting
from services.handoff.notices import Notices
from services.handoff.refusals import by_the_rules, refused
from services.handoff.rights import Agent
from services.handoff.showing import Showing
from services.handoff.staff import Staff
from services.handoff.texts import Texts
from services.handoff.throttle import Throttle

TYPING_SECONDS = 2.5
"""A page says every 3 s that its agent is writing; the visitor's shows it for 6 s."""


class Reply(BaseModel):
    """A message to the visitor; `client_id` is made once per message, so a second try is seen."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client_id: UUID
    text: str


class Close(Parting):
    """Why a case ends."""

    reason: CloseReason
    solved_topic: str | None = None


@dataclass(frozen=True)
class CaseWork:
    """What agents do with cases; one method per address."""

    access: Access
    showing: Showing
    texts: Texts
    notebook: Notebook
    content: MerchantContent
    notices: Notices
    staff: Staff
    bus: Publisher
    now: Now = utc_now
    keys: Throttle = field(default_factory=lambda: Throttle(TYPING_SECONDS))

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        one = "/api/cases/{case_id}"
        return [
            Route(one, self.erase, methods=["DELETE"]),
            Route(f"{one}/claim", self.claim, methods=["POST"]),
            Route(f"{one}/reply", self.reply, methods=["POST"]),
            Route(f"{one}/typing", self.typing, methods=["POST"]),
            Route(f"{one}/return", self.give_back, methods=["POST"]),
            Route(f"{one}/close", self.close, methods=["POST"]),
        ]

    async def claim(self, request: Request) -> Response:
        """Takes a waiting case; of many agents who try, one gets it."""
        agent, case = await self.access.to_work_on(request)
        name, now = await self.texts.owner_name(case, agent.name), self.now()

        def rule(current: Case, waiting: Sequence[Case]) -> Change:
            return domain.claim(current, waiting, agent.agent_id, name, now)

        mine = await self.access.change(case, rule)
        self.notices.queue_changed(mine)
        owned = await self.access.store.owned_by(agent.agent_id)
        return JSONResponse({
            "case": await self.showing.one(agent, mine),
            "over_capacity": len(owned) > await self.staff.capacity(agent),
        })  # fmt: skip

    async def reply(self, request: Request) -> Response:
        """Sends a message to the visitor; the same `client_id` again is the same message."""
        agent, case = await self.access.to_work_on(request)
        said = await read_body(request, Reply)
        with by_the_rules():
            text = domain.check_text(said.text)
        event_id, now = domain.reply_id(case, said.client_id), self.now()
        ends = domain.kept_until(now, self.content.get(case.merchant_id).merchant)
        await self.texts.ring.extend(case.conversation_id, Purpose.CASE, ends)
        place = Place(case.merchant_id, case.conversation_id, event_id)
        message = await self.texts.seal(place, MessageBody(text=text, speaker=agent.name))

        def rule(current: Case, _waiting: object) -> Change:
            return domain.reply(current, agent.agent_id, event_id, message, ends=ends, now=now)

        await self.access.change(case, rule, once=event_id)
        return JSONResponse({"message_id": str(event_id)}, 202)

    async def typing(self, request: Request) -> Response:
        """Tells the visitor that the owner is writing: now, and kept nowhere."""
        agent, case = await self.access.to_work_on(request)
        with by_the_rules():
            event = domain.typing(case, agent.agent_id, uuid4(), self.now())
        if self.keys.passes(case.case_id):
            await self.bus.publish(event)
        return JSONResponse({}, 202)

    async def close(self, request: Request) -> Response:
        """Ends a case; the conversation belongs to the bot again."""
        agent, case = await self.access.to_work_on(request)
        asked = await read_body(request, Close)
        pack, topic = self.content.get(case.merchant_id), asked.solved_topic
        if topic is not None and pack.topic(topic) is None:
            raise refused("unknown_topic")
        note = await self.notebook.parting(case, agent, asked.note)
        now = self.now()

        def rule(current: Case, _waiting: object) -> Change:
            return ending.close(
                current, agent.agent_id, asked.reason, now,
                solved_topic=topic, asks_rating=pack.merchant.rating,
            )  # fmt: skip

        return await self._moved(agent, await self.access.change(case, rule, note=note))

    async def give_back(self, request: Request) -> Response:
        """Puts a case back to the head of its queue, or among the left messages."""
        agent, case = await self.access.to_work_on(request)
        asked = await read_body(request, Parting)
        note = await self.notebook.parting(case, agent, asked.note)
        merchant, now = self.content.get(case.merchant_id).merchant, self.now()

        def rule(current: Case, waiting: Sequence[Case]) -> Change:
            return passing.give_back(current, waiting, agent.agent_id, merchant, now)

        freed = await self.access.change(case, rule, into=case.skill, note=note)
        return await self._moved(agent, freed)

    async def erase(self, request: Request) -> Response:
        """Starts the erasure of the whole conversation; the bus tells when it is gone."""
        agent, case = await self.access.seen(request)
        require_erasing(agent, case)
        await self.access.doorway.did(agent, case, "case_erased")
        erasure_id = await self.texts.transcript.erase(
            case.merchant_id, case.conversation_id, "agent"
        )
        return JSONResponse({"erasure_id": str(erasure_id)}, 202)

    async def _moved(self, agent: Agent, case: Case) -> Response:
        self.notices.queue_changed(case)
        return JSONResponse({"case": await self.showing.one(agent, case)})
