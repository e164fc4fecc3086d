"""The bus on a real broker: nothing lost, nothing blocked, nothing personal said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from faststream import AckPolicy

from libs.contracts.privacy import ErasureRequested
from libs.contracts.topics import PRIVACY, VISITOR, dead_letter_topic
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus, HandlerTable
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError, Unavailable
from libs.kit.settings import CommonSettings
from libs.privacy.sealing import KeyGone
from tests.builders import conversation_id, message_received

CANARY = "Kari-Planted-Canary-4711@example.org"


class Seen:
    """What a handler got of one conversation."""

    def __init__(self, conversation: str, expected: int) -> None:
        self.conversation = conversation
        self.events: list[MessageReceived] = []
        self.full = asyncio.Event()
        self._expected = expected

    async def __call__(self, event: MessageReceived) -> None:
        if event.conversation_id != self.conversation:
            return
        self.events.append(event)
        if len(self.events) >= self._expected:
            self.full.set()


@asynccontextmanager
async def running(handler: Callable[[Any], Awaitable[None]], group: str) -> AsyncIterator[Bus]:
    bus = Bus(CommonSettings(), "nlu")
    bus.subscribe(group, VISITOR, handlers={MessageReceived: handler})
    await bus.start()
    yield bus
    await bus.stop()


@asynccontextmanager
async def producer(env: Mapping[str, str]) -> AsyncIterator[AIOKafkaProducer]:
    raw = AIOKafkaProducer(bootstrap_servers=env["KAFKA_BOOTSTRAP"])
    await raw.start()
    yield raw
    await raw.stop()


async def dead_letters(env: Mapping[str, str], key: bytes) -> list[Any]:
    consumer = AIOKafkaConsumer(bootstrap_servers=env["KAFKA_BOOTSTRAP"])
    await consumer.start()
    partition = TopicPartition(dead_letter_topic("nlu"), 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    found: list[Any] = []
    while await consumer.position(partition) < end:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += [record for record in records if record.key == key]
    await consumer.stop()
    return found


async def test_events_of_a_conversation_arrive_in_order(house_env: Mapping[str, str]) -> None:
    seen = Seen(conversation_id(), 20)
    events = [message_received(seen.conversation) for _ in range(20)]
    async with running(seen, f"order-{uuid4().hex}") as bus:
        for event in events:
            await bus.publish(event)
        await asyncio.wait_for(seen.full.wait(), 30)
    assert seen.events == events


async def test_an_erasure_does_not_wait_until_a_backlog_of_messages_is_handled(
    house_env: Mapping[str, str],
) -> None:
    talks = [conversation_id() for _ in range(20)]
    erasure = ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=talks[0], occurred_at=utc_now(),
        erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
    order, done = list[str](), asyncio.Event()

    async def message(event: MessageReceived) -> None:
        if event.conversation_id in talks:
            order.append("message")

    async def erased(event: ErasureRequested) -> None:
        if event == erasure:
            done.set()

    bus = Bus(CommonSettings(), "nlu")
    await bus.broker.connect()
    for _ in range(40):
        await asyncio.gather(*(bus.publish(message_received(talk)) for talk in talks))
    await bus.publish(erasure)
    handlers: HandlerTable = {MessageReceived: message, ErasureRequested: erased}
    bus.subscribe(f"fair-{uuid4().hex}", VISITOR, PRIVACY, handlers=handlers)
    await bus.start()
    await asyncio.wait_for(done.wait(), 60)
    waited = len(order)
    await bus.stop()
    assert waited < 40 * len(talks) / 5, "a small part of every partition at most"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\xff not json " + CANARY.encode(), "not_json"),
        (b'{"type":"MessageDreamt","text":"' + CANARY.encode() + b'"}', "unknown_event_type"),
        (b'{"type":"MessageReceived","locale":"' + CANARY.encode() + b'"}', "contract_broken"),
        (None, "empty_record"),
    ],
)
async def test_unreadable_records_are_buried_and_the_next_one_flows(
    house_env: Mapping[str, str],
    capfd: pytest.CaptureFixture[str],
    value: bytes | None,
    reason: str,
) -> None:
    seen = Seen(conversation_id(), 1)
    key = seen.conversation.encode()
    async with running(seen, f"bad-{uuid4().hex}") as bus, producer(house_env) as raw:
        await raw.send_and_wait(VISITOR.name, value, key=key)
        await bus.publish(message_received(seen.conversation))
        await asyncio.wait_for(seen.full.wait(), 30)
    letters = await dead_letters(house_env, key)
    assert [dict(letter.headers)["reason"].decode() for letter in letters] == [reason]
    assert CANARY not in "".join(capfd.readouterr())


async def test_an_event_of_a_later_version_is_buried_by_its_version(
    house_env: Mapping[str, str],
) -> None:
    seen = Seen(conversation_id(), 1)
    key = seen.conversation.encode()
    future = message_received(seen.conversation).model_dump_json()
    future = future.replace('"schema_version":1', '"schema_version":2')
    async with running(seen, f"future-{uuid4().hex}") as bus, producer(house_env) as raw:
        await raw.send_and_wait(VISITOR.name, future.encode(), key=key)
        await bus.publish(message_received(seen.conversation))
        await asyncio.wait_for(seen.full.wait(), 30)
    (letter,) = await dead_letters(house_env, key)
    assert dict(letter.headers)["reason"] == b"unknown_version"


async def test_an_undecodable_header_does_not_lose_the_record(
    house_env: Mapping[str, str],
) -> None:
    seen = Seen(conversation_id(), 1)
    event = message_received(seen.conversation)
    body = event.model_dump_json().encode()
    headers = [("traceparent", b"\xff\xfe"), ("type", b"MessageReceived")]
    async with running(seen, f"header-{uuid4().hex}"), producer(house_env) as raw:
        await raw.send_and_wait(VISITOR.name, body, key=event.key.encode(), headers=headers)
        await asyncio.wait_for(seen.full.wait(), 30)
    assert seen.events == [event]


async def test_a_failing_handler_is_retried_then_buried_without_a_word_of_the_record(
    house_env: Mapping[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    seen = Seen(conversation_id(), 1)
    poison = message_received(seen.conversation, locale="xx")
    tries = 0

    async def handler(event: MessageReceived) -> None:
        nonlocal tries
        if event.event_id == poison.event_id:
            tries += 1
            raise RuntimeError(CANARY)
        await seen(event)

    async with running(handler, f"poison-{uuid4().hex}") as bus:
        await bus.publish(poison)
        await bus.publish(message_received(seen.conversation))
        await asyncio.wait_for(seen.full.wait(), 30)
    assert tries == 4
    letters = await dead_letters(house_env, seen.conversation.encode())
    assert [dict(letter.headers)["reason"] for letter in letters] == [
        b"handler_failed:RuntimeError"
    ]
    assert CANARY not in "".join(capfd.readouterr())


async def test_while_something_is_away_the_record_stays(house_env: Mapping[str, str]) -> None:
    seen = Seen(conversation_id(), 2)
    away = 3

    async def handler(event: MessageReceived) -> None:
        nonlocal away
        if event.conversation_id == seen.conversation and away:
            away -= 1
            raise Unavailable("store")
        await seen(event)

    events = [message_received(seen.conversation) for _ in range(2)]
    async with running(handler, f"away-{uuid4().hex}") as bus:
        for event in events:
            await bus.publish(event)
        await asyncio.wait_for(seen.full.wait(), 30)
    assert seen.events == events
    assert await dead_letters(house_env, seen.conversation.encode()) == []


async def test_events_of_erased_conversations_are_dropped(house_env: Mapping[str, str]) -> None:
    seen = Seen(conversation_id(), 1)
    erased = conversation_id()

    async def handler(event: MessageReceived) -> None:
        if event.conversation_id == erased:
            raise KeyGone
        await seen(event)

    async with running(handler, f"gone-{uuid4().hex}") as bus:
        await bus.publish(message_received(erased))
        await bus.publish(message_received(seen.conversation))
        await asyncio.wait_for(seen.full.wait(), 30)
    assert await dead_letters(house_env, erased.encode()) == []


async def test_unhandled_records_come_again_after_a_restart(house_env: Mapping[str, str]) -> None:
    seen = Seen(conversation_id(), 1)
    reached = asyncio.Event()
    group = f"restart-{uuid4().hex}"

    async def never(event: MessageReceived) -> None:
        if event.conversation_id == seen.conversation:
            reached.set()
            raise Unavailable("store")

    async with running(never, group) as bus:
        await bus.publish(message_received(seen.conversation))
        await asyncio.wait_for(reached.wait(), 30)
    async with running(seen, group):
        await asyncio.wait_for(seen.full.wait(), 30)


async def test_a_subscriber_that_commits_first_refuses_to_start(
    house_env: Mapping[str, str],
) -> None:
    bus = Bus(CommonSettings(), "nlu")
    bus.broker.subscriber(VISITOR.name, group_id="g", ack_policy=AckPolicy.ACK_FIRST)(_ignore)
    with pytest.raises(ConfigurationError, match="commits before handling"):
        await bus.start()


async def _ignore(_message: bytes) -> None:
    """A handler that does nothing."""


async def test_a_dead_consume_loop_is_noticed(house_env: Mapping[str, str]) -> None:
    async with running(_nothing, f"dead-{uuid4().hex}") as bus:
        assert bus.problem() is None
        for task in bus.broker.subscribers[0].tasks:  # type: ignore[attr-defined]
            task.cancel()
            await asyncio.wait([task])
        assert bus.problem() == "consume_loop_dead"


async def _nothing(_event: MessageReceived) -> None:
    """Reads and forgets."""
