"""The rounds of the floor on a real store: given, taken back, given up, reckoned; each once."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Database, PyMongoError, connect, database
from libs.kit.outbox import OUTBOX, Outbox
from libs.privacy.keys import KeyRing
from services.handoff import domain, ending, passing
from services.handoff.agents import demo_agent
from services.handoff.case import Case, Change, NotAllowed, Status
from services.handoff.floor import Pace
from services.handoff.notices import Notices
from services.handoff.presence import Presence
from services.handoff.roster import Roster
from services.handoff.rounds import MISSED_AFTER, Rounds
from services.handoff.staff import Staff
from services.handoff.store import CaseStore
from services.handoff.waiting import FEWEST_SAMPLES
from tests.builders import NoBus, conversation_id, merchant, pack, sealed

KARI, PER = demo_agent("kari@fjellbekk.example"), demo_agent("per@fjellbekk.example")
SHOP = merchant()
NAME = sealed(Purpose.CASE)
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """A time that a test moves on."""

    at: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Hall:
    """A floor with an empty database and a clock of its own."""

    store: CaseStore
    roster: Roster
    rounds: Rounds
    content: Packs
    ring: KeyRing
    db: Database
    clock: Clock

    async def asks(self) -> Case:
        conversation = conversation_id()
        self.clock.at += timedelta(milliseconds=5)
        ends = self.clock.at + timedelta(days=90)
        await self.ring.mint(SHOP.id, conversation, Purpose.CASE, ends)
        event = HandoffRequested(
            event_id=uuid4(), merchant_id=SHOP.id, conversation_id=conversation, locale="nb",
            occurred_at=self.clock.at, topic="track_parcel", intake=sealed(Purpose.CASE),
        )  # fmt: skip
        case = domain.new_case(event, SHOP)
        enqueue = partial(domain.enqueue, merchant=SHOP, now=self.clock.at)
        assert await self.store.add(case, event.event_id, enqueue)
        return case

    async def claims(self, case: Case, agent_id: str = KARI.agent_id) -> Case:
        def rule(current: Case, waiting: Any) -> Change:
            return domain.claim(current, waiting, agent_id, NAME, self.clock.at)

        return await self.store.change(case.case_id, rule)

    async def closes(self, case: Case) -> None:
        def rule(current: Case, _waiting: Any) -> Change:
            return ending.close(current, current.agent_id or "", "solved", self.clock.at)

        await self.store.change(case.case_id, rule)

    async def after(self, gone: timedelta) -> None:
        """Rounds are made all the time, and time passes."""
        await self.rounds.once()
        self.clock.at += gone
        await self.rounds.once()

    async def now(self, case: Case) -> Case:
        found = await self.store.get(case.case_id)
        assert found is not None
        return found

    async def said(self, kind: str, part: str = "") -> int:
        rows = self.db[OUTBOX.name].find()
        texts = [row["event"] async for row in rows]
        return sum(f'"type":"{kind}"' in text and part in text for text in texts)


@pytest.fixture
async def hall(stack: Stack) -> AsyncIterator[Hall]:
    client, clock = connect(stack.store.url), Clock()
    db = database(client, "handoff")
    await client.drop_database(db.name)
    keys, outbox = MongoKeyStore(client), Outbox(db, NoBus(), clock)
    store, roster = CaseStore(client, outbox, clock), Roster(client, outbox, now=clock)
    for prepare in (keys.prepare, store.prepare, roster.prepare):
        await prepare()
    ring, content = KeyRing(keys, dict.fromkeys(Purpose, b"k" * 32)), Packs(pack())
    rounds = Rounds(store, roster, ring, content, Notices(), Pace(pause=timedelta(0)), clock)
    yield Hall(store, roster, rounds, content, ring, db, clock)
    client.close()


async def test_cases_of_an_agent_who_is_gone_go_back_to_the_head_of_their_queue(hall: Hall) -> None:
    await hall.roster.beat(KARI)
    case, behind = await hall.asks(), await hall.asks()
    await hall.claims(case)
    await hall.after(timedelta(seconds=44))
    assert (await hall.now(case)).status is Status.ASSIGNED
    await hall.roster.beat(PER)
    await hall.after(timedelta(seconds=4))
    freed = await hall.now(case)
    assert (freed.status, freed.version, freed.agent_id) == (Status.QUEUED, 3, None)
    waiting = await hall.store.waiting([SHOP.id])
    assert [one.case_id for one in waiting] == [case.case_id, behind.case_id]
    assert await hall.said("CaseQueued", '"reason":"returned"') == 1


async def test_who_has_just_started_takes_nothing_from_agents_it_could_not_hear(hall: Hall) -> None:
    await hall.roster.beat(KARI)
    case = await hall.claims(await hall.asks())
    hall.clock.at += 10 * MINUTE
    await hall.after(timedelta(seconds=44))
    assert (await hall.now(case)).status is Status.ASSIGNED
    await hall.after(timedelta(seconds=2))
    assert (await hall.now(case)).status is Status.QUEUED


async def test_cases_of_agents_are_read_when_others_are_there_and_now_and_then(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assigned, reads = hall.store.assigned, list[datetime]()

    async def counted(merchants: Iterable[str]) -> list[Case]:
        reads.append(hall.clock.at)
        return await assigned(merchants)

    monkeypatch.setattr(hall.store, "assigned", counted)
    await hall.asks()
    await hall.roster.beat(KARI)
    for seconds in (0, 1, 1):
        hall.clock.at += timedelta(seconds=seconds)
        await hall.rounds.once()
    assert len(reads) == 1
    await hall.roster.beat(PER)
    await hall.rounds.once()
    assert len(reads) == 2
    hall.clock.at += MISSED_AFTER
    await hall.rounds.once()
    assert len(reads) == 3
    hall.content.put(pack(routing="auto"))
    await hall.rounds.once()
    assert len(reads) == 4


async def test_a_round_that_fails_is_made_again(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, tries, again = hall.roster.there, iter([PyMongoError("away")]), asyncio.Event()

    async def once_away() -> list[Presence]:
        for error in tries:
            raise error
        again.set()
        return await there()

    monkeypatch.setattr(hall.roster, "there", once_away)
    hall.rounds.notices.stirred.set()
    going = asyncio.create_task(hall.rounds.go())
    await asyncio.wait_for(again.wait(), 20)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)


async def test_two_processes_take_back_and_give_once(hall: Hall) -> None:
    hall.content.put(pack(routing="auto"))
    others = replace(hall.rounds, notices=Notices())
    await hall.roster.beat(KARI)
    cases = [await hall.asks() for _ in range(6)]
    for _ in range(3):
        await asyncio.gather(hall.rounds.once(), others.once())
    held = await hall.store.owned_by(KARI.agent_id)
    assert [case.case_id for case in held] == [case.case_id for case in cases[:4]]
    assert await hall.said("CaseAssigned") == 4
    hall.clock.at += MINUTE
    await hall.roster.beat(PER)
    for _ in range(3):
        await asyncio.gather(hall.rounds.once(), others.once())
    assert [await hall.store.owned_by(KARI.agent_id), await hall.said("CaseAssigned")] == [[], 8]
    assert len(await hall.store.owned_by(PER.agent_id)) == 4
    assert await hall.said("CaseQueued", '"reason":"returned"') == 4


async def test_a_given_case_names_its_agent_and_one_given_back_waits_for_another(
    hall: Hall,
) -> None:
    hall.content.put(pack(routing="auto"))
    await hall.roster.beat(KARI)
    case = await hall.asks()
    await hall.rounds.once()
    assert (await hall.now(case)).agent_id == KARI.agent_id

    def rule(current: Case, waiting: Any) -> Change:
        return passing.give_back(current, waiting, KARI.agent_id, SHOP, hall.clock.at)

    await hall.store.change(case.case_id, rule, into=case.skill)
    await hall.rounds.once()
    assert (await hall.now(case)).status is Status.QUEUED
    await hall.roster.beat(PER)
    await hall.rounds.once()
    assert (await hall.now(case)).agent_id == PER.agent_id


async def test_nobody_gets_more_than_fits_however_it_is_asked(hall: Hall) -> None:
    seat = Presence(KARI.agent_id, "Kari", {}, hall.clock.at, capacity=1).seat()
    cases = [await hall.asks() for _ in range(3)]

    def claim(current: Case, waiting: Any) -> Change:
        return domain.claim(current, waiting, KARI.agent_id, NAME, hall.clock.at)

    async def give(case: Case) -> str:
        try:
            await hall.store.change(case.case_id, claim, room=seat)
        except NotAllowed as error:
            return error.code
        return "given"

    codes = await asyncio.gather(*(give(case) for case in cases))
    assert sorted(codes) == ["capacity_full", "capacity_full", "given"]


async def test_a_visitor_who_stays_away_for_too_long_leaves_the_queue(hall: Hall) -> None:
    case = await hall.asks()
    await hall.after(SHOP.patience_minutes * MINUTE - timedelta(seconds=1))
    assert (await hall.now(case)).status is Status.QUEUED
    await hall.after(timedelta(seconds=2))
    gone = await hall.now(case)
    assert (gone.status, gone.closed_reason, gone.closed_by) == ("closed", "abandoned", "time")


async def test_who_is_seen_again_in_time_keeps_the_place(hall: Hall) -> None:
    case, behind = await hall.asks(), await hall.asks()
    patience = SHOP.patience_minutes * MINUTE
    await hall.after(patience - MINUTE)
    await hall.store.visitor_seen(case.conversation_id, hall.clock.at)
    await hall.after(2 * MINUTE)
    assert [(await hall.now(one)).status for one in (case, behind)] == ["queued", "closed"]
    await hall.claims(case)
    await hall.store.visitor_seen(case.conversation_id, hall.clock.at + MINUTE)
    seen_at = (await hall.now(case)).visitor_seen_at
    assert seen_at
    assert seen_at < hall.clock.at, "an agent has it: nobody asks who waits"


async def test_staffing_is_said_when_agents_come_and_go(hall: Hall) -> None:
    await hall.rounds.once()
    await Staff(hall.roster, hall.rounds.notices).beat(KARI)
    assert hall.rounds.notices.stirred.is_set()
    await hall.rounds.once()
    await hall.rounds.once()
    hall.clock.at += MINUTE
    await hall.rounds.once()
    nobody, one = '"online":{"delivery":0,"general":0}', '"online":{"delivery":1,"general":1}'
    assert await hall.said("StaffingChanged", nobody) == 2
    assert await hall.said("StaffingChanged", one) == 1


async def test_waits_are_told_to_those_who_wait_when_they_become_known(hall: Hall) -> None:
    await hall.roster.beat(KARI)
    for _ in range(FEWEST_SAMPLES):
        case = await hall.claims(await hall.asks())
        hall.clock.at += 5 * MINUTE
        await hall.roster.beat(KARI)
        await hall.closes(case)
    await hall.asks()
    assert await hall.said("CaseQueued", '"wait"') == 0
    await hall.rounds.once()
    assert await hall.said("QueueChanged", '"wait"') == 1
    await hall.rounds.once()
    assert await hall.said("QueueChanged", '"wait"') == 1
    await hall.asks()
    assert await hall.said("CaseQueued", '"wait"') == 1
    hall.clock.at += MINUTE
    await hall.rounds.once()
    assert await hall.said("QueueChanged") == FEWEST_SAMPLES + 2
    assert await hall.said("QueueChanged", '"wait"') == 1
