"""Who is there, on a real store: remembered choices, signs of life, and staffing said once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from deploy.local.stack import Stack
from libs.contracts.case import StaffingChanged
from libs.kit.clock import utc_now
from libs.kit.mongo import Database, connect, database, ensure
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from services.handoff import staff
from services.handoff.agents import demo_agent
from services.handoff.notices import Notices
from services.handoff.presence import watchers
from services.handoff.roster import Roster
from tests.builders import NoBus

KARI, PER = demo_agent("kari@fjellbekk.example"), demo_agent("per@fjellbekk.example")
MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """A time that a test moves on."""

    at: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Place:
    """A roster with an empty database and a clock of its own."""

    roster: Roster
    db: Database
    clock: Clock

    async def said(self) -> list[dict[str, int]]:
        rows = self.db[OUTBOX.name].find().sort("_id", 1)
        return [StaffingChanged.model_validate_json(row["event"]).online async for row in rows]


@pytest.fixture
async def place(stack: Stack) -> AsyncIterator[Place]:
    client, clock = connect(stack.store.url), Clock()
    db = database(client, "handoff")
    await client.drop_database(db.name)
    await ensure(db, (OUTBOX, COUNTERS))
    roster = Roster(client, Outbox(db, NoBus()), now=clock)
    await roster.prepare()
    yield Place(roster, db, clock)
    client.close()


async def test_a_newcomer_is_online_with_the_usual_capacity(place: Place) -> None:
    assert await place.roster.beat(KARI)
    (kari,) = await place.roster.there()
    assert (kari.name, kari.state, kari.capacity) == ("Kari", "online", 4)
    assert kari.seat().serves("fjellbekk", "returns")
    assert not kari.seat().serves("havsro", "returns")


async def test_who_is_silent_goes_and_comes_back_with_what_was_chosen(place: Place) -> None:
    await place.roster.choose(KARI, "away", capacity=7, languages=("nb", "sv"))
    assert not await place.roster.beat(KARI)
    place.clock.at += MINUTE
    assert await place.roster.there() == []
    assert [one.agent_id for one in await place.roster.everybody()] == [KARI.agent_id]
    assert await place.roster.beat(KARI)
    (kari,) = await place.roster.there()
    assert (kari.state, kari.capacity, kari.languages) == ("away", 7, frozenset({"nb", "sv"}))
    await place.roster.choose(KARI, "online")
    (kari,) = await place.roster.there()
    assert (kari.state, kari.capacity, kari.languages) == ("online", 7, frozenset({"nb", "sv"}))


async def test_everybody_whose_console_is_open_is_kept_with_one_word(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "BEAT_SECONDS", 0)
    desk = staff.Staff(place.roster, Notices(), place.clock)
    for agent in (KARI, PER):
        await place.roster.beat(agent)
    beating = asyncio.create_task(desk.keep_beating())
    with desk.at_work(KARI), desk.at_work(KARI):
        with desk.at_work(PER):
            pass
        place.clock.at += MINUTE
        async with asyncio.timeout(20):
            while [one.agent_id for one in await place.roster.there()] != [KARI.agent_id]:
                await asyncio.sleep(0)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_a_look_is_new_once_and_seen_by_others_for_some_seconds(place: Place) -> None:
    assert await place.roster.look(KARI, "case")
    assert not await place.roster.look(KARI, "case")
    place.clock.at += timedelta(seconds=10)
    assert not await place.roster.look(KARI, "case")
    people = await place.roster.there()
    seen_at = place.clock.at + timedelta(seconds=15)
    assert watchers(people, PER.agent_id, seen_at) == {"case": ["Kari"]}
    assert watchers(people, KARI.agent_id, seen_at) == {}
    assert await place.roster.look(KARI, "other")
    place.clock.at += timedelta(seconds=30)
    assert await place.roster.look(KARI, "other")


async def test_staffing_is_said_when_it_changes(place: Place) -> None:
    counts = [{"general": 0}, {"general": 1}, {"general": 1}, {"general": 0}]
    told = [await place.roster.tell_staffing("fjellbekk", online) for online in counts]
    assert told == [True, True, False, True]
    assert await place.roster.tell_staffing("havsro", {"general": 0})
    assert await place.said() == [{"general": n} for n in (0, 1, 0, 0)]
