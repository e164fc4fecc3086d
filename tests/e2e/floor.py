"""A shop's page in a browser, an agent at work, and the house between them on the real bus."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import BrowserContext, Page, expect

from deploy.local.ports import Ports
from libs.contracts.bodies import Button, IntakeBody, MessageBody
from libs.contracts.bot import HandoffOffered, Outcome
from libs.contracts.content import OpeningHours
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import connect
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from tests.builders import pack
from tests.handoff_house import House, handoff_house
from tests.visitor import Visitor

PATIENCE_SECONDS = 20
PAGE = (
    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n"
    "<!doctype html><html lang=nb><title>Shop</title><h1>Shop</h1>"
    "<script src={0}/widget/v1/loader.js data-merchant=fjellbekk></script>"
)


@dataclass
class Floor:
    """The house, the shop's page, an agent at work, and voices of services that do not run here."""

    house: House
    page: Page
    agent: httpx.AsyncClient
    ring: KeyRing
    buses: dict[str, Bus]
    origin: str

    async def open(self) -> None:
        """Opens the chat on the shop's page."""
        await self.page.goto(self.origin)
        await self.page.get_by_role("button", name="Chat med oss").click()
        await expect(self.page.get_by_role("dialog")).to_be_visible()

    async def says(self, text: str) -> None:
        """The visitor writes, and it is stored."""
        box = self.page.get_by_role("textbox", name="Skriv en melding")
        await box.fill(text)
        await box.press("Enter")
        await expect(self.page.locator(".state").last).to_have_text("Levert")

    async def asks(self) -> None:
        """The visitor fills in the form and sends it."""
        await self.page.locator(".bar .pill").click()
        await self.page.locator("#topic").select_option("track_parcel")
        await self.page.locator("#field-order_number").fill("10482217")
        await self.page.locator(".form .main").click()

    async def say(self, service: str, kind: type[Event], **fields: Any) -> None:
        """Says a fact of the visitor's conversation, as a service would."""
        head = {"event_id": uuid4(), "merchant_id": "fjellbekk", "occurred_at": utc_now()}
        conversation = await self.conversation()
        await self.buses[service].publish(
            kind(**{**head, "conversation_id": conversation, **fields})
        )

    async def conversation(self) -> str:
        """The id that the page keeps."""
        kept = await self.page.evaluate("localStorage['prat:fjellbekk']")
        return str(json.loads(kept)["conversation_id"])

    async def download(self) -> list[dict[str, Any]]:
        """The messages in the visitor's download."""
        kept = json.loads(await self.page.evaluate("localStorage['prat:fjellbekk']"))
        headers = {"origin": self.origin, "authorization": f"Bearer {kept['token']}"}
        path = f"{self.house.gateway}/v1/conversations/{kept['conversation_id']}/export"
        async with httpx.AsyncClient() as browser:
            found: list[dict[str, Any]] = (await browser.get(path, headers=headers)).json()[
                "messages"
            ]
        return found

    async def case(self) -> dict[str, Any]:
        """The visitor's case as the agent sees it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                lists = (await self.agent.get("/api/queue")).json()
                for case in (*lists["waiting"], *lists["filed"], *lists["mine"]):
                    found: dict[str, Any] = (
                        await self.agent.get(f"/api/cases/{case['case_id']}")
                    ).json()
                    if found["intake"][0]["value"] == "10482217":
                        return found["case"]  # type: ignore[no-any-return]
                await asyncio.sleep(0.05)


@asynccontextmanager
async def at_work(agent: httpx.AsyncClient, notices: list[dict[str, Any]]) -> AsyncIterator[None]:
    """The agent's console is open: what it is told is written down."""

    async def listen() -> None:
        async with agent.stream("GET", "/api/stream", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    notices.append(json.loads(line.removeprefix("data:")))

    listening = asyncio.create_task(listen())
    await agent.post("/api/presence", json={"state": "online"})
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def shop_page(port: int, gateway: str) -> AsyncIterator[None]:
    """A page that embeds the chat; a real one, as browsers trust no other with this machine."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE.format(gateway).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield


@asynccontextmanager
async def voices(*services: str) -> AsyncIterator[dict[str, Bus]]:
    """A voice on the bus for each of these services."""
    buses = {name: Bus(CommonSettings(), name) for name in services}
    for bus in buses.values():
        await bus.broker.connect()
    try:
        yield buses
    finally:
        for bus in buses.values():
            await bus.stop()


@asynccontextmanager
async def working(
    env: Mapping[str, str], context: BrowserContext, hours: OpeningHours, **merchant: Any
) -> AsyncIterator[Floor]:
    """A house whose shop has these opening hours, and what else of its content matters."""
    port = Ports().any()
    origin = f"http://127.0.0.1:{port}"
    packs = Packs(pack(origins=(origin,), hours=hours, **merchant))
    settings = CommonSettings()
    client = connect(settings.mongo_url)
    ring = KeyRing(MongoKeyStore(client), settings.keks(*Purpose))
    async with (
        voices("handoff", "nlu") as buses,
        handoff_house(env, packs=packs) as house,
        house.agent() as agent,
        shop_page(port, house.gateway),
    ):
        yield Floor(house, await context.new_page(), agent, ring, buses, origin)
    client.close()


async def known_offer(floor: Floor) -> None:
    """The bot offers a person and knows the order number already."""
    place = Place("fjellbekk", await floor.conversation(), uuid4())
    body = MessageBody(text="Et menneske?", buttons=(Button(text="Ja", action="handoff"),))
    known = IntakeBody(fields={"order_number": "20482217"})
    await floor.say(
        "nlu", HandoffOffered, event_id=place.event_id, intent="agent", language="nb",
        outcome=Outcome.HANDOFF_OFFERED, confidence=1.0, pack_version="test", topic="track_parcel",
        reason="requested", message=await floor.ring.seal(place, Purpose.DIALOGUE, body),
        known=await floor.ring.seal(
            Place(place.merchant_id, place.conversation_id, place.event_id, "known"),
            Purpose.DIALOGUE, known,
        ),
    )  # fmt: skip


async def staffed(floor: Floor) -> None:
    """Waits until the shop says that people are there."""
    url = f"{floor.house.gateway}/v1/merchants/fjellbekk"
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as shop:
        while not (await shop.get(url, headers={"origin": floor.origin})).json()["open_now"]:
            await asyncio.sleep(0.05)


def other(floor: Floor) -> Visitor:
    """Somebody else who waits."""
    return Visitor(floor.house.gateway, floor.origin, "fjellbekk")
