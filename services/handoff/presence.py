"""Who is there: what an agent chose, and whether the console has been heard of lately. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from libs.contracts.content import Merchant
from services.handoff.case import Case
from services.handoff.rights import Agent, Right
from services.handoff.routing import Seat

State = Literal["online", "away"]

LOOK_KEPT = timedelta(seconds=20)
"""Who opened a case counts as looking at it for so long; the page looks again every 5 s."""


@dataclass(frozen=True)
class Presence:
    """An agent as last seen; `grants` are the skills by merchant whose cases may be given here."""

    agent_id: str
    name: str
    grants: Mapping[str, frozenset[str]]
    seen_at: datetime
    state: State = "online"
    capacity: int = 1
    languages: frozenset[str] = frozenset()
    looking_at: str | None = None
    looked_at: datetime | None = None

    def is_there(self, now: datetime, silence: timedelta) -> bool:
        """Whether the console was heard of within the last `silence`."""
        return now - self.seen_at <= silence

    def is_looking(self, now: datetime) -> bool:
        """Whether a case was opened so lately that it is still looked at."""
        return self.looked_at is not None and now - self.looked_at <= LOOK_KEPT

    def seat(self, busy: int = 0) -> Seat:
        """What this agent may be given."""
        return Seat(
            self.agent_id, self.name, dict(self.grants), self.languages, self.capacity, busy
        )


@dataclass(frozen=True)
class Floor:
    """Everybody whose console was heard of lately enough, and the cases that agents have."""

    people: tuple[Presence, ...] = ()
    assigned: tuple[Case, ...] = ()

    @property
    def online(self) -> tuple[Presence, ...]:
        """Those who take cases."""
        return tuple(person for person in self.people if person.state == "online")

    def seats(self) -> list[Seat]:
        """Those who take cases, with the number that each has already."""
        busy = Counter(case.agent_id for case in self.assigned)
        return [person.seat(busy[person.agent_id]) for person in self.online]

    def lost(self, now: datetime, silence: timedelta) -> list[Case]:
        """Cases whose agent is gone; who has just got one is given time to appear."""
        there = {person.agent_id for person in self.people}
        return [
            case
            for case in self.assigned
            if case.agent_id not in there and now - (case.assigned_at or now) > silence
        ]


def grants_of(agent: Agent) -> dict[str, frozenset[str]]:
    """The skills by merchant whose cases may be given to an agent."""
    granted: dict[str, frozenset[str]] = {}
    for grant in agent.grants:
        if Right.REPLY in grant.rights:
            granted[grant.merchant_id] = granted.get(grant.merchant_id, frozenset()) | grant.skills
    return granted


def staffing(online: Iterable[Presence], merchant: Merchant) -> dict[str, int]:
    """How many agents are online for each skill of a merchant."""
    seats = [person.seat() for person in online]
    return {
        skill: sum(seat.serves(merchant.id, skill) for seat in seats)
        for skill in skills_of(merchant)
    }


def skills_of(merchant: Merchant) -> list[str]:
    """Every skill that a case of the merchant may need."""
    return sorted({merchant.default_skill, *merchant.skills.values()})


def watchers(people: Iterable[Presence], agent_id: str, now: datetime) -> dict[str, list[str]]:
    """The names of the others who look at each case."""
    looking: dict[str, list[str]] = {}
    for one in people:
        if one.looking_at and one.agent_id != agent_id and one.is_looking(now):
            looking.setdefault(one.looking_at, []).append(one.name)
    return looking
