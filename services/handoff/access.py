"""How a request comes to its case: who asks, which case it is, and whether it may be changed."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from services.handoff.case import Case
from services.handoff.doorway import Doorway
from services.handoff.guard import path_uuid, require
from services.handoff.notes import Note
from services.handoff.refusals import by_the_rules, refused
from services.handoff.rights import Agent, Right
from services.handoff.routing import Seat
from services.handoff.store import CaseStore, Decide


@dataclass(frozen=True)
class Access:
    """The way from an address to a case; everything else is refused."""

    store: CaseStore
    doorway: Doorway

    async def seen(self, request: Request) -> tuple[Agent, Case]:
        """Who asks, and the case; another merchant's is as unknown as one that never was."""
        agent = await self.doorway.person(request)
        case_id = path_uuid(request, "case_id")
        case = await self.store.get(case_id) if case_id else None
        if case is None or not agent.may_see(case):
            raise refused("unknown_case")
        return agent, case

    async def to_work_on(self, request: Request) -> tuple[Agent, Case]:
        """The same, for who may work on cases of this kind."""
        agent, case = await self.seen(request)
        require(agent, Right.REPLY, case)
        return agent, case

    async def change(
        self, case: Case, rule: Decide, once: UUID | None = None, *,
        into: str | None = None, note: Note | None = None, room: Seat | None = None,
    ) -> Case:  # fmt: skip
        """Changes the case as a rule says; what it does not allow is refused with its code."""
        with by_the_rules():
            return await self.store.change(
                case.case_id, rule, once, into=into, note=note, room=room
            )
