"""The bus's own rules, without a broker: liveness, floods of dead letters, what errors say."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import TestKafkaBroker
from pydantic import ValidationError

from libs.contracts.topics import VISITOR
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import DEAD_LETTER_LIMIT, Away, Batch, Bus
from libs.kit.decoding import decode
from libs.kit.errors import BadMessage, Refused
from libs.kit.liveness import STUCK_SECONDS
from libs.kit.settings import CommonSettings
from tests.builders import conversation_id, message_received

CANARY = "Planted-Canary-4711"


def record(value: bytes | None) -> Any:
    return SimpleNamespace(value=value, topic=VISITOR.name, partition=0, offset=7, key=b"k")


class FakeConsumer:
    """One partition whose position and end a test moves."""

    def __init__(self) -> None:
        self.position = 5
        self.end = 5
        state = SimpleNamespace(state_value=lambda _: self.state)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=state))

    @property
    def state(self) -> Any:
        return SimpleNamespace(has_valid_position=True, position=self.position)

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(VISITOR.name, 0)}

    def highwater(self, _partition: TopicPartition) -> int:
        return self.end


class Clock:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bus(clock: Clock) -> Bus:
    return Bus(CommonSettings(), "nlu", clock=clock)


@pytest.fixture
def consumer(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> FakeConsumer:
    consumer = FakeConsumer()
    subscriber = SimpleNamespace(tasks=(), consumer=consumer)
    monkeypatch.setattr(bus, "broker", SimpleNamespace(subscribers=[subscriber]))
    return consumer


def test_waiting_records_without_progress_mean_stuck(
    bus: Bus, consumer: FakeConsumer, clock: Clock
) -> None:
    consumer.end = 9
    assert bus.problem() is None
    clock.now = STUCK_SECONDS - 1
    assert bus.problem() is None
    clock.now = STUCK_SECONDS + 1
    assert bus.problem() == "consumer_stuck"


def test_progress_or_an_empty_topic_is_not_stuck(
    bus: Bus, consumer: FakeConsumer, clock: Clock
) -> None:
    bus.problem()
    clock.now = 10 * STUCK_SECONDS
    assert bus.problem() is None, "nothing waits"
    consumer.end, consumer.position = 99, 6
    bus.problem()
    clock.now += STUCK_SECONDS - 1
    consumer.position = 7
    assert bus.problem() is None, "it moves"


async def test_while_a_batch_is_handled_its_topic_is_not_stuck(bus: Bus, clock: Clock) -> None:
    consumer, seen = FakeConsumer(), list[str | None]()
    consumer.end = 9
    waiting = [SimpleNamespace(tasks=(), consumer=consumer)]

    async def handle(_batch: Batch) -> None:
        clock.now += 2 * STUCK_SECONDS
        seen.append(bus._watch.problem(waiting))

    bus.subscribe_batches("test", VISITOR, kinds={MessageReceived}, handler=handle)
    assert bus._watch.problem(waiting) is None
    async with TestKafkaBroker(bus.broker):
        await bus.publish(message_received(conversation_id()))
    assert seen == [None], "a handler that waits for the store is not a dead consumer"
    assert bus._watch.problem(waiting) is None, "its time counts from the end of the batch"
    clock.now += STUCK_SECONDS + 1
    assert bus._watch.problem(waiting) == "consumer_stuck"


async def test_a_flood_of_dead_letters_stops_the_service(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sent(*_: object) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(bus, "_send", sent)
    for number in range(DEAD_LETTER_LIMIT):
        assert not bus.failed.is_set(), number
        await bus._bury(record(b"x"), BadMessage("refused:unknown_merchant"))
        await bus._bury(record(b"x"), BadMessage("not_json"))
    assert bus.problem() == "stopped_after_failure"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty_record"),
        (b"", "not_json"),
        (CANARY.encode(), "not_json"),
        (b'{"type": "' + CANARY.encode() + b'"}', "unknown_event_type"),
        (b'{"no_type": "' + CANARY.encode() + b'"}', "contract_broken"),
        (b"[]", "contract_broken"),
    ],
)
def test_an_unreadable_record_says_why_and_quotes_nothing(value: bytes | None, reason: str) -> None:
    with pytest.raises(BadMessage) as bad:
        decode(record(value), VISITOR.adapter())
    assert bad.value.reason == reason
    assert CANARY not in str(bad.value)
    assert not isinstance(bad.value.__context__, ValidationError), "a chained error would quote"


def test_a_broken_field_is_named_not_shown() -> None:
    event = message_received(conversation_id()).model_dump(mode="json")
    broken = event | {"message": {"purpose": CANARY, "nonce": 4, "data": "x"}}
    body = json.dumps(broken).encode()
    with pytest.raises(BadMessage) as bad:
        decode(record(body), VISITOR.adapter())
    assert "MessageReceived.message.purpose" in bad.value.where
    assert CANARY not in str(bad.value)


def test_unknown_fields_of_a_later_writer_are_ignored() -> None:
    event = message_received(conversation_id())
    body = event.model_dump_json().replace('"locale"', f'"later_{uuid4().hex}":1,"locale"')
    assert decode(record(body.encode()), VISITOR.adapter()) == event


@pytest.mark.parametrize("error", [KafkaConnectionError(), TimeoutError()])
async def test_while_the_content_cannot_be_read_no_event_is_handled(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    handled: list[object] = []

    async def known(_merchant_id: str) -> None:
        raise error

    async def handler(event: object) -> None:
        handled.append(event)

    async def at_once(_error: BaseException) -> None:
        await asyncio.sleep(0)

    bus = Bus(CommonSettings(), "nlu", known=known)
    monkeypatch.setattr(bus, "_back_off", at_once)
    with pytest.raises(Away):
        await bus._handle(handler, message_received(conversation_id()))
    assert handled == []


async def test_what_is_refused_is_buried_without_another_try(bus: Bus) -> None:
    tries: list[object] = []

    async def handler(event: object) -> None:
        tries.append(event)
        raise Refused(404, "unknown_merchant", CANARY)

    with pytest.raises(BadMessage) as bad:
        await bus._handle(handler, message_received(conversation_id()))
    assert (str(bad.value), len(tries)) == ("refused:unknown_merchant", 1)
