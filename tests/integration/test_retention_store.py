"""The transcript on a real store: dense numbers, once each, gone from every read when its time is over."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.privacy import ErasureRequested
from libs.contracts.topics import SERVICES
from libs.kit.clock import utc_now
from libs.kit.errors import Unavailable
from libs.kit.mongo import Client
from libs.kit.outbox import OUTBOX, Outbox
from services.retention.domain import Entry, Erasure, entry_of, requested
from services.retention.ledger import Ledger
from services.retention.receipts import Signer, read_keys, verify
from services.retention.store import RetentionStore
from tests.builders import NoBus, conversation_id, merchant, message_received, sealed
from tests.running import given_up

SHOP = merchant()
PAGE = 500
SIGNER = Signer(bytes(range(32)))


class Clock:
    """The store's clock, which a test may turn."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(
    client: Client, house_env: Mapping[str, str], clock: Clock
) -> AsyncIterator[RetentionStore]:
    store = RetentionStore(client, clock)
    await store.prepare()
    async with given_up(house_env["MONGO_URL"]):
        yield store


def question(conversation: str, clock: Clock) -> Entry:
    entry = entry_of(message_received(conversation, occurred_at=clock.now), SHOP)
    assert entry
    return entry


def answer(asked: Entry) -> Entry:
    facts: dict[str, Any] = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "cause_id": asked.event.event_id,
        "conversation_id": asked.event.conversation_id, "occurred_at": asked.event.occurred_at,
        "intent": "greeting", "language": "nb", "outcome": Outcome.ANSWERED, "confidence": 1,
        "pack_version": "1", "message": sealed(),
    }  # fmt: skip
    entry = entry_of(ReplyComposed(**facts), SHOP)
    assert entry
    return entry


async def append(store: RetentionStore, entry: Entry) -> int | None:
    """The number of an entry that comes alone."""
    return (await store.append([entry])).get(entry.event.event_id)


async def test_numbers_are_dense_and_repeats_keep_theirs(
    store: RetentionStore, clock: Clock
) -> None:
    conversation = conversation_id()
    entries = [question(conversation, clock) for _ in range(12)]
    first = await asyncio.gather(*(append(store, entry) for entry in entries))
    again = [await append(store, entry) for entry in entries]
    assert sorted(number or 0 for number in first) == list(range(1, 13))
    assert again == list(first)


async def test_an_answer_that_comes_first_leaves_room_for_its_question(
    store: RetentionStore, clock: Clock
) -> None:
    asked = question(conversation_id(), clock)
    assert await append(store, answer(asked)) == 2
    assert await append(store, asked) == 1
    page = await store.page(asked.event.conversation_id, 0, PAGE)
    assert [entry.author for entry in page.messages] == ["visitor", "bot"]


async def test_a_batch_is_numbered_as_if_its_entries_came_one_by_one(
    store: RetentionStore, clock: Clock
) -> None:
    erased, ended = question(conversation_id(), clock), question(conversation_id(), clock)
    await store.db["conversations"].insert_one({
        "_id": erased.event.conversation_id, "merchant_id": "fjellbekk", "erased_at": clock.now,
        "expires_at": clock.now + timedelta(days=400),
    })  # fmt: skip
    ended = replace(ended, expires_at=clock.now)
    one, two = question(conversation_id(), clock), question(conversation_id(), clock)
    known = question(one.event.conversation_id, clock)
    assert await append(store, known) == 1
    late = question(one.event.conversation_id, clock)
    batch = [answer(late), one, known, erased, two, ended, late, answer(one), late]
    numbers = await store.append(batch)
    found = [numbers.get(entry.event.event_id) for entry in batch]
    assert found == [3, 4, 1, None, 1, None, 2, 5, 2]
    assert await store.append(batch) == numbers
    page = await store.page(one.event.conversation_id, 0, PAGE)
    assert [entry.seq for entry in page.messages] == [1, 2, 3, 4, 5]
    assert page.head == 5


async def test_a_number_that_is_taken_is_tried_again_and_never_lost(
    store: RetentionStore, clock: Clock
) -> None:
    conversation = conversation_id()
    for _ in range(3):
        await append(store, question(conversation, clock))
    await store.db["conversations"].update_one({"_id": conversation}, {"$set": {"seq": 2}})
    late = question(conversation, clock)
    with pytest.raises(Unavailable):
        await append(store, late)
    assert await append(store, late) == 4


async def test_an_entry_is_there_to_its_last_second_and_then_in_no_read(
    store: RetentionStore, clock: Clock
) -> None:
    entry = question(conversation_id(), clock)
    conversation = entry.event.conversation_id
    await append(store, entry)
    clock.now += timedelta(days=90) - timedelta(seconds=1)
    assert len((await store.page(conversation, 0, PAGE)).messages) == 1
    clock.now += timedelta(seconds=1)
    page = await store.page(conversation, 0, PAGE)
    assert (page.head, page.messages) == (0, ())


async def test_what_comes_after_its_time_is_not_stored(store: RetentionStore, clock: Clock) -> None:
    entry = question(conversation_id(), clock)
    clock.now += timedelta(days=91)
    assert await append(store, entry) is None


async def test_an_erased_conversation_takes_nothing_more(
    store: RetentionStore, client: Client, clock: Clock
) -> None:
    entry = question(conversation_id(), clock)
    conversation = entry.event.conversation_id
    await append(store, entry)
    outbox = Outbox(store.db, NoBus())
    ledger = Ledger(client, outbox, SIGNER.sign, clock)
    await ledger.prepare()
    wanted = [Erasure(uuid4(), "visitor", clock.now) for _ in range(2)]
    begun = [await ledger.begin("fjellbekk", conversation, one) for one in wanted]
    assert [one.erasure_id for one in begun] == [wanted[0].erasure_id] * 2, "asked twice is once"
    await store.erase(requested(begun[0], "fjellbekk", conversation), 2, outbox)
    assert await append(store, question(conversation, clock)) is None
    assert (await store.page(conversation, 0, PAGE)).head == 0
    said = await spoken(store, conversation)
    told = ["ErasureRecorded", "ErasureRequested", "ErasureAcknowledged"]
    assert [event["type"] for event in said] == told
    assert said[2]["deleted"] == {"messages": 1, "attachments": 0, "conversation_keys": 2}


async def test_an_objection_is_told_once_per_change_and_kept_with_the_conversation(
    store: RetentionStore, clock: Clock
) -> None:
    outbox, conversation = Outbox(store.db, NoBus()), conversation_id()
    await append(store, question(conversation, clock))
    until = clock.now + timedelta(days=90)
    for objects in (True, True, False, False, True):
        assert await store.set_objection("fjellbekk", conversation, until, outbox, objects=objects)
    said = [event["type"] for event in await spoken(store, conversation)]
    assert said == ["ObjectionRaised", "ObjectionWithdrawn", "ObjectionRaised"]
    assert await store.objected_at(conversation)
    assert (await store.page(conversation, 0, PAGE)).objects
    assert await append(store, question(conversation, clock)) == 2, "numbers go on"
    clock.now += timedelta(days=91)
    assert await store.objected_at(conversation) is None


async def test_of_an_erased_conversation_no_objection_is_kept(
    store: RetentionStore, client: Client, clock: Clock
) -> None:
    outbox, conversation = Outbox(store.db, NoBus()), conversation_id()
    ledger = Ledger(client, outbox, SIGNER.sign, clock)
    await ledger.begin("fjellbekk", conversation, Erasure(uuid4(), "visitor", clock.now))
    until = clock.now + timedelta(days=90)
    assert not await store.set_objection("fjellbekk", conversation, until, outbox, objects=True)
    assert await store.objected_at(conversation) is None


async def spoken(store: RetentionStore, conversation: str) -> list[dict[str, Any]]:
    mine = {"event": {"$regex": conversation}}
    rows = store.db[OUTBOX.name].find(mine).sort("_id", 1)
    return [json.loads(row["event"]) async for row in rows]


@dataclass(frozen=True)
class Running:
    """An erasure that has begun, and what its services may say."""

    ledger: Ledger
    store: RetentionStore
    event: ErasureRequested

    async def acknowledge(self, *services: str, count: int = 1) -> None:
        for service in services:
            said = self.event.acknowledged(service, {"things": count}, utc_now())
            await self.ledger.acknowledge(said)

    async def receipt(self) -> Any:
        erasure = await self.ledger.find(self.event.erasure_id)
        assert erasure
        return erasure.receipt

    async def completions(self) -> int:
        said = await spoken(self.store, self.event.conversation_id)
        return sum(event["type"] == "ErasureCompleted" for event in said)


@pytest.fixture
async def erasing(store: RetentionStore, client: Client, clock: Clock) -> Running:
    ledger = Ledger(client, Outbox(store.db, NoBus()), SIGNER.sign, clock)
    await ledger.prepare()
    conversation, erasure = conversation_id(), Erasure(uuid4(), "agent", clock.now)
    await ledger.begin("fjellbekk", conversation, erasure)
    return Running(ledger, store, requested(erasure, "fjellbekk", conversation))


@pytest.mark.parametrize("last", SERVICES)
async def test_only_the_last_acknowledgement_signs_and_whoever_repeats_it_changes_nothing(
    erasing: Running, clock: Clock, last: str
) -> None:
    await erasing.acknowledge(*(service for service in SERVICES if service != last))
    assert (await erasing.receipt(), await erasing.completions()) == (None, 0)
    await erasing.acknowledge(last)
    receipt = await erasing.receipt()
    clock.now += timedelta(seconds=5)
    await erasing.acknowledge(last, count=7)
    assert await erasing.receipt() == receipt
    assert await erasing.completions() == 1
    keys = read_keys(json.dumps(SIGNER.published()))
    proven = verify(json.dumps(receipt), keys)
    assert proven.deleted == {service: {"things": 1} for service in SERVICES}
    assert erasing.event.conversation_id not in json.dumps(receipt)


async def test_acknowledgements_that_come_at_once_are_all_noted(erasing: Running) -> None:
    await asyncio.gather(*(erasing.acknowledge(service) for service in SERVICES))
    assert await erasing.receipt()
    assert await erasing.completions() == 1


async def test_who_is_asked_again_finds_less_and_the_first_count_stays(erasing: Running) -> None:
    await erasing.acknowledge("nlu", count=3)
    await erasing.acknowledge("nlu", count=0)
    found = await erasing.ledger.find(erasing.event.erasure_id)
    assert found
    assert found.deleted == {"nlu": {"things": 3}}


async def test_an_acknowledgement_of_nothing_that_we_know_is_passed_over(erasing: Running) -> None:
    stray = erasing.event.model_copy(update={"erasure_id": uuid4()})
    await erasing.ledger.acknowledge(stray.acknowledged("nlu", {"things": 1}, utc_now()))
    assert await erasing.ledger.find(stray.erasure_id) is None


async def due(ledger: Ledger, asked_before: datetime) -> list[UUID]:
    return [event.event_id for event in await ledger.due(asked_before, 100)]


async def test_who_did_not_answer_is_asked_again_by_one_process_after_a_while(
    erasing: Running, client: Client, store: RetentionStore, clock: Clock
) -> None:
    other = Ledger(client, Outbox(store.db, NoBus()), SIGNER.sign, clock)
    wait = timedelta(seconds=10)
    assert erasing.event.event_id not in await due(erasing.ledger, clock.now - wait)
    for _ in range(2):
        clock.now += timedelta(seconds=11)
        both = (due(ledger, clock.now - wait) for ledger in (erasing.ledger, other))
        taken = [event_id for events in await asyncio.gather(*both) for event_id in events]
        assert taken.count(erasing.event.event_id) == 1
        assert erasing.event.event_id not in await due(erasing.ledger, clock.now - wait)
    await erasing.acknowledge(*SERVICES)
    clock.now += timedelta(seconds=11)
    assert erasing.event.event_id not in await due(erasing.ledger, clock.now - wait)


async def test_an_erasure_is_overdue_until_it_is_finished(erasing: Running, clock: Clock) -> None:
    async def overdue() -> list[UUID]:
        late = await erasing.ledger.overdue(clock.now - timedelta(seconds=60))
        return [erasure.erasure_id for erasure in late]

    clock.now += timedelta(seconds=60)
    assert erasing.event.erasure_id not in await overdue()
    clock.now += timedelta(seconds=1)
    assert erasing.event.erasure_id in await overdue()
    await erasing.acknowledge(*SERVICES)
    assert erasing.event.erasure_id not in await overdue()


async def test_what_an_older_version_left_unfinished_is_asked_for_again(
    erasing: Running, clock: Clock
) -> None:
    row = {"_id": str(erasing.event.erasure_id)}
    erasures = erasing.store.db["erasures"]
    await erasures.update_one(row, {"$unset": {"asked_at": "", "receipt": ""}})
    await erasing.ledger.prepare()
    assert erasing.event.event_id in await due(erasing.ledger, clock.now)
    await erasing.acknowledge(*SERVICES)
    assert await erasing.receipt()
