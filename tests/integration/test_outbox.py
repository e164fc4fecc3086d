"""The outbox on a real store: what is committed is said, in order; what is not is never said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

import pytest

import libs.kit.outbox as kit_outbox
from libs.contracts.envelope import Event
from libs.kit.errors import Unavailable
from libs.kit.mongo import Client, Session, database, ensure, in_transaction
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from tests.builders import conversation_id, message_received


class Said:
    """A bus that remembers, and can be away for a number of tries."""

    def __init__(self, away: int = 0) -> None:
        self.ids: list[UUID] = []
        self.news = asyncio.Condition()
        self.held: set[UUID] = set()
        self.let_go = asyncio.Event()
        self._away = away

    async def publish(self, event: Event) -> None:
        if event.event_id in self.held:
            await self.let_go.wait()
        if self._away:
            self._away -= 1
            raise Unavailable("broker")
        async with self.news:
            self.ids.append(event.event_id)
            self.news.notify_all()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20), self.news:
            await self.news.wait_for(lambda: len(self.ids) >= count)


@pytest.fixture
async def service(client: Client) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex[:8]}"
    await ensure(database(client, name), (OUTBOX, COUNTERS))
    yield name
    await client.drop_database(f"prat_{name}")


@asynccontextmanager
async def relaying(*outboxes: Outbox) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(outbox.relay()) for outbox in outboxes]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def add(client: Client, outbox: Outbox, *events: Event) -> None:
    async def work(session: Session) -> None:
        await outbox.add(session, *events)

    await in_transaction(client, work)
    outbox.wake()


async def test_committed_events_are_said_in_order(client: Client, service: str) -> None:
    said = Said()
    outbox = Outbox(database(client, service), said)
    events = [message_received(conversation_id()) for _ in range(12)]
    async with relaying(outbox):
        for first, second in zip(events[::2], events[1::2], strict=True):
            await add(client, outbox, first, second)
        await said.until(len(events))
    assert said.ids == [event.event_id for event in events]


async def test_a_slow_key_keeps_its_order_and_no_other_key_waiting(
    client: Client, service: str
) -> None:
    said, mine = Said(), conversation_id()
    outbox = Outbox(database(client, service), said)
    slow, after = message_received(mine), message_received(mine)
    others = [message_received(conversation_id()) for _ in range(3)]
    said.held.add(slow.event_id)
    async with relaying(outbox):
        await add(client, outbox, slow, after, *others)
        await said.until(len(others))
        assert said.ids == [event.event_id for event in others]
        said.let_go.set()
        await said.until(5)
    assert said.ids[3:] == [slow.event_id, after.event_id]


async def test_what_was_said_beside_a_fault_is_not_said_again(client: Client, service: str) -> None:
    said = Said(away=1)
    outbox = Outbox(database(client, service), said)
    events = [message_received(conversation_id()) for _ in range(4)]
    async with relaying(outbox):
        await add(client, outbox, *events)
        await said.until(len(events))
    assert sorted(said.ids) == sorted(event.event_id for event in events)


async def test_an_aborted_transaction_says_nothing(client: Client, service: str) -> None:
    said = Said()
    outbox = Outbox(database(client, service), said)
    kept = message_received(conversation_id())

    async def fails(session: Session) -> None:
        await outbox.add(session, message_received(conversation_id()))
        raise ZeroDivisionError

    async with relaying(outbox):
        with pytest.raises(ZeroDivisionError):
            await in_transaction(client, fails)
        await add(client, outbox, kept)
        await said.until(1)
    assert said.ids == [kept.event_id]


async def test_what_could_not_be_said_is_said_later(client: Client, service: str) -> None:
    said = Said(away=2)
    outbox = Outbox(database(client, service), said)
    event = message_received(conversation_id())
    async with relaying(outbox):
        await add(client, outbox, event)
        await said.until(1)
    assert said.ids == [event.event_id]


async def test_only_the_holder_of_the_lease_speaks(client: Client, service: str) -> None:
    first, second = Said(), Said()
    db = database(client, service)
    holder, other = Outbox(db, first, owner="1"), Outbox(db, second, owner="2")
    events = [message_received(conversation_id()) for _ in range(6)]
    async with relaying(holder):
        await add(client, holder, events[0])
        await first.until(1)
        async with relaying(other):
            for event in events[1:]:
                await add(client, holder, event)
            await first.until(len(events))
    assert second.ids == []
    async with relaying(other):
        await add(client, other, message_received(conversation_id()))
        await second.until(1)


@pytest.mark.parametrize(("renewed", "moves"), [(1000.0, False), (0.0, True)])
async def test_a_fresh_lease_is_not_written_again_with_every_word(
    client: Client, service: str, monkeypatch: pytest.MonkeyPatch, renewed: float, moves: bool
) -> None:
    monkeypatch.setattr(kit_outbox, "RENEWED_SECONDS", renewed)
    said, db, ends = Said(), database(client, service), list[datetime]()
    outbox = Outbox(db, said)
    async with relaying(outbox):
        for number in (1, 2):
            await add(client, outbox, message_received(conversation_id()))
            await said.until(number)
            lease = await db[COUNTERS.name].find_one({"_id": "lease"})
            assert lease
            ends.append(lease["until"])
    assert (ends[0] < ends[1]) is moves


async def test_a_crash_before_marking_repeats_the_event_with_its_id(
    client: Client, service: str
) -> None:
    said = Said()
    db = database(client, service)
    outbox = Outbox(db, said, owner="1")
    event = message_received(conversation_id())
    async with relaying(outbox):
        await add(client, outbox, event)
        await said.until(1)
    await db[OUTBOX.name].update_many({}, {"$set": {"sent": False}})
    async with relaying(Outbox(db, said, owner="1")):
        await said.until(2)
    assert said.ids == [event.event_id] * 2
