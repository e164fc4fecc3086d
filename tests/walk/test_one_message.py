"""One message through all rooms in one process: the routers of all five services on one bus in memory.

The store is real; the bus is FastStream's in-memory one, so this says nothing of durability.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker

from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import CaseQueued
from libs.contracts.content import PackPublished
from libs.contracts.envelope import Event
from libs.contracts.privacy import ErasureCompleted, ErasureRequested, TranscriptAppended
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Purpose
from libs.contracts.topics import CONTENT, SERVICES, TOPICS, Topic
from libs.contracts.visitor import HandoffRequested, MessageReceived
from libs.kit.broker import make_broker
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import connect, database
from libs.kit.outbox import OUTBOX, Outbox
from libs.kit.service import Service
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.analytics import app as analytics
from services.gateway import app as gateway
from services.handoff import app as handoff
from services.handoff.given import MENTIONED
from services.nlu import app as nlu
from services.nlu.content.packs import load_folder
from services.retention import app as retention
from services.retention.domain import Erasure
from services.retention.ledger import Ledger
from services.retention.receipts import Signer, read_keys, verify
from services.retention.settings import RECEIPT_KEY
from tests.builders import conversation_id
from tests.present import present

PATIENCE_SECONDS = 20.0
FEW = 6
SHOP = "http://127.0.0.1:1"
ROOMS = (gateway, nlu, handoff, retention, analytics)


@dataclass
class Walk:
    """What the test says on the bus, and everything that is said there."""

    bus: Bus
    ring: KeyRing
    conversation: str = field(default_factory=conversation_id)
    heard: list[Event] = field(default_factory=list)

    async def say(self, text: str) -> MessageReceived:
        """A visitor's message, sealed and published as the gateway does."""
        place = Place("fjellbekk", self.conversation, uuid4())
        sealed = await self.ring.seal(place, Purpose.DIALOGUE, MessageBody(text=text))
        event = MessageReceived(**self.head(place), locale="nb", message=sealed)
        await self.bus.publish(event)
        return event

    async def ask_for_person(self) -> HandoffRequested:
        """A filled-in form, as the gateway publishes it."""
        await self.ring.mint(
            "fjellbekk", self.conversation, Purpose.CASE, utc_now() + timedelta(days=1)
        )
        place = Place("fjellbekk", self.conversation, uuid4(), "intake")
        form = IntakeBody(fields={"order_number": "10482217", "email": "ola@kunde.example"})
        sealed = await self.ring.seal(place, Purpose.CASE, form)
        event = HandoffRequested(
            **self.head(place), locale="nb", topic="track_parcel", intake=sealed
        )
        await self.bus.publish(event)
        return event

    async def hears(self, kind: type[Event], count: int = 1, **fields: object) -> list[Any]:
        """Waits until so many events of a kind, with these fields, were said."""

        def found() -> list[Event]:
            return [event for event in self.heard if isinstance(event, kind) and told(event)]

        def told(event: Event) -> bool:
            return all(getattr(event, name) == value for name, value in fields.items())

        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found()) < count:
                await asyncio.sleep(0.02)
        return found()

    def head(self, place: Place) -> dict[str, Any]:
        return {
            "event_id": place.event_id, "merchant_id": place.merchant_id,
            "conversation_id": place.conversation_id, "occurred_at": utc_now(),
        }  # fmt: skip


@pytest.fixture
async def walk(house_env: Mapping[str, str], project: Path) -> AsyncIterator[Walk]:
    settings = CommonSettings()
    broker = make_broker(settings, "walk")
    environ = {"PRAT_SHOP_FJELLBEKK_URL": SHOP, "PRAT_SHOP_HAVSRO_URL": SHOP}
    packs = Packs(*map(slim, load_folder(project / "deploy/demo/merchants", environ, utc_now())))
    services = [room.build(broker=broker, content=packs) for room in ROOMS]
    client = connect(settings.mongo_url)
    ring = KeyRing(MongoKeyStore(client), settings.keks(*Purpose))
    walk = Walk(Bus(settings, "gateway", broker), ring)
    listen(broker, walk)
    async with TestKafkaBroker(broker), prepared(services):
        ends = utc_now() + timedelta(days=90)
        await ring.mint("fjellbekk", walk.conversation, Purpose.DIALOGUE, ends)
        yield walk
    client.close()


def slim(pack: PackPublished) -> PackPublished:
    """The pack with a few examples of each topic: what is walked here is the way, not the wit."""
    topics = tuple(
        topic.model_copy(
            update={"examples": {name: texts[:FEW] for name, texts in topic.examples.items()}}
        )
        for topic in pack.topics
    )
    return pack.model_copy(update={"topics": topics})


def listen(broker: KafkaBroker, walk: Walk) -> None:
    """Writes down everything that is said on any topic."""
    for topic in TOPICS:
        broker.subscriber(topic.name, group_id="walk", decoder=_whole)(hearing(walk, topic))


def hearing(walk: Walk, topic: Topic) -> Any:
    adapter = topic.adapter()

    async def hear(message: Any) -> None:
        walk.heard.append(adapter.validate_json(message.body))

    return hear


async def _whole(message: Any) -> Any:
    return message


@asynccontextmanager
async def prepared(services: list[Service]) -> AsyncIterator[None]:
    """Collections and outboxes as in a real start; no port is opened."""
    for service in services:
        for step in service.prepare:
            await step()
    tasks = [asyncio.create_task(run(step)) for s in services for step in s.background]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for service in services:
        for finish in service.finish:
            await finish()
        service.client.close()


async def run(step: Any) -> None:
    await step()


async def test_a_question_is_answered_stored_and_counted(walk: Walk) -> None:
    question = await walk.say("Hvordan kan jeg betale?")
    (reply,) = await walk.hears(ReplyComposed)
    assert reply.cause_id == question.event_id
    assert (reply.intent, reply.language) == ("payment_methods", "nb")
    body = await walk.ring.open(Place.of(reply), reply.message, MessageBody)
    assert "Vipps" in body.text
    stored = await walk.hears(TranscriptAppended, 2)
    assert {(event.message_id, event.seq) for event in stored} == {
        (question.event_id, 1), (reply.event_id, 2),
    }  # fmt: skip
    (counted,) = await walk.hears(QuestionCounted)
    assert counted.topic == "payment_methods"
    assert walk.conversation not in counted.model_dump_json()


async def test_a_request_for_a_person_is_queued_and_the_bot_falls_silent(walk: Walk) -> None:
    await walk.say("Snakk med et menneske")
    await walk.hears(HandoffOffered)
    async with present(CommonSettings().mongo_url, "kari@fjellbekk.example"):
        await walk.ask_for_person()
        (queued,) = await walk.hears(CaseQueued)
    assert queued.position >= 1
    place = Place("fjellbekk", walk.conversation, uuid4())
    sealed = await walk.ring.seal(place, Purpose.CASE, MessageBody(text="Hvordan kan jeg betale?"))
    await walk.bus.publish(MessageReceived(**walk.head(place), locale="nb", message=sealed))
    await walk.hears(TranscriptAppended, 4)
    assert not [event for event in walk.heard if isinstance(event, ReplyComposed)]


async def test_an_erasure_goes_through_all_rooms(walk: Walk) -> None:
    await walk.say("Hvordan kan jeg betale? Skriv til ola@kunde.example")
    await walk.hears(TranscriptAppended, 2)
    await marked(walk)
    erasure_id = uuid4()
    wanted = ErasureRequested(
        **walk.head(Place("fjellbekk", walk.conversation, uuid4())),
        erasure_id=erasure_id, requested_by="visitor",
    )  # fmt: skip
    completed, receipt = await begin_erasure(walk, wanted)
    assert set(completed.deleted) == set(SERVICES)
    assert completed.deleted["retention"]["messages"] == 2
    assert completed.deleted["nlu"] == {"dialogues": 1}
    assert completed.deleted["handoff"]["mentioned"] == 1
    proven = verify(json.dumps(receipt), read_keys(json.dumps(signer().published())))
    assert proven.deleted == completed.deleted
    assert (proven.erasure_id, proven.merchant_id) == (erasure_id, "fjellbekk")


async def marked(walk: Walk) -> None:
    """Waits until handoff has marked what the bot was told."""
    client = connect(CommonSettings().mongo_url)
    rows = database(client, "handoff")[MENTIONED.name]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await rows.find_one({"conversation_id": walk.conversation}):
            await asyncio.sleep(0.02)
    client.close()


def signer() -> Signer:
    return Signer(CommonSettings().key(RECEIPT_KEY))


async def begin_erasure(
    walk: Walk, wanted: ErasureRequested
) -> tuple[ErasureCompleted, dict[str, Any]]:
    """As retention's internal interface does it; what is told, and the receipt, when all is done."""
    client = connect(CommonSettings().mongo_url)
    outbox = Outbox(database(client, "retention"), walk.bus)
    ledger = Ledger(client, outbox, signer().sign, utc_now)
    await ledger.begin(
        "fjellbekk", walk.conversation, Erasure(wanted.erasure_id, "visitor", utc_now())
    )
    (completed,) = await walk.hears(ErasureCompleted, erasure_id=wanted.erasure_id)
    erasure = await ledger.find(wanted.erasure_id)
    client.close()
    assert erasure
    assert erasure.receipt
    return completed, dict(erasure.receipt)


def test_no_room_is_forgotten() -> None:
    assert {room.__name__.split(".")[1] for room in ROOMS} == set(SERVICES)
    assert CONTENT in TOPICS
    assert OUTBOX.expiring
