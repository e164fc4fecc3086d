"""Authoring on a real broker: bots switch while messages fly, and none is lost or answered twice."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from deploy.cli.content import publish_folder
from deploy.kafka.topics import create_topics
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from libs.contracts.bodies import MessageBody
from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.envelope import derived_id
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
from services.nlu.authoring.editors import Editors, EditorStore, named
from services.nlu.settings import NluSettings
from tests.builders import conversation_id
from tests.running import running
from tests.unit.nlu.small import small_starter, write_merchant

__all__ = ["small_starter"]

SHOP = "bekk"
EMAIL = "siri@bekk.example"
PASSWORD = "not-guessed"
SOON = 60.0
CONVERSATIONS = 4


@dataclass
class Traffic:
    """Visitors who keep asking, and what the bot has said to them."""

    bus: Bus
    ring: KeyRing
    out: AIOKafkaConsumer
    asked: list[UUID] = field(default_factory=list)
    said: list[ReplyComposed | HandoffOffered] = field(default_factory=list)
    stopped: bool = False

    async def ask(self, conversation: str) -> None:
        event_id = uuid4()
        place = Place(SHOP, conversation, event_id)
        body = MessageBody(text="hei på deg")
        event = MessageReceived(
            event_id=event_id, merchant_id=SHOP, conversation_id=conversation,
            occurred_at=utc_now(), locale="nb",
            message=await self.ring.seal(place, Purpose.DIALOGUE, body),
        )  # fmt: skip
        await self.bus.publish(event)
        self.asked.append(event_id)

    async def keep_asking(self) -> None:
        ends = utc_now() + timedelta(days=1)
        conversations = [conversation_id() for _ in range(CONVERSATIONS)]
        for conversation in conversations:
            await self.ring.mint(SHOP, conversation, Purpose.DIALOGUE, ends)
        while not self.stopped:
            for conversation in conversations:
                await self.ask(conversation)
            await asyncio.sleep(0.05)

    async def listen(self) -> None:
        async for record in self.out:
            event = BOT.adapter().validate_json(record.value)
            if isinstance(event, ReplyComposed | HandoffOffered) and event.merchant_id == SHOP:
                self.said.append(event)

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not there():
                await asyncio.sleep(0.02)

    async def until_said_by(self, version: str) -> None:
        """Waits until the bot has spoken some times with this content."""
        begin = len(self.said)
        await self.until(
            lambda: sum(one.pack_version == version for one in self.said[begin:]) > CONVERSATIONS
        )

    def versions(self) -> list[str]:
        """The versions that were spoken with, in order, without repetitions."""
        found: list[str] = []
        for one in self.said:
            if one.pack_version not in found[-1:]:
                found.append(one.pack_version)
        return found


@dataclass
class House:
    """A running nlu with its page, and the traffic that it answers."""

    page: httpx.AsyncClient
    origin: str
    traffic: Traffic
    folder: Path
    env: Mapping[str, str]

    @property
    def shop(self) -> str:
        """The address of everything about the shop."""
        return f"{self.origin}/api/shops/{SHOP}"

    async def put(self, path: str, **body: object) -> dict[str, object]:
        mark = (await self.page.get(self.shop)).json()["mark"]
        method = "PUT" if path == "/facts" else "POST"
        answer = await self.page.request(method, self.shop + path, json={"mark": mark, **body})
        assert answer.is_success, answer.text
        found: dict[str, object] = answer.json()
        return found

    async def version(self) -> str:
        return str((await self.page.get(self.shop)).json()["version"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A broker of its own: services of other tests do not know the shop whose messages fly here."""
    places = Places.at(tmp_path_factory.mktemp("authoring"))
    places.create()
    stack = Stack(places)
    await stack.start()
    await create_topics(stack.broker.bootstrap)
    yield stack
    await stack.stop()


@pytest.fixture
async def house(
    house_env: Mapping[str, str], small_starter: Path, tmp_path: Path
) -> AsyncIterator[House]:
    folder = write_merchant(tmp_path / SHOP, SHOP).parent
    await publish_folder(folder, house_env)
    ports = Ports()
    settings = NluSettings(
        nlu_internal_port=ports.any(), nlu_authoring_port=ports.any(), nlu_encoder="off"
    )
    client = connect(house_env["MONGO_URL"])
    store = EditorStore(client)
    await store.prepare()
    await Editors(store).put(named(EMAIL, (SHOP,)), PASSWORD)
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    async with running(app.build(settings)), speaking(settings, ring) as traffic:
        origin = settings.authoring_origin()
        async with logged_in(origin) as page:
            yield House(page, origin, traffic, folder, house_env)
    client.close()


@asynccontextmanager
async def speaking(settings: NluSettings, ring: KeyRing) -> AsyncIterator[Traffic]:
    out = AIOKafkaConsumer(BOT.name, bootstrap_servers=settings.kafka_bootstrap)
    bus = Bus(settings, "gateway")
    await out.start()
    await bus.start()
    traffic = Traffic(bus, ring, out)
    listening = asyncio.create_task(traffic.listen())
    yield traffic
    listening.cancel()
    await bus.stop()
    await out.stop()


@asynccontextmanager
async def logged_in(origin: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"x-prat-authoring": "1", "origin": origin}
    async with httpx.AsyncClient(headers=headers, timeout=60) as browser:
        form = {"email": EMAIL, "password": PASSWORD}
        assert (await browser.post(f"{origin}/api/login", json=form)).is_success
        yield browser


async def run(*arguments: str) -> str:
    """A command beside the running service; its output."""
    command = [sys.executable, "-m", "deploy.cli", "content", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


@pytest.mark.timeout(400)  # six commands, each a process of its own, beside a working service
async def test_bots_switch_while_messages_fly_and_lose_none(house: House) -> None:
    traffic = house.traffic
    asking = asyncio.create_task(traffic.keep_asking())
    first = await house.version()
    await traffic.until_said_by(first)

    await house.put("/facts", values={"facts": {"return_days": "60"}})
    second = str((await house.put("/publish", note="Longer."))["version"])
    await traffic.until_said_by(second)

    output = await run("versions", SHOP)
    assert [line.split()[0] for line in output.splitlines()] == [second, first]
    assert EMAIL in output.splitlines()[0]
    assert "return_days" in await run("diff", SHOP, first)

    # A start that publishes files again, as the demo's does, leaves what was published by hand.
    assert await publish_folder(house.folder, house.env, over_editors=False) == []

    await run("rollback", SHOP, first, "--note", "Too long.")
    await traffic.until_said_by(first)

    path = house.folder / "merchant.yaml"
    path.write_text(path.read_text("utf-8").replace("return_days: 30", "return_days: 14"), "utf-8")
    await publish_folder(house.folder, house.env)
    await traffic.until(lambda: traffic.said[-1].pack_version not in (first, second))

    traffic.stopped = True
    await asking
    await traffic.until(lambda: len(traffic.said) >= len(traffic.asked))
    answered = [one.event_id for one in traffic.said]
    assert len(answered) == len(set(answered))
    assert set(answered) == {derived_id(one, "reply") for one in traffic.asked}
    # Each switch is one step: no bot falls back to what it knew before.
    assert traffic.versions()[:3] == [first, second, first]
    assert len(traffic.versions()) == 4

    history = [line.split()[-2:] for line in (await run("versions", SHOP)).splitlines()]
    assert len(history) == 4
    assert history[1] == ["Too", "long."]


async def test_editors_come_and_go_by_command(house: House) -> None:
    output = await run("editor", "add", SHOP, "Per@Bekk.example")
    password = output.split()[-1]
    headers = {"x-prat-authoring": "1", "origin": house.origin}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers) as browser:
        form = {"email": "per@bekk.example", "password": password}
        assert (await browser.post("/api/login", json=form)).json()["editor"]["name"] == "Per"
        await run("editor", "add", "other", "per@bekk.example")
        assert "per@bekk.example  bekk other" in await run("editor", "list")
        await run("editor", "remove", "per@bekk.example")
        assert (await browser.get("/api/me")).json()["editor"] is None
    assert "per@bekk" not in await run("editor", "list")


async def test_a_preview_answers_with_the_draft(house: House) -> None:
    await house.put("/facts", values={"facts": {"return_days": "77"}})
    made = await house.put("/preview")
    assert made["merchant"] == f"{SHOP}-preview"
    body = {"text": "retur", "locale": "nb"}
    found = (await house.page.post(f"{house.shop}/inspect", json=body)).json()
    assert found["language"] == "nb"
    await house.put("/discard")
