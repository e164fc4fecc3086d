"""Handoff's store on a real store: one owner per case, true positions, nothing twice, nothing left."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.contracts.case import CaseAssigned, CaseQueued, QueueChanged
from libs.contracts.envelope import Event
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from libs.kit.clock import utc_now
from libs.kit.mongo import Client, Database, connect, database
from libs.kit.outbox import OUTBOX, Outbox
from services.handoff import domain, ending
from services.handoff.accounts import AccountStore
from services.handoff.case import Case, Change, NotAllowed, Status
from services.handoff.rows import CASES
from services.handoff.store import CaseStore
from tests.builders import NoBus, conversation_id, merchant, sealed
from tests.claim_race import claim_race, one_each

SHOP = merchant()
NAME = sealed(Purpose.CASE)
RACES, AGENTS = 60, 10
"""The race of the tests; `python -m tests.bench handoff` makes the whole one."""

TYPES: dict[str, type[Event]] = {
    "CaseQueued": CaseQueued, "QueueChanged": QueueChanged, "CaseAssigned": CaseAssigned,
}  # fmt: skip


@dataclass(frozen=True)
class Room:
    """A case store with a database that is empty at the start of each test."""

    client: Client
    db: Database
    store: CaseStore

    async def enter(self, event: HandoffRequested, skill: str = "general") -> Case:
        case = replace(domain.new_case(event, SHOP), skill=skill)
        enqueue = partial(domain.enqueue, merchant=SHOP, now=utc_now())
        await self.store.add(case, event.event_id, enqueue)
        return case

    def beside(self, client: Client) -> "Room":
        """The same room in another process."""
        outbox = Outbox(database(client, "handoff"), NoBus())
        return replace(self, store=CaseStore(client, outbox))

    async def claim(self, case: Case, agent: str) -> Case:
        def rule(current: Case, waiting: Any) -> Change:
            return domain.claim(current, waiting, agent, NAME, utc_now())

        return await self.store.change(case.case_id, rule)

    async def erase(self, event: ErasureRequested) -> list[Case]:
        now = utc_now()
        return await self.store.erase(
            event.conversation_id, event.event_id,
            partial(ending.erase, event=event, now=now),
            partial(event.acknowledged, "handoff", now=now),
        )  # fmt: skip

    async def said(self, kind: str) -> list[Any]:
        rows = self.db[OUTBOX.name].find().sort("_id", 1)
        texts = [row["event"] async for row in rows]
        marked = [text for text in texts if f'"type":"{kind}"' in text]
        return [TYPES[kind].model_validate_json(text) if kind in TYPES else text for text in marked]


@pytest.fixture
async def two_rooms(stack: Stack, room: Room) -> AsyncIterator[tuple[Room, Room]]:
    client = connect(stack.store.url)
    yield room, room.beside(client)
    client.close()


@pytest.fixture
async def room(stack: Stack) -> AsyncIterator[Room]:
    client = connect(stack.store.url)
    db = database(client, "handoff")
    await client.drop_database(db.name)
    store = CaseStore(client, Outbox(db, NoBus()))
    await store.prepare()
    yield Room(client, db, store)
    client.close()


def asked_for(conversation: str | None = None) -> HandoffRequested:
    return HandoffRequested(
        event_id=uuid4(), merchant_id=SHOP.id, occurred_at=utc_now(), locale="nb",
        conversation_id=conversation or conversation_id(), topic="track_parcel",
        intake=sealed(Purpose.CASE),
    )  # fmt: skip


def erasure_of(case: Case) -> ErasureRequested:
    return ErasureRequested(
        event_id=uuid4(), merchant_id=SHOP.id, conversation_id=case.conversation_id,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip


async def test_of_many_agents_who_claim_a_case_exactly_one_gets_it(
    two_rooms: tuple[Room, Room],
) -> None:
    race = await claim_race([room.store for room in two_rooms], RACES, AGENTS)
    assert race.outcomes == {one_each(AGENTS): RACES}
    stored = [case async for case in two_rooms[0].db[CASES.name].find()]
    assert {case["_id"]: case["agent_id"] for case in stored} == race.owners
    assert {case["version"] for case in stored} == {2}
    assigned = [str(event.case_id) for event in await two_rooms[0].said("CaseAssigned")]
    assert sorted(assigned) == sorted(race.owners)


async def test_claims_at_the_same_time_leave_true_positions(
    two_rooms: tuple[Room, Room],
) -> None:
    room, _ = two_rooms
    cases = [await room.enter(asked_for()) for _ in range(12)]
    taken = (0, 1, 4, 7)
    await asyncio.gather(
        *(two_rooms[place % 2].claim(cases[n], f"agent{n}") for place, n in enumerate(taken))
    )
    *_, newest = await room.said("QueueChanged")
    left = [case.case_id for n, case in enumerate(cases) if n not in taken]
    assert [place.case_id for place in newest.places] == left


async def test_a_request_that_comes_twice_is_one_case(room: Room) -> None:
    event = asked_for()
    await asyncio.gather(room.enter(event), room.enter(event), return_exceptions=True)
    await room.enter(event)
    assert [queued.position for queued in await room.said("CaseQueued")] == [1]


async def test_a_second_request_while_a_case_is_open_is_ignored(room: Room) -> None:
    first = await room.enter(asked_for())
    await room.enter(asked_for(first.conversation_id))
    assert [case.case_id for case in await room.store.waiting([SHOP.id])] == [first.case_id]


async def test_after_closing_the_visitor_may_ask_again(room: Room) -> None:
    first = await room.enter(asked_for())
    await room.claim(first, "kari")
    await room.store.change(
        first.case_id, lambda case, _: ending.close(case, "kari", "solved", utc_now())
    )
    second = await room.enter(asked_for(first.conversation_id))
    assert [case.case_id for case in await room.store.waiting([SHOP.id])] == [second.case_id]


async def test_a_reply_that_is_sent_twice_is_said_once(room: Room) -> None:
    case = await room.enter(asked_for())
    await room.claim(case, "kari")
    event_id = domain.reply_id(case, uuid4())

    def rule(current: Case, _waiting: Any) -> Change:
        ends = current.expires_at
        return domain.reply(current, "kari", event_id, NAME, ends=ends, now=utc_now())

    for _ in range(3):
        await room.store.change(case.case_id, rule, once=event_id)
    assert len(await room.said("AgentReplied")) == 1


async def test_a_refused_change_leaves_nothing_behind(room: Room) -> None:
    case = await room.enter(asked_for())
    event_id = uuid4()

    def rule(current: Case, _waiting: Any) -> Change:
        ends = current.expires_at
        return domain.reply(current, "elsa", event_id, NAME, ends=ends, now=utc_now())

    with pytest.raises(NotAllowed, match="not_yours"):
        await room.store.change(case.case_id, rule, once=event_id)
    assert await room.db["inbox"].find_one({"_id": str(event_id)}) is None
    assert await room.said("AgentReplied") == []


async def test_erasure_deletes_the_case_and_moves_the_queue(room: Room) -> None:
    first, second = await room.enter(asked_for()), await room.enter(asked_for())
    event = erasure_of(first)
    assert [case.case_id for case in await room.erase(event)] == [first.case_id]
    assert await room.erase(event) == []
    assert await room.db[CASES.name].count_documents({"_id": str(first.case_id)}) == 0
    (told,) = await room.said("QueueChanged")
    assert [place.case_id for place in told.places] == [second.case_id]
    acknowledged, again = await room.said("ErasureAcknowledged")
    assert '"deleted":{"cases":1,"notes":0,"given":0,"mentioned":0}' in acknowledged
    assert '"deleted":{"cases":0,"notes":0,"given":0,"mentioned":0}' in again, (
        "who asks again has not heard the answer"
    )


async def test_a_late_request_of_an_erased_conversation_opens_no_case(room: Room) -> None:
    case = await room.enter(asked_for())
    await room.erase(erasure_of(case))
    await room.enter(asked_for(case.conversation_id))
    assert await room.store.waiting([SHOP.id]) == []


async def test_an_expired_case_is_not_shown_before_it_is_swept(room: Room) -> None:
    case = await room.enter(asked_for())
    past = {"$set": {"expires_at": utc_now() - timedelta(seconds=1)}}
    await room.db[CASES.name].update_one({"_id": str(case.case_id)}, past)
    assert await room.store.get(case.case_id) is None
    assert await room.store.waiting([SHOP.id]) == []


async def test_what_the_visitor_writes_makes_the_case_unread_until_it_is_read(room: Room) -> None:
    case = await room.enter(asked_for())
    at, until = utc_now(), case.expires_at + timedelta(days=1)
    await room.store.visitor_wrote(case.conversation_id, at, until)
    unread = await room.store.get(case.case_id)
    assert unread is not None
    assert (unread.unread, unread.expires_at > case.expires_at) == (True, True)
    await room.store.mark_read(unread, at)
    # The same event may come again: what was read stays read.
    await room.store.visitor_wrote(case.conversation_id, at, until)
    read = await room.store.get(case.case_id)
    assert read is not None
    assert not read.unread


async def test_a_closed_case_is_not_marked(room: Room) -> None:
    case = await room.enter(asked_for())
    await room.claim(case, "kari")
    await room.store.change(
        case.case_id, lambda current, _: ending.close(current, "kari", "solved", utc_now())
    )
    assert await room.store.visitor_wrote(case.conversation_id, utc_now(), case.expires_at) is None
    closed = await room.store.get(case.case_id)
    assert closed is not None
    assert closed.status is Status.CLOSED


async def test_log_in_tries_are_counted_for_all_processes(room: Room) -> None:
    accounts = AccountStore(room.client)
    await accounts.prepare()
    ends = utc_now() + timedelta(minutes=1)
    counts = await asyncio.gather(*(accounts.count_try("kari", ends) for _ in range(5)))
    assert sorted(counts) == [1, 2, 3, 4, 5]
