"""The playground in a browser: options change tag and chat, in five languages, light, dark and on a phone."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from libs.kit.content import Packs
from libs.kit.http import web_app
from libs.kit.staffing import StaffingTable
from services.gateway.door import Door
from services.gateway.routes import Cors, GatewayRoutes
from services.gateway.settings import GatewaySettings
from services.gateway.workshop import WorkshopRoutes
from tests.builders import NOW, pack
from tests.e2e.shop import accessibility_faults
from tests.fixtures.served import served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOTHING = cast("Any", None)
COPIED = "() => navigator.clipboard.readText()"
TITLES = {
    "nb": "Sett chatten på siden din", "sv": "Sätt chatten på din sida", "da": "Sæt chatten på din side",
    "fi": "Lisää chat sivullesi", "en": "Put the chat on your page",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def gateway() -> AsyncIterator[str]:
    content = Packs(pack(languages=tuple(TITLES)))
    staffing = StaffingTable()
    door = Door(
        GatewaySettings(), NOTHING, NOTHING, NOTHING, content, staffing, NOTHING, lambda: NOW
    )
    app = web_app([*GatewayRoutes(door, lambda: NOW).routes(), *WorkshopRoutes().routes()])
    app.add_middleware(Cors, door=door)
    async with served(app) as port:
        yield f"http://127.0.0.1:{port}"


async def opened(browser: Browser, gateway: str, **look: Any) -> Page:
    look = {"locale": "en-GB", "reduced_motion": "reduce", **look}
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"], **look)
    page = await context.new_page()
    await page.goto(f"{gateway}/playground?merchant=fjellbekk")
    return page


async def test_options_change_the_tag_and_the_chat_from_which_nothing_is_sent(
    browser: Browser, gateway: str
) -> None:
    page = await opened(browser, gateway, viewport={"width": 1280, "height": 900})
    tag, chat = page.locator("pre"), page.frame_locator("iframe")
    await expect(tag).to_have_text(
        f'<script src="{gateway}/widget/v1/loader.js" data-merchant="fjellbekk" async></script>'
    )
    await page.get_by_label("Words beside the symbol").fill('Ask "us"')
    await page.get_by_label("Corner").select_option("left")
    await page.get_by_label("Language of the chat").select_option("sv")
    await page.get_by_label("Layer (z-index)").fill("top")
    await expect(page.get_by_text("Not valid: left out.")).to_be_visible()
    await expect(tag).to_contain_text(
        'data-locale="sv" data-position="left" data-launcher="Ask &quot;us&quot;"'
    )
    await expect(tag).not_to_contain_text("z-index")
    await chat.get_by_role("button", name='Ask "us"').click()
    await chat.get_by_role("textbox", name="Skriv ett meddelande").fill("Hej")
    await chat.get_by_role("button", name="Skicka").click()
    await expect(chat.locator(".turn.visitor")).to_contain_text("Inte skickat")
    await page.get_by_label("Fixed version with a checksum").check()
    await expect(tag).to_contain_text('integrity="sha384-')
    await page.get_by_role("button", name="Copy the tag").click()
    await expect(page.get_by_role("status")).to_have_text("Copied")
    assert await page.evaluate(COPIED) == await tag.inner_text()
    await page.get_by_role("textbox", name="The shop's id").fill("nobody")
    await expect(page.get_by_text("We know no shop with this id.")).to_be_visible()
    assert "merchant=nobody" in page.url
    await page.context.close()


async def test_it_reads_well_in_every_language_and_look(browser: Browser, gateway: str) -> None:
    phone = {"viewport": {"width": 320, "height": 700}}
    for look in ({}, {"color_scheme": "dark"}, phone):
        page = await opened(browser, gateway, **look)
        for code, title in TITLES.items():
            await page.locator("#language").select_option(code)
            await expect(page).to_have_title(title)
            await expect(page.frame_locator("iframe").locator(".launcher")).to_be_visible()
            assert "undefined" not in await page.locator("#root").inner_text()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await accessibility_faults(page) == []
        await page.context.close()
