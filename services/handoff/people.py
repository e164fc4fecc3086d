"""The console's addresses for who is there: one's own presence, and the colleagues of a shop."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.content import Language
from services.handoff import views
from services.handoff.access import Access
from services.handoff.guard import read_body
from services.handoff.presence import Presence, State
from services.handoff.refusals import refused
from services.handoff.rights import Right
from services.handoff.staff import Staff

MOST_AT_A_TIME = 20


class Choice(BaseModel):
    """What an agent takes; what is not named stays as it was, and no language means every one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    state: State
    capacity: Annotated[int, Field(ge=1, le=MOST_AT_A_TIME)] | None = None
    languages: tuple[Language, ...] | None = None


@dataclass(frozen=True)
class People:
    """Presence of oneself and of colleagues; one method per address."""

    access: Access
    staff: Staff

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/presence", self.choose, methods=["POST"]),
            Route("/api/colleagues", self.colleagues),
        ]

    async def choose(self, request: Request) -> Response:
        """Whether the agent takes cases, and how many at a time; remembered for next time."""
        agent = await self.access.doorway.person(request)
        chosen = await read_body(request, Choice)
        await self.staff.choose(agent, chosen.state, chosen.capacity, chosen.languages)
        return JSONResponse({"presence": await self.staff.choice(agent)})

    async def colleagues(self, request: Request) -> Response:
        """Who else works for a shop, by name; `free` is how many more cases this person takes."""
        agent = await self.access.doorway.person(request)
        merchant_id = request.query_params.get("merchant", "")
        if not agent.may(Right.SEE_QUEUE, merchant_id):
            raise refused("unknown_merchant")
        others = [
            one
            for one in await self.staff.roster.everybody()
            if merchant_id in one.grants and one.agent_id != agent.agent_id
        ]
        shops = {shop for one in others for shop in one.grants}
        busy = Counter(case.agent_id for case in await self.access.store.assigned(shops))
        shown = [self._view(one, merchant_id, busy[one.agent_id]) for one in others]
        return JSONResponse({"colleagues": sorted(shown, key=lambda one: one["name"])})

    def _view(self, one: Presence, merchant_id: str, busy: int) -> views.Json:
        state = one.state if self.staff.is_there(one) else "offline"
        return {
            "agent_id": one.agent_id, "name": one.name, "skills": sorted(one.grants[merchant_id]),
            "state": state, "free": one.seat(busy).free if state == "online" else 0,
        }  # fmt: skip
