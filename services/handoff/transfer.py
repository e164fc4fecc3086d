"""The console's address for handing a case on: to the queue of a skill, or to a colleague at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from services.handoff import passing
from services.handoff.access import Access
from services.handoff.accounts import agent_of
from services.handoff.case import Case, Change, Status
from services.handoff.guard import read_body, require
from services.handoff.notebook import Notebook, Parting
from services.handoff.notes import Note
from services.handoff.presence import Presence, skills_of
from services.handoff.refusals import refused
from services.handoff.rights import Agent, Right
from services.handoff.showing import Showing
from services.handoff.staff import Staff
from services.handoff.texts import Texts


class Onward(Parting):
    """Where a case goes: to a skill or to an agent, one of the two."""

    skill: str | None = None
    agent_id: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.skill is None) is (self.agent_id is None):
            raise ValueError("either a skill or an agent")
        return self


@dataclass(frozen=True)
class Transfer:
    """Cases go on to others; only the owner gives one away, or who may do so with others' cases."""

    access: Access
    showing: Showing
    texts: Texts
    notebook: Notebook
    content: MerchantContent
    staff: Staff
    now: Now = utc_now

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [Route("/api/cases/{case_id}/transfer", self.transfer, methods=["POST"])]

    async def transfer(self, request: Request) -> Response:
        """Hands the case on, and the note with it; to its owner once more changes nothing."""
        agent, case = await self.access.to_work_on(request)
        asked = await read_body(request, Onward)
        if asked.agent_id is None or asked.agent_id != _owner(case):
            if _owner(case) not in (None, agent.agent_id):
                require(agent, Right.TRANSFER_OTHERS, case)
            case = await self._hand_on(agent, case, asked)
            self.staff.notices.queue_changed(case)
        return JSONResponse({"case": await self.showing.one(agent, case)})

    async def _hand_on(self, agent: Agent, case: Case, asked: Onward) -> Case:
        giver = _owner(case) or agent.agent_id
        note = await self.notebook.parting(case, agent, asked.note)
        if asked.agent_id is not None:
            return await self._to_colleague(case, giver, asked.agent_id, note)
        return await self._to_skill(case, giver, asked.skill or "", note)

    async def _to_skill(self, case: Case, giver: str, skill: str, note: Note | None) -> Case:
        merchant, now = self.content.get(case.merchant_id).merchant, self.now()
        if skill not in skills_of(merchant):
            raise refused("unknown_skill")

        def rule(current: Case, waiting: Sequence[Case]) -> Change:
            return passing.to_skill(current, waiting, giver, skill, merchant=merchant, now=now)

        return await self.access.change(case, rule, into=skill, note=note)

    async def _to_colleague(self, case: Case, giver: str, other_id: str, note: Note | None) -> Case:
        other, now = await self._taker(case, other_id), self.now()
        name = await self.texts.owner_name(case, other.name)

        def rule(current: Case, _waiting: object) -> Change:
            return passing.to_colleague(current, giver, other_id, name, now)

        return await self.access.change(case, rule, note=note, room=other.seat())

    async def _taker(self, case: Case, other_id: str) -> Presence:
        """The colleague, if there and granted such cases."""
        other = await self.staff.roster.one(other_id)
        if other is None or other.state != "online" or not self.staff.is_there(other):
            raise refused("unknown_agent")
        # What the colleague was granted may have changed since this person was last seen.
        account = await self.access.doorway.people.accounts.account(other_id)
        if account is None or account.get("disabled"):
            raise refused("unknown_agent")
        if not agent_of(account).serves(case.merchant_id, case.skill):
            raise refused("unknown_agent")
        return other


def _owner(case: Case) -> str | None:
    return case.agent_id if case.status is Status.ASSIGNED else None
