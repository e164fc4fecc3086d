"""The day goes by: one thing after another, in virtual time, as fast as the rules can."""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from uuid import UUID, uuid5

from deploy.simulation.day import BREAK_HOURS, Ask, Chance, Plan, Shift, shop
from deploy.simulation.hall import NAME, SILENCE, Hall, Said
from libs.contracts.visitor import HandoffCancelled, HandoffRequested
from services.handoff import domain, ending
from services.handoff.case import Case, Status
from services.handoff.presence import Presence, State

NAMESPACE = UUID("6f3d2f0a-2f0e-4a53-9c55-0c9f5b1a7d10")
Step = Callable[[datetime], None]


@dataclass(frozen=True)
class Wait:
    """What a visitor was told, and how long it really was until an agent came."""

    entered_at: datetime
    said: Said
    seconds: float


@dataclass
class Outcome:
    """What a day came to."""

    plan: Plan
    waits: list[Wait] = field(default_factory=list)
    queued: int = 0
    filed: int = 0
    left: int = 0
    closed: int = 0
    taken_back: int = 0
    waiting_at_end: int = 0
    idle: int = 0
    overtaken: int = 0
    told_anew: int = 0
    longest_queue: int = 0
    seconds: float = 0.0


class Run:
    """One day."""

    def __init__(self, plan: Plan, share: float) -> None:
        self._chance = Chance(plan)
        self._merchant = shop()
        self._hall = Hall(self._merchant, share)
        self._outcome = Outcome(plan)
        self._steps: list[tuple[datetime, int, Step]] = []
        self._numbers = count()
        self._waited: set[UUID] = set()

    def run(self) -> Outcome:
        """Everything that happens until the last chat is over."""
        began = time.perf_counter()
        for shift in self._chance.shifts():
            self._plan(shift)
        for ask in self._chance.asks():
            self._at(ask.at, partial(self._ask, ask))
        while self._steps:
            now, _, step = heapq.heappop(self._steps)
            step(now)
            self._given(self._hall.round(now), now)
        return self._finished(began)

    def _finished(self, began: float) -> Outcome:
        hall, outcome = self._hall, self._outcome
        outcome.idle, outcome.overtaken = hall.idle, hall.overtaken
        outcome.waiting_at_end = len(hall.waiting)
        outcome.told_anew, outcome.seconds = hall.told_anew, time.perf_counter() - began
        return outcome

    def _at(self, moment: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (moment, next(self._numbers), step))

    def _plan(self, shift: Shift) -> None:
        rested = shift.rests + timedelta(hours=BREAK_HOURS)
        states: tuple[tuple[datetime, State], ...] = (
            (shift.rests, "away"), (rested, "online"), (shift.goes, "away"),
        )  # fmt: skip
        for moment, state in states:
            self._at(moment, partial(self._choose, shift, state))
        self._at(shift.comes, partial(self._come, shift))
        if shift.vanishes:
            self._at(shift.vanishes, partial(self._hall.vanish, shift.agent_id))
            self._at(shift.vanishes + SILENCE + timedelta(seconds=2), lambda _: None)

    def _come(self, shift: Shift, now: datetime) -> None:
        grants = {self._merchant.id: shift.skills}
        self._hall.connected.add(shift.agent_id)
        self._hall.people[shift.agent_id] = Presence(
            shift.agent_id, shift.agent_id, grants, now,
            capacity=self._chance.plan.capacity, languages=shift.languages,
        )  # fmt: skip

    def _choose(self, shift: Shift, state: State, _now: datetime) -> None:
        person = self._hall.people[shift.agent_id]
        self._hall.people[shift.agent_id] = replace(person, state=state)

    def _ask(self, ask: Ask, now: datetime) -> None:
        number = next(self._numbers)
        event = HandoffRequested(
            event_id=uuid5(NAMESPACE, f"{self._chance.plan.seed}:{number}"), intake=NAME,
            merchant_id=self._merchant.id, conversation_id=f"{number:032x}",
            occurred_at=ask.at, locale=ask.locale, topic=ask.topic,
        )  # fmt: skip
        case = domain.new_case(event, self._merchant)
        if self._hall.enter(case, now):
            self._outcome.queued += 1
            gone_at = now + timedelta(seconds=ask.patience)
            self._at(gone_at, partial(self._cancel, case.case_id))
        else:
            self._outcome.filed += 1
        longest = max(self._outcome.longest_queue, len(self._hall.waiting))
        self._outcome.longest_queue = longest

    def _cancel(self, case_id: UUID, now: datetime) -> None:
        case = self._hall.waiting.get(case_id)
        if case is None or case.entered != "asked":
            return
        event = HandoffCancelled(
            event_id=uuid5(case_id, "cancel"), merchant_id=case.merchant_id,
            conversation_id=case.conversation_id, occurred_at=now,
        )  # fmt: skip
        self._hall.end(ending.cancel(case, self._hall.queue_of(case), event, now))
        self._outcome.left += 1

    def _given(self, cases: list[Case], now: datetime) -> None:
        for case in cases:
            self._outcome.taken_back += case.entered == "returned" and case.returned_by is None
            if case.case_id not in self._waited:
                self._waited.add(case.case_id)
                seconds = (now - case.queued_at).total_seconds()
                said = self._hall.said[case.case_id]
                self._outcome.waits.append(Wait(case.queued_at, said, seconds))
            self._handle(case, now)

    def _handle(self, case: Case, now: datetime) -> None:
        plan, takes = self._chance.plan, self._chance.handling()
        step = self._close
        if case.entered == "asked" and self._chance.happens(plan.returned + plan.transferred):
            is_return = self._chance.happens(plan.returned / (plan.returned + plan.transferred))
            step, takes = self._give_back if is_return else self._hand_on, takes / 4
        key, version = case.case_id, case.version

        def finish(later: datetime) -> None:
            current = self._hall.cases[key]
            if current.status is Status.ASSIGNED and current.version == version:
                step(current, later)

        self._at(now + takes, finish)

    def _close(self, case: Case, now: datetime) -> None:
        self._hall.close(case, now)
        self._outcome.closed += 1

    def _give_back(self, case: Case, now: datetime) -> None:
        self._hall.give_back(case, now)

    def _hand_on(self, case: Case, now: datetime) -> None:
        others = {"delivery", "returns", "general"} - {case.skill}
        self._hall.hand_on(case, sorted(others)[self._chance.happens(0.5)], now)
