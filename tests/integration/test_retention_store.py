"""The transcript on a real store: dense numbers, once each, gone from every read when its time is over."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.bot import Outcome, ReplyComposed
from libs.kit.clock import utc_now
from libs.kit.errors import Unavailable
from libs.kit.mongo import Client
from libs.kit.outbox import OUTBOX, Outbox
from services.retention.domain import Entry, Erasure, entry_of
from services.retention.store import RetentionStore
from tests.builders import NoBus, conversation_id, merchant, message_received, sealed

SHOP = merchant()
PAGE = 500


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
async def store(client: Client, clock: Clock) -> RetentionStore:
    store = RetentionStore(client, clock)
    await store.prepare()
    return store


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


async def test_numbers_are_dense_and_repeats_keep_theirs(
    store: RetentionStore, clock: Clock
) -> None:
    conversation = conversation_id()
    entries = [question(conversation, clock) for _ in range(12)]
    first = await asyncio.gather(*(store.append(entry) for entry in entries))
    again = [await store.append(entry) for entry in entries]
    assert sorted(number or 0 for number in first) == list(range(1, 13))
    assert again == list(first)


async def test_an_answer_that_comes_first_leaves_room_for_its_question(
    store: RetentionStore, clock: Clock
) -> None:
    asked = question(conversation_id(), clock)
    assert await store.append(answer(asked)) == 2
    assert await store.append(asked) == 1
    page = await store.page(asked.event.conversation_id, 0, PAGE)
    assert [entry.author for entry in page.messages] == ["visitor", "bot"]


async def test_a_number_that_is_taken_is_tried_again_and_never_lost(
    store: RetentionStore, clock: Clock
) -> None:
    conversation = conversation_id()
    for _ in range(3):
        await store.append(question(conversation, clock))
    await store.db["conversations"].update_one({"_id": conversation}, {"$set": {"seq": 2}})
    late = question(conversation, clock)
    with pytest.raises(Unavailable):
        await store.append(late)
    assert await store.append(late) == 4


async def test_an_entry_is_there_to_its_last_second_and_then_in_no_read(
    store: RetentionStore, clock: Clock
) -> None:
    entry = question(conversation_id(), clock)
    conversation = entry.event.conversation_id
    await store.append(entry)
    clock.now += timedelta(days=90) - timedelta(seconds=1)
    assert len((await store.page(conversation, 0, PAGE)).messages) == 1
    clock.now += timedelta(seconds=1)
    page = await store.page(conversation, 0, PAGE)
    assert (page.head, page.messages) == (0, ())


async def test_what_comes_after_its_time_is_not_stored(store: RetentionStore, clock: Clock) -> None:
    entry = question(conversation_id(), clock)
    clock.now += timedelta(days=91)
    assert await store.append(entry) is None


async def test_an_erased_conversation_takes_nothing_more(
    store: RetentionStore, clock: Clock
) -> None:
    entry = question(conversation_id(), clock)
    conversation = entry.event.conversation_id
    await store.append(entry)
    outbox = Outbox(store.db, NoBus())
    wanted = [Erasure(uuid4(), "visitor", clock.now) for _ in range(2)]
    begun = [await store.begin_erasure("fjellbekk", conversation, one, outbox) for one in wanted]
    assert [one.erasure_id for one in begun] == [wanted[0].erasure_id] * 2, "asked twice is once"
    assert await store.delete_messages(conversation) == 1
    assert await store.append(question(conversation, clock)) is None
    assert (await store.page(conversation, 0, PAGE)).head == 0
    said = await store.db[OUTBOX.name].count_documents({"event": {"$regex": conversation}})
    assert said == 1
