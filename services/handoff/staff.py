"""Who is there, as consoles are told: signs of life, what an agent takes, who looks at which case."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from libs.kit.bus import AWAY
from libs.kit.clock import Now, utc_now
from services.handoff import views
from services.handoff.case import Case
from services.handoff.notices import Notices
from services.handoff.presence import Presence, State
from services.handoff.rights import Agent
from services.handoff.roster import Roster

BEAT_SECONDS = 15.0
"""A process says this often who of the agents has a console open here."""


@dataclass(frozen=True)
class Staff:
    """The roster; whatever changes in it is told to the open consoles."""

    roster: Roster
    notices: Notices
    now: Now = utc_now
    here: Counter[str] = field(default_factory=Counter)
    """How many consoles each agent has open in this process."""

    @contextmanager
    def at_work(self, agent: Agent) -> Iterator[None]:
        """The agent's console is open meanwhile."""
        self.here[agent.agent_id] += 1
        try:
            yield
        finally:
            self.here[agent.agent_id] -= 1

    async def beat(self, agent: Agent) -> None:
        """The agent's console was opened."""
        if await self.roster.beat(agent):
            self._tell(agent)

    async def keep_beating(self) -> None:
        """Says until cancelled who is here: for all consoles at once, a write each would be too many."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            here = [agent_id for agent_id, count in self.here.items() if count > 0]
            try:
                await self.roster.keep(here)
            except AWAY as error:
                structlog.get_logger().warning("Nobody is seen.", error=type(error).__name__)

    async def choice(self, agent: Agent) -> views.Json:
        """What the agent takes; who was never here gets the usual."""
        known = await self.roster.one(agent.agent_id)
        return views.presence_view(known or self._newcomer(agent))

    async def choose(
        self, agent: Agent, state: State, capacity: int | None, languages: Iterable[str] | None
    ) -> None:
        """What the agent takes from now on; None leaves it as it was."""
        await self.roster.choose(agent, state, capacity=capacity, languages=languages)
        self._tell(agent)

    async def looks(self, agent: Agent, case: Case) -> None:
        """The agent has the case before the eyes."""
        if await self.roster.look(agent, str(case.case_id)):
            self.notices.watching(case)

    async def capacity(self, agent: Agent) -> int:
        """How many cases the agent wants at a time."""
        return (await self.roster.one(agent.agent_id) or self._newcomer(agent)).capacity

    def is_there(self, presence: Presence) -> bool:
        """Whether somebody's console is open."""
        return presence.is_there(self.now(), self.roster.silence)

    def _tell(self, agent: Agent) -> None:
        for merchant_id in agent.merchants:
            self.notices.presence_changed(merchant_id)

    def _newcomer(self, agent: Agent) -> Presence:
        return Presence(
            agent.agent_id, agent.name, {}, self.now(), capacity=self.roster.capacity,
            languages=frozenset(agent.languages),
        )  # fmt: skip
