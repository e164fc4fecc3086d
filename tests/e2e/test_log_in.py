"""The log-in form in Chromium: the second factor, the provider, and what it says when it refuses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from argon2 import PasswordHasher
from playwright.async_api import BrowserContext, Page, expect
from pyotp import TOTP
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import HOST, Ports
from deploy.local.stack import Stack
from libs.kit.audit import Audit
from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.mongo import connect
from libs.kit.oidc import Client, Provider
from libs.kit.page_guard import page_files, page_headers
from libs.kit.second_factor import Enrolment, SecondFactor
from libs.kit.single_sign_on import BegunLogIns, SingleSignOn
from services.handoff import agents as agents_module
from services.handoff.accounts import AccountStore
from services.handoff.administration import Administration
from services.handoff.agents import Agents
from services.handoff.doorway import Doorway
from services.handoff.notices import Notices
from tests.builders import pack
from tests.e2e.shop import accessibility_faults
from tests.oidc_provider import CLIENT_ID, SECRET, provider_process

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CONSOLE = Path(agents_module.__file__).parent / "console"
KARI, KEY = "kari@fjellbekk.example", b"k" * 32
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Door:
    """A console's door, and the provider behind it."""

    url: str
    issuer: str
    doorway: Doorway
    desk: Administration
    password: str

    async def told(self, **told: Any) -> None:
        async with httpx.AsyncClient() as teller:
            await teller.post(f"{self.issuer}/told", json=told)


async def nothing_waits(_request: Request) -> Response:
    now = datetime.now(UTC).isoformat()
    return JSONResponse({"now": now, "waiting": [], "filed": [], "mine": []})


@pytest_asyncio.fixture(loop_scope="session")
async def door(stack: Stack) -> AsyncIterator[Door]:
    client, port, notices = connect(stack.store.url), Ports().any(), Notices()
    await client.drop_database("prat_handoff")
    accounts, audit = AccountStore(client), Audit(client, "handoff", KEY)
    second, url = SecondFactor(accounts, KEY), f"http://{HOST}:{port}"
    agents = Agents(accounts, QUICK, second=second, audit=audit)
    doorway, begun = Doorway(agents, Packs(pack()), notices), BegunLogIns(client, "handoff")
    desk = Administration("test", agents, second, audit)
    await desk.prepare()
    await begun.prepare()
    with provider_process() as issuer:
        provider = Provider(Client(issuer, CLIENT_ID, f"{url}/api/oidc/callback", SECRET))
        doorway.further += SingleSignOn(doorway, provider, begun).routes()
        queue = Route("/api/queue", nothing_waits)
        routes = [*doorway.routes(), queue, *page_files(CONSOLE)]
        config = uvicorn.Config(
            web_app(routes, headers=page_headers()), host=HOST, port=port, log_config=None,
            lifespan="off",
        )  # fmt: skip
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        password = await desk.add(KARI, "", "fjellbekk", ["agent"], [])
        while not server.started:
            await asyncio.sleep(0.01)
        yield Door(url, issuer, doorway, desk, password)
        await notices.close()
        server.should_exit = True
        await task
        await provider.close()
    client.close()


async def filled_in(page: Page, door: Door, code: str = "") -> None:
    await page.locator("#email").fill(KARI)
    await page.locator("#password").fill(door.password)
    if code:
        await page.locator("#code").fill(code)
    await page.keyboard.press("Enter")


async def enrolled(door: Door) -> Enrolment:
    return await door.desk.enrol(KARI)


async def test_the_code_is_asked_for_when_it_is_needed(door: Door, context: BrowserContext) -> None:
    enrolment = await enrolled(door)
    page = await context.new_page()
    await page.goto(door.url)
    await expect(page.locator("#code")).to_be_hidden()
    await filled_in(page, door)
    await expect(page.get_by_role("alert")).to_contain_text("Passordet er riktig")
    await expect(page.locator("#code")).to_be_focused()
    assert await accessibility_faults(page) == []
    await filled_in(page, door, "000000")
    await expect(page.get_by_role("alert")).to_contain_text("Koden er feil")
    await filled_in(page, door, TOTP(enrolment.secret).at(datetime.now(UTC)))
    await expect(page.locator("form.log-in")).to_have_count(0)


async def test_who_tries_too_often_is_told_how_long_to_wait(
    door: Door, context: BrowserContext
) -> None:
    await enrolled(door)
    page = await context.new_page()
    await page.goto(door.url)
    await filled_in(page, door)
    for _ in range(6):
        async with page.expect_response("**/api/login"):
            await filled_in(page, door, "000000")
    await expect(page.get_by_role("alert")).to_contain_text("For mange forsøk. Vent et minutt")


async def test_an_agent_comes_by_the_provider_and_back(door: Door, context: BrowserContext) -> None:
    door.doorway.provider_name = "Fjell ID"
    page = await context.new_page()
    await page.goto(door.url)
    link = page.get_by_role("link", name="Logg inn med Fjell ID")
    assert await accessibility_faults(page) == []
    await door.told(claims={"sub": "2", "email": "per@fjellbekk.example"})
    await link.click()
    await expect(page.get_by_role("alert")).to_contain_text("Du har ingen konto her")
    assert "sign_in" not in page.url
    await door.told()
    await link.click()
    await expect(page.locator("form.log-in")).to_have_count(0)
    assert (await page.evaluate("fetch('api/me').then((a) => a.json())"))["agent"]["id"] == KARI


async def test_where_the_provider_alone_lets_in_there_is_no_password_field(
    door: Door, context: BrowserContext
) -> None:
    door.doorway.provider_name, door.doorway.only_by_provider = "Fjell ID", True
    page = await context.new_page()
    await page.goto(f"{door.url}/?sign_in=%3Cimg%20src=x%3E")
    await expect(page.get_by_role("alert")).to_contain_text("kunne ikke bekreftes")
    await expect(page.get_by_role("link", name="Logg inn med Fjell ID")).to_be_visible()
    await expect(page.locator("#password")).to_have_count(0)
