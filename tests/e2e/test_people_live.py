"""From the bot's offer to the rating in Chromium, with gateway, retention and handoff on the bus."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.case import AgentTyping, QueueChanged, QueuePlace, WaitRange
from libs.contracts.content import Opening, OpeningHours
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.privacy.sealing import Place
from tests.builders import ALL_DAY
from tests.e2e.floor import PATIENCE_SECONDS, Floor, at_work, known_offer, other, staffed, working

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def floor(house_env: Mapping[str, str], context: BrowserContext) -> AsyncIterator[Floor]:
    async with working(house_env, context, ALL_DAY) as floor:
        yield floor


async def test_from_the_offer_to_the_rating(floor: Floor) -> None:
    page, notices = floor.page, list[dict[str, Any]]()
    async with at_work(floor.agent, notices), other(floor) as first:
        await staffed(floor)
        await first.ask_for_person("track_parcel", order_number="20482225")
        await first.until(lambda me: me.owner.get("position") == 1)

        await floor.open()
        await floor.says("Hvor er pakken min?")
        await known_offer(floor)
        await page.get_by_role("button", name="Ja").click()
        number = page.locator("#field-order_number")
        await expect(number).to_have_value("20482217")
        await expect(page.locator("#field-order_number-filled")).to_contain_text("Fylt ut")
        await number.fill("10482217")
        await expect(page.locator("#field-order_number-filled")).to_be_hidden()
        await page.get_by_role("button", name="Still deg i køen").click()

        card = page.get_by_role("region", name="Du er nummer")
        await expect(card).to_contain_text("Du er nummer 2 i køen")
        case = await floor.case()
        one = {"case_id": UUID(case["case_id"]), "version": 1}
        wait = WaitRange(low_seconds=100, high_seconds=290)
        places = (QueuePlace(case_id=uuid4(), version=1), QueuePlace(**one, wait=wait))
        await floor.say("handoff", QueueChanged, skill=case["skill"], places=places)
        await expect(card).to_contain_text("omtrent 2–5 minutter")
        await first._send({"type": "leave_queue", "client_id": str(uuid4())})
        await expect(card).to_contain_text("Du er nummer 1 i køen")

        path = f"/api/cases/{case['case_id']}"
        assert (await floor.agent.post(f"{path}/claim", json={})).is_success
        await expect(page.locator(".note")).to_contain_text("Kari fra kundeservice er her")
        await expect(card).to_have_count(0)
        await floor.say("handoff", AgentTyping, **one | {"version": 2})
        status = page.get_by_role("status")
        await expect(status).to_have_text("Kari skriver …")
        reply = {"client_id": str(uuid4()), "text": "Den kommer i dag."}
        assert (await floor.agent.post(f"{path}/reply", json=reply)).is_success
        await expect(page.locator(".turn.agent")).to_contain_text("Den kommer i dag.")
        await expect(status).to_be_empty()
        await page.get_by_role("textbox").press_sequentially("Takk")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "typing" not in [notice["type"] for notice in notices]:
                await asyncio.sleep(0.05)

        assert (await floor.agent.post(f"{path}/close", json={"reason": "solved"})).is_success
        await page.get_by_role("radio", name="4: Bra").check()
        await page.locator(".people").get_by_role("button", name="Send").click()
        await expect(status).to_contain_text("Takk!")
        await page.reload()
        await page.get_by_role("button", name="Chat med oss").click()
        await expect(page.locator(".turn.agent")).to_be_visible()
        await expect(page.locator(".people")).to_have_count(0)
        rated = (await floor.agent.get(path)).json()["case"]["rating"]
        assert rated == 4


async def test_leaving_the_queue_and_coming_back(floor: Floor) -> None:
    page = floor.page
    async with at_work(floor.agent, []):
        await staffed(floor)
        await floor.open()
        await floor.asks()
        await expect(page.locator(".people h3")).to_have_text("Du er nummer 1 i køen")
        await page.reload()
        await page.get_by_role("button", name="Chat med oss").click()
        await page.get_by_role("button", name="Gå ut av køen").click()
        await page.get_by_role("button", name="Gå ut", exact=True).click()
        await expect(page.locator(".note")).to_contain_text("ikke lenger i køen")
        assert (await floor.agent.get("/api/queue")).json()["waiting"] == []
        await floor.asks()
        await expect(page.locator(".people h3")).to_have_text("Du er nummer 1 i køen")


async def test_what_the_bot_says_too_late_is_not_shown_and_the_download_says_so(
    floor: Floor,
) -> None:
    page = floor.page
    async with at_work(floor.agent, []):
        await staffed(floor)
        await floor.open()
        await floor.asks()
        await expect(page.locator(".people h3")).to_be_visible()
        place = Place("fjellbekk", await floor.conversation(), uuid4())
        body = MessageBody(text="For sent")
        await floor.say(
            "nlu", ReplyComposed, event_id=place.event_id, intent="x", language="nb",
            outcome=Outcome.ANSWERED, confidence=1.0, pack_version="test",
            message=await floor.ring.seal(place, Purpose.DIALOGUE, body),
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(said := await floor.download()) < 2:
                await asyncio.sleep(0.05)
        assert [(one["author"], one["shown"]) for one in said] == [
            ("visitor", True),
            ("bot", False),
        ]
        await page.reload()
        await page.get_by_role("button", name="Chat med oss").click()
        await expect(page.locator(".people h3")).to_be_visible()
        assert "For sent" not in await page.locator(".panel").inner_text()


async def test_a_closed_shop_takes_a_message_and_says_when_it_opens(
    house_env: Mapping[str, str], context: BrowserContext
) -> None:
    day = (utc_now().weekday() + 3) % 7
    hours = OpeningHours(openings=(Opening(weekdays=(day,), opens=time(9), closes=time(16)),))
    async with working(house_env, context, hours) as floor:
        page = floor.page
        await floor.open()
        await page.locator(".bar .pill").click()
        await expect(page.locator(".shut")).to_contain_text("Kundeservice åpner")
        await page.get_by_role("button", name="Tilbake til chatten").click()
        await floor.asks()
        await expect(page.locator(".people h3")).to_have_text("Vi har fått meldingen din.")
        await expect(page.locator(".people .when")).to_contain_text("Kundeservice åpner")
        await page.reload()
        await page.get_by_role("button", name="Chat med oss").click()
        await expect(page.locator(".people .when")).to_contain_text("Kundeservice åpner")
        await expect(page.get_by_role("switch")).to_be_hidden()
        address = f"/api/cases/{(await floor.case())['case_id']}"
        async with at_work(floor.agent, []):
            assert (await floor.agent.post(f"{address}/claim", json={})).is_success
            await expect(page.locator(".note")).to_contain_text("Kari fra kundeservice er her")
            assert (await floor.agent.post(f"{address}/typing", json={})).is_success
            await expect(page.locator(".status")).to_contain_text("Kari skriver")
            assert (await floor.agent.post(f"{address}/return", json={})).is_success
            await expect(page.locator(".people h3")).to_be_visible()
            await page.get_by_role("button", name="Trekk meldingen tilbake").click()
            await page.get_by_role("button", name="Trekk tilbake", exact=True).click()
            await expect(page.locator(".note").last).to_contain_text("avsluttet")
