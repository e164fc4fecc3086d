"""The floor in memory: what the store and the rounds do with cases, by the same rules, in virtual time."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.case import CaseQueued
from libs.contracts.content import Merchant
from libs.contracts.sealed import Purpose, Sealed
from services.handoff import domain, ending, floor, passing
from services.handoff.case import Case, Change, Status
from services.handoff.figures import RECENT
from services.handoff.presence import Floor, Presence, staffing
from services.handoff.queue import Queue
from services.handoff.routing import Key, Seat, in_order
from services.handoff.waiting import Forecast

NAME = Sealed(purpose=Purpose.CASE, nonce="AAAAAAAAAAAAAAAA", data="AAAA")
SILENCE = timedelta(seconds=45)


@dataclass(frozen=True)
class Said:
    """What a visitor was told on entering the queue: the place, the range, and its middle."""

    position: int
    low: float | None
    middle: float | None
    high: float | None


@dataclass
class Hall:
    """Cases, agents and forecasts; every change is decided by handoff's own rules."""

    merchant: Merchant
    share: float
    cases: dict[UUID, Case] = field(default_factory=dict)
    waiting: dict[UUID, Case] = field(default_factory=dict)
    assigned: dict[UUID, Case] = field(default_factory=dict)
    people: dict[str, Presence] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)
    handled: dict[Key, deque[float]] = field(default_factory=dict)
    forecasts: dict[Key, Forecast] = field(default_factory=dict)
    said: dict[UUID, Said] = field(default_factory=dict)
    idle: int = 0
    overtaken: int = 0
    told_anew: int = 0

    def enter(self, case: Case, now: datetime) -> bool:
        """Lets a case in; whether it stands in a queue."""
        online = staffing(self.floor(now).online, self.merchant)[case.skill]
        queue = self._queue(case.skill)
        change = domain.enter(case, queue, self.merchant, now, online=online)
        self._keep(change)
        queued = change.events[0]
        if not isinstance(queued, CaseQueued):
            return False
        said, middle = queued.wait, queue.forecast.quantile(queued.position, 0.0)
        low, high = (said.low_seconds, said.high_seconds) if said else (None, None)
        self.said[case.case_id] = Said(queued.position, low, middle, high)
        return True

    def close(self, case: Case, now: datetime) -> None:
        """Its agent has solved it."""
        change = ending.close(case, case.agent_id or "", "solved", now)
        self._keep(change)
        if change.handled is not None:
            key = (case.merchant_id, case.skill)
            self.handled.setdefault(key, deque(maxlen=RECENT)).append(change.handled)

    def give_back(self, case: Case, now: datetime) -> None:
        """Its agent wants somebody else to have it."""
        queue = self._queue(case.skill)
        self._keep(passing.give_back(case, queue, case.agent_id or "", self.merchant, now))

    def hand_on(self, case: Case, skill: str, now: datetime) -> None:
        """Its agent sends it to another skill."""
        queue = self._queue(skill)
        owner = case.agent_id or ""
        self._keep(passing.to_skill(case, queue, owner, skill, merchant=self.merchant, now=now))

    def end(self, change: Change) -> None:
        """Whatever else ends a case."""
        self._keep(change)

    def queue_of(self, case: Case) -> Queue:
        """The queue that a case stands in."""
        return self._queue(case.skill)

    def round(self, now: datetime) -> list[Case]:
        """What the rounds of the floor do, and what must be true after them; the cases given out."""
        merchants = {self.merchant.id: self.merchant}
        for case in self.floor(now).lost(now, SILENCE):
            queue = self._queue(case.skill)
            owner = case.agent_id or ""
            self._keep(passing.take_back(case, queue, owner, self.merchant, now))
        given = floor.to_give(self.waiting.values(), merchants, self.floor(now))
        taken = [self._claim(case, seat, now) for case, seat in given]
        self._reckon(now)
        self._look(now)
        return taken

    def floor(self, now: datetime) -> Floor:
        """Who is there, and what they have."""
        there = (
            one
            for one in self.people.values()
            if one.agent_id in self.connected or one.is_there(now, SILENCE)
        )
        return Floor(tuple(there), tuple(self.assigned.values()))

    def vanish(self, agent_id: str, now: datetime) -> None:
        """A console is heard of for the last time."""
        self.connected.discard(agent_id)
        self.people[agent_id] = replace(self.people[agent_id], seen_at=now)

    def _claim(self, case: Case, seat: Seat, now: datetime) -> Case:
        others = self.waiting.values()
        self.overtaken += any(_is_overtaken(other, case, seat) for other in others)
        change = domain.claim(case, self._queue(case.skill), seat.agent_id, NAME, now)
        self._keep(change)
        return change.case

    def _reckon(self, now: datetime) -> None:
        room = floor.places_by_queue([self.merchant], self.floor(now), self.waiting.values())
        fresh = floor.news(floor.reckoned(room, self.handled), self.forecasts, self.share)
        self.told_anew += len(fresh)
        self.forecasts |= fresh

    def _look(self, now: datetime) -> None:
        """Counted by itself, not by the rule that gives: nobody is free for a case that waits."""
        seats = self.floor(now).seats() if self.waiting else []
        free = [seat for seat in seats if seat.busy < seat.capacity]
        self.idle += sum(any(seat.fits(case) for seat in free) for case in self.waiting.values())

    def _queue(self, skill: str) -> Queue:
        same = (case for case in self.waiting.values() if case.skill == skill)
        return Queue(same, self.forecasts.get((self.merchant.id, skill), Forecast()))

    def _keep(self, change: Change) -> None:
        case = change.case
        self.cases[case.case_id] = case
        for status, kept in ((Status.QUEUED, self.waiting), (Status.ASSIGNED, self.assigned)):
            if case.status is status:
                kept[case.case_id] = case
            else:
                kept.pop(case.case_id, None)


def _is_overtaken(other: Case, case: Case, seat: Seat) -> bool:
    """Whether somebody who asked earlier for the same, in the same language, still waits."""
    same = (other.skill, other.locale) == (case.skill, case.locale)
    if not same or other.returned_by == seat.agent_id:
        return False
    return in_order((other, case))[0] is other and other is not case
