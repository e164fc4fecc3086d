"""The rounds of the floor: what has to be done is decided in floor.py, and done here.

Every process makes rounds; a case that two of them want to change is changed once, by compare-and-set.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog

from libs.contracts.bodies import AgentBody
from libs.contracts.content import Merchant
from libs.contracts.sealed import Purpose
from libs.kit.bus import AWAY
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.kit.mongo import PyMongoError
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place
from services.handoff import domain, ending, floor, passing
from services.handoff.case import Case, NotAllowed
from services.handoff.figures import queue_of
from services.handoff.floor import Pace
from services.handoff.notices import Notices
from services.handoff.presence import Floor, staffing
from services.handoff.roster import Roster
from services.handoff.routing import Seat
from services.handoff.store import CaseStore, Decide

BREATH_SECONDS = 0.5
"""Changes that come within this time are looked at together."""

MISSED_AFTER = timedelta(seconds=10)
"""All cases that agents have are read so often, to see whether one of them is gone; and whenever
others are there than before, or somebody is to be given a case."""


@dataclass
class Rounds:
    """Looks after the floor whenever something has changed there, and every few seconds anyhow."""

    store: CaseStore
    roster: Roster
    ring: KeyRing
    content: MerchantContent
    notices: Notices
    pace: Pace = field(default_factory=Pace)
    now: Now = utc_now
    _since: datetime | None = None
    _looked: tuple[frozenset[str], bool] | None = None
    _looked_at: datetime | None = None
    _reckoned_at: datetime | None = None

    async def go(self) -> None:
        """Makes rounds until cancelled; started once per process by `app.py`."""
        while True:
            try:
                await self.once()
            except (*AWAY, PyMongoError) as error:
                # Another process may have been in the way, too: the next round looks again.
                self._since = self._looked = self._reckoned_at = None
                structlog.get_logger().warning("The floor waits.", error=type(error).__name__)
            await self._rest()

    async def once(self) -> None:
        """One round."""
        now = self.now()
        merchants = {pack.merchant_id: pack.merchant for pack in self.content.all()}
        # In this order: a case that was taken in between counts twice rather than not at all.
        waiting = await self.store.waiting(merchants)
        present = await self._floor(merchants, waiting, now)
        for merchant in merchants.values():
            online = staffing(present.online, merchant)
            if await self.roster.tell_staffing(merchant.id, online):
                self.notices.presence_changed(merchant.id)
        for case in self._lost(present, now):
            await self._take_back(case, merchants[case.merchant_id])
        for case in floor.gone_away(waiting, merchants, now):
            merchant = merchants[case.merchant_id]
            await self._change(case, partial(ending.give_up, merchant=merchant, now=self.now()))
        for case, seat in floor.to_give(waiting, merchants, present):
            await self._give(case, seat)
        await self._reckon(merchants, present, waiting, now)

    async def _rest(self) -> None:
        await asyncio.sleep(BREATH_SECONDS)
        with suppress(TimeoutError):
            left = self.pace.seconds - BREATH_SECONDS
            await asyncio.wait_for(self.notices.stirred.wait(), left)
        self.notices.stirred.clear()

    async def _floor(
        self, merchants: dict[str, Merchant], waiting: list[Case], now: datetime
    ) -> Floor:
        people = await self.roster.there()
        looked = frozenset(one.agent_id for one in people), self._has_heard_all(now)
        is_new = looked != self._looked or now - (self._looked_at or now) >= MISSED_AFTER
        if not is_new and not floor.are_given(waiting, merchants):
            return Floor(tuple(people))
        cases = await self.store.assigned(merchants)
        self._looked, self._looked_at = looked, now
        return Floor(tuple(people), tuple(cases))

    def _has_heard_all(self, now: datetime) -> bool:
        self._since = self._since or now
        return now - self._since > self.roster.silence

    def _lost(self, present: Floor, now: datetime) -> list[Case]:
        """Nobody is gone for whom this process, or the store, was not there to hear."""
        return present.lost(now, self.roster.silence) if self._has_heard_all(now) else []

    async def _take_back(self, case: Case, merchant: Merchant) -> None:
        rule = partial(
            passing.take_back, agent_id=case.agent_id or "", merchant=merchant, now=self.now()
        )
        await self._change(case, rule, into=case.skill)

    async def _give(self, case: Case, seat: Seat) -> None:
        place = Place(case.merchant_id, case.conversation_id, domain.assignment_id(case), "agent")
        with suppress(KeyGone):  # erased just now: its case goes, too
            name = await self.ring.seal(place, Purpose.CASE, AgentBody(name=seat.name))
            rule = partial(
                domain.claim, agent_id=seat.agent_id, agent=name, now=self.now()
            )  # fmt: skip
            await self._change(case, rule, room=seat)

    async def _change(
        self, case: Case, rule: Decide, *, into: str | None = None, room: Seat | None = None
    ) -> None:
        try:
            changed = await self.store.change(case.case_id, rule, into=into, room=room)
        except NotAllowed:
            return  # somebody else was faster; the next round looks again
        if changed.version != case.version:
            self.notices.queue_changed(changed)

    async def _reckon(
        self, merchants: dict[str, Merchant], present: Floor, waiting: list[Case], now: datetime
    ) -> None:
        """Reckons waits anew and tells those who wait where they have clearly changed.

        Nobody is told twice within the pause; what the round itself has changed stirs the next one.
        """
        if self._reckoned_at and now - self._reckoned_at < self.pace.pause:
            return
        figures = self.store.figures
        room = floor.places_by_queue(merchants.values(), present, waiting)
        handled = {key: await figures.recent(*key) for key, places in room.items() if places}
        said = await figures.forecasts()
        known = {key: said[queue_of(*key)] for key in room if queue_of(*key) in said}
        changed = floor.news(floor.reckoned(room, handled), known, self.pace.share)
        for (merchant_id, skill), forecast in changed.items():
            await self.store.retell(merchant_id, skill, forecast, now, self.pace.pause)
        self._reckoned_at = now
