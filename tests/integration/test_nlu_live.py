"""nlu on a real broker and store, with a shop over real HTTP: published content answers messages."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.cli.content import publish_folder
from deploy.local.ports import Ports
from libs.contracts.bodies import MessageBody
from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.envelope import ErasureAcknowledged, derived_id
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.contracts.topics import BOT
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import connect
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.nlu import app
from services.nlu.content.packs import load_folder
from services.nlu.settings import NluSettings
from tests.builders import conversation_id
from tests.present import said_present
from tests.running import running
from tests.unit.nlu.kitchen import FEEDS, MERCHANTS, Request, plainly, shop_server

pytestmark = pytest.mark.connected

SOON = 30.0
ORDER = {
    "found": True, "order_number": "10482217", "status": "ready_for_pickup", "carrier": "Nordbud",
    "pickup_point": "Kiosken på Torget",
}  # fmt: skip


@dataclass
class Live:
    """A running nlu, what goes in and what comes out."""

    bus: Bus
    ring: KeyRing
    out: "AIOKafkaConsumer"
    requests: list[Request]

    async def tell(self, conversation: str, text: str) -> MessageReceived:
        """Publishes a visitor's message."""
        event_id = uuid4()
        place = Place("fjellbekk", conversation, event_id)
        event = MessageReceived(
            event_id=event_id, merchant_id="fjellbekk", conversation_id=conversation,
            occurred_at=utc_now(), locale="nb",
            message=await self.ring.seal(place, Purpose.DIALOGUE, MessageBody(text=text)),
        )  # fmt: skip
        await self.bus.publish(event)
        return event

    async def next(self, conversation: str) -> ReplyComposed | HandoffOffered | ErasureAcknowledged:
        """The next thing that the bot says in a conversation; others on the bus are passed over."""
        async with asyncio.timeout(SOON):
            while True:
                event = BOT.adapter().validate_json((await self.out.getone()).value)
                assert isinstance(event, ReplyComposed | HandoffOffered | ErasureAcknowledged)
                if event.conversation_id == conversation:
                    return event

    async def ask(self, conversation: str, text: str) -> MessageBody:
        """Says something and reads the answer."""
        asked = await self.tell(conversation, text)
        answer = await self.next(conversation)
        assert answer.event_id == derived_id(asked.event_id, "reply")
        assert not isinstance(answer, ErasureAcknowledged)
        return await self.ring.open(Place.of(answer), answer.message, MessageBody)


async def shop(request: Request, writer: asyncio.StreamWriter) -> None:
    """A shop with one order and the demo's products."""
    feed = (FEEDS / "fjellbekk" / "products.xml").read_bytes()
    body = feed if request.line.startswith("GET /feed.xml") else json.dumps(ORDER).encode()
    await plainly(body)(request, writer)


@pytest.fixture
async def live(house_env: Mapping[str, str]) -> AsyncIterator[Live]:
    async with shop_server(shop) as (url, requests), nlu(house_env, url, requests) as live:
        yield live


@asynccontextmanager
async def nlu(env: Mapping[str, str], url: str, requests: list[Request]) -> AsyncIterator[Live]:
    """nlu with its content read from the bus."""
    environ = {**env, "PRAT_SHOP_FJELLBEKK_URL": url}
    await publish_folder(MERCHANTS, environ)
    await said_present(*(one.merchant for one in load_folder(MERCHANTS, environ, utc_now())))
    settings = NluSettings(
        nlu_internal_port=Ports().any(), nlu_webhook_plain_hosts="127.0.0.1, localhost"
    )
    client = connect(env["MONGO_URL"])
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    out = AIOKafkaConsumer(BOT.name, bootstrap_servers=env["KAFKA_BOOTSTRAP"])
    bus = Bus(settings, "gateway")
    await out.start()
    await bus.start()
    async with running(app.build(settings)):
        yield Live(bus, ring, out, requests)
    await bus.stop()
    await out.stop()
    client.close()


async def new_conversation(live: Live) -> str:
    """A conversation with a key."""
    conversation = conversation_id()
    end = utc_now() + timedelta(days=90)
    await live.ring.mint("fjellbekk", conversation, Purpose.DIALOGUE, end)
    return conversation


async def test_from_the_published_content_to_the_shops_order_system(live: Live) -> None:
    conversation = await new_conversation(live)
    assert "dataprogram" in (await live.ask(conversation, "Hei!")).text
    assert "ordrenummeret" in (await live.ask(conversation, "Hvor er pakken min?")).text
    aside = await live.ask(conversation, "Hva koster retur?")
    assert "Tilbake til «Hvor er pakken min?»" in aside.text
    found = await live.ask(conversation, "1048 2217")
    assert "Kiosken på Torget" in found.text
    assert found.cards[0].title == "Ordre 10482217"
    sent = next(one for one in live.requests if one.line.startswith("POST /prat/webhook"))
    assert json.loads(sent.body)["data"]["order_number"] == "10482217"

    tents = await live.ask(conversation, "Har dere telt?")
    assert [card.title for card in tents.cards][:2] == ["Telt Vidde 2", "Telt Vidde 4"]
    again = await live.ask(conversation, "Hvor er pakken min?")
    assert "Kiosken på Torget" in again.text, "what was said once is not asked for again"
    assert "person" in (await live.ask(conversation, "I want to talk to a person")).text

    erasure = ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=conversation,
        occurred_at=utc_now(), erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
    await live.bus.publish(erasure)
    done = await live.next(erasure.conversation_id)
    assert isinstance(done, ErasureAcknowledged)
    assert done.deleted == {"dialogues": 1}
