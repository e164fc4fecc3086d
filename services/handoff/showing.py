"""Cases as they are shown to an agent, with what is known beside them: waits, owners, who looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from services.handoff import views
from services.handoff.case import Case
from services.handoff.figures import Figures, queue_of
from services.handoff.presence import Presence, watchers
from services.handoff.rights import Agent
from services.handoff.roster import Roster
from services.handoff.waiting import NOTHING_KNOWN, Forecast


@dataclass(frozen=True)
class Shown:
    """The cases of one answer to one agent."""

    agent: Agent
    content: MerchantContent
    forecasts: Mapping[str, Forecast]
    names: Mapping[str, str]
    watchers: Mapping[str, Sequence[str]]

    def view(self, case: Case, position: int | None = None) -> views.Json:
        """A case; `position` is its place in its queue, where that is known."""
        forecast = self.forecasts.get(queue_of(case.merchant_id, case.skill), NOTHING_KNOWN)
        around = views.Around(
            position,
            wait=forecast.wait(position) if position else None,
            owner=self.names.get(case.agent_id) if case.agent_id else None,
            watchers=self.watchers.get(str(case.case_id), ()),
        )
        return views.case_view(case, self.content.get(case.merchant_id), self.agent, around)


@dataclass(frozen=True)
class Known:
    """What is known beside the cases, the same for every agent."""

    content: MerchantContent
    forecasts: Mapping[str, Forecast]
    people: Sequence[Presence]
    at: datetime

    def to(self, agent: Agent) -> Shown:
        """As an agent sees it."""
        names = {one.agent_id: one.name for one in self.people} | {agent.agent_id: agent.name}
        looking = watchers(self.people, agent.agent_id, self.at)
        return Shown(agent, self.content, self.forecasts, names, looking)


@dataclass(frozen=True)
class Showing:
    """Where that is known from."""

    content: MerchantContent
    figures: Figures
    roster: Roster
    now: Now = utc_now

    async def known(self) -> Known:
        """What is known now."""
        people, forecasts = await self.roster.everybody(), await self.figures.forecasts()
        return Known(self.content, forecasts, people, self.now())

    async def to(self, agent: Agent) -> Shown:
        """What is known now, as an agent sees it."""
        return (await self.known()).to(agent)

    async def one(self, agent: Agent, case: Case) -> views.Json:
        """A single case."""
        return (await self.to(agent)).view(case)
