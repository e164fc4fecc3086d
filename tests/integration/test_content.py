"""Content that comes later than its events: services wait for it, and bury only what nobody published."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import ModuleType
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.kafka.tombstones import bury
from deploy.local.light import LightBroker, light_program
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from libs.contracts.case import StaffingChanged
from libs.contracts.content import PackPublished
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose
from libs.contracts.topics import (
    ANALYTICS,
    BOT,
    CASE,
    CONTENT,
    PRIVACY,
    STAFFING,
    TRANSCRIPT,
    VISITOR,
    dead_letter_topic,
)  # fmt: skip
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import ContentView
from libs.kit.settings import CommonSettings
from libs.kit.staffing import StaffingView
from services.handoff import app as handoff
from services.retention import app as retention
from tests.builders import conversation_id, message_received, pack, sealed
from tests.running import running

PATIENCE_SECONDS = 30.0

READS = {
    handoff: ("prat.handoff.cases", (VISITOR, TRANSCRIPT, PRIVACY)),
    retention: ("prat.retention.transcript", (VISITOR, BOT, CASE, PRIVACY, ANALYTICS)),
}
"""The group of each room that is tried here, and its topics."""


@pytest.fixture(params=["kafka", "light"])
async def bootstrap(
    request: pytest.FixtureRequest, stack: Stack, places: Places, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The broker's address, for every setting that is made in the test."""
    monkeypatch.setenv("MONGO_URL", stack.env["MONGO_URL"])
    monkeypatch.setenv("PRAT_SECRETS_DIR", str(places.secrets))
    if request.param == "kafka":
        monkeypatch.setenv("KAFKA_BOOTSTRAP", stack.broker.bootstrap)
        yield stack.broker.bootstrap
        return
    if light_program() is None:
        pytest.skip("the `light` extra is not installed")
    broker = LightBroker(places)
    await broker.start()
    monkeypatch.setenv("KAFKA_BOOTSTRAP", broker.bootstrap)
    monkeypatch.setenv("PRAT_KAFKA_IDEMPOTENCE", "false")
    yield broker.bootstrap
    await broker.stop()


class Late:
    """Holds back one merchant's pack on its way into every view, as a slow reader would be."""

    def __init__(self) -> None:
        self.merchant_id = f"late-{uuid4().hex[:8]}"
        self.asked = asyncio.Event()
        self.comes = asyncio.Event()

    async def waits(self, merchant_id: str) -> None:
        """Notes that somebody waits for the merchant."""
        if merchant_id == self.merchant_id:
            self.asked.set()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Iterator[Late]:
    late = Late()
    take, wait_for = ContentView.take, ContentView.wait_for

    async def slowly(view: ContentView, event: Event) -> None:
        if event.merchant_id == late.merchant_id:
            await late.comes.wait()
        await take(view, event)

    async def seen(view: ContentView, merchant_id: str) -> None:
        await late.waits(merchant_id)
        await wait_for(view, merchant_id)

    monkeypatch.setattr(ContentView, "take", slowly)
    monkeypatch.setattr(ContentView, "wait_for", seen)
    yield late
    late.comes.set()


@asynccontextmanager
async def publisher() -> AsyncIterator[Bus]:
    bus = Bus(CommonSettings(), "nlu")
    await bus.start()
    yield bus
    await bus.stop()


def spoken(merchant_id: str, conversation: str) -> MessageReceived:
    """A message that every room reads; handoff asks the content for those of open cases only."""
    return message_received(conversation, merchant_id=merchant_id, message=sealed(Purpose.CASE))


async def reasons(bootstrap: str, service: str, conversation: str) -> list[str]:
    """Why records of a conversation went to the dead letters; waits for the last one, `not_json`."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    partition = TopicPartition(dead_letter_topic(service), 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    found: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "not_json" not in found:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    mine = [one for one in records if one.key == conversation.encode()]
                    found += [dict(one.headers)["reason"].decode() for one in mine]
    finally:
        await consumer.stop()
    return found


async def say_rubbish(bootstrap: str, conversation: str) -> None:
    """A record that is buried: once it is, everything before it was handled."""
    raw = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await raw.start()
    await raw.send_and_wait(VISITOR.name, b"rubbish", key=conversation.encode())
    await raw.stop()


async def has_caught_up(bootstrap: str, room: ModuleType) -> None:
    """Returns when a room has read whatever other tests have left on its topics."""
    group, topics = READS[room]
    asks = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await asks.start()
    partitions = [TopicPartition(each.name, n) for each in topics for n in range(each.partitions)]
    asks.assign(partitions)
    try:
        begins, ends = await asks.beginning_offsets(partitions), await asks.end_offsets(partitions)
        async with asyncio.timeout(PATIENCE_SECONDS):
            for partition, end in ends.items():
                while begins[partition] < end > (await asks.committed(partition) or 0):
                    await asyncio.sleep(0.1)
    finally:
        await asks.stop()


@pytest.mark.parametrize(
    ("bootstrap", "room"),
    [("kafka", retention), ("kafka", handoff), ("light", retention)],
    indirect=["bootstrap"],
    ids=["kafka-retention", "kafka-handoff", "light-retention"],
)
async def test_events_before_their_merchants_pack_wait_for_it(
    bootstrap: str, late: Late, monkeypatch: pytest.MonkeyPatch, room: ModuleType
) -> None:
    ports, conversation = Ports(), conversation_id()
    service = room.__name__.split(".")[1]
    for door in ("INTERNAL", "PUBLIC"):
        monkeypatch.setenv(f"PRAT_{service.upper()}_{door}_PORT", str(ports.any()))
    async with publisher() as bus:
        await bus.publish(pack("fjellbekk"))
        async with running(room.build()):
            await has_caught_up(bootstrap, room)
            await bus.publish(pack(late.merchant_id))
            await bus.publish(spoken(late.merchant_id, conversation))
            await say_rubbish(bootstrap, conversation)
            await asyncio.wait_for(late.asked.wait(), PATIENCE_SECONDS)
            late.comes.set()
            assert await reasons(bootstrap, service, conversation) == ["not_json"]


async def test_a_merchant_whom_nobody_published_is_unknown_once_all_is_read(bootstrap: str) -> None:
    conversation, tries = conversation_id(), list[str]()
    view = ContentView(CommonSettings())
    reader = Bus(CommonSettings(), "nlu", known=view.wait_for)

    async def handler(event: MessageReceived) -> None:
        if event.conversation_id == conversation:
            tries.append(event.merchant_id)
            view.get(event.merchant_id)

    reader.subscribe(f"unknown-{uuid4().hex}", VISITOR, handlers={MessageReceived: handler})
    await view.start()
    await reader.start()
    await reader.publish(spoken("nobodys-shop", conversation))
    await say_rubbish(bootstrap, conversation)
    found = await reasons(bootstrap, "nlu", conversation)
    await reader.stop()
    await view.stop()
    assert found == ["refused:unknown_merchant", "not_json"]
    assert tries == ["nobodys-shop"], "what is refused once is refused each time"


async def test_a_merchant_that_has_left_is_unknown_now_and_after_a_restart(bootstrap: str) -> None:
    leaver = f"leaver-{uuid4().hex[:8]}"
    settings, view = CommonSettings(), ContentView(CommonSettings())
    staffed = StaffingView(settings)
    async with publisher() as bus:
        await bus.publish(pack(leaver))
        await bus.publish(
            StaffingChanged(
                event_id=uuid4(), merchant_id=leaver, occurred_at=utc_now(), online={"a": 1}
            )
        )
    await view.start()
    assert view.get(leaver)
    await bury(settings, [(CONTENT, leaver), (STAFFING, leaver)])
    async with asyncio.timeout(PATIENCE_SECONDS):
        while leaver in {each.merchant_id for each in view.all()}:
            await asyncio.sleep(0.05)
    await view.stop()
    later = ContentView(settings)
    await later.start()
    await staffed.start()
    assert leaver not in {each.merchant_id for each in later.all()}
    assert staffed.online(leaver) is None
    await later.stop()
    await staffed.stop()


@pytest.mark.parametrize("bootstrap", ["kafka"], indirect=True)
async def test_a_view_that_follows_no_longer_ends_its_service(
    bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = f"broken-{uuid4().hex[:8]}"

    async def breaks(new: PackPublished) -> None:
        if new.merchant_id == broken:
            raise RuntimeError

    async with publisher() as bus:
        view = ContentView(CommonSettings(), breaks)
        await view.start()
        await bus.publish(pack(broken))
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(view.followed(), PATIENCE_SECONDS)
        await view.stop()
