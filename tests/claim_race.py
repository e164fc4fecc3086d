"""Many agents who claim the same cases at the same time, on the real store."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from libs.kit.clock import utc_now
from services.handoff import domain
from services.handoff.case import Case, NotAllowed
from services.handoff.store import CaseStore
from tests.builders import conversation_id, merchant, sealed

SHOP = merchant()
NAME = sealed(Purpose.CASE)
SKILLS = 40
"""Short queues: what is measured is the race, not the places of those who wait."""


@dataclass
class Race:
    """How each case's race ended, and how long the winners' claims took."""

    outcomes: Counter[tuple[tuple[str, int], ...]] = field(default_factory=Counter)
    owners: dict[str, str] = field(default_factory=dict)
    winners: list[float] = field(default_factory=list)
    seconds: float = 0.0


async def claim_race(stores: Sequence[CaseStore], cases: int, agents: int) -> Race:
    """Every agent claims every case; agents are spread over the stores."""
    race, began = Race(), time.perf_counter()
    for number in range(cases):
        case = await _asks(stores[0], f"skill{number % SKILLS}")
        tries = (_claim(race, stores[n % len(stores)], case, f"agent{n}") for n in range(agents))
        race.outcomes[tuple(sorted(Counter(await asyncio.gather(*tries)).items()))] += 1
    race.seconds = time.perf_counter() - began
    return race


def one_each(agents: int) -> tuple[tuple[str, int], ...]:
    """How the race of a case must end."""
    return (("case_taken", agents - 1), ("won", 1))


async def _claim(race: Race, store: CaseStore, case: Case, agent: str) -> str:
    began = time.perf_counter()
    claim = partial(domain.claim, agent_id=agent, agent=NAME, now=utc_now())
    try:
        await store.change(case.case_id, claim)
    except NotAllowed as error:
        return error.code
    race.winners.append(time.perf_counter() - began)
    race.owners[str(case.case_id)] = agent
    return "won"


async def _asks(store: CaseStore, skill: str) -> Case:
    event = HandoffRequested(
        event_id=uuid4(), merchant_id=SHOP.id, conversation_id=conversation_id(), locale="nb",
        occurred_at=utc_now(), topic="track_parcel", intake=sealed(Purpose.CASE),
    )  # fmt: skip
    shop = SHOP.model_copy(update={"skills": {"track_parcel": skill}})
    case = domain.new_case(event, shop)
    await store.add(case, event.event_id, partial(domain.enqueue, merchant=SHOP, now=utc_now()))
    return case
