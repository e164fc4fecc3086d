"""The privacy notice as a visitor comes to it: from the chat, in the chat's language, on any screen."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.demo.runner import DemoHouse
from tests.e2e.shop import CASES, Case, Shop, accessibility_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OpenShop = Callable[[Case], Awaitable[Shop]]

LINKS = {"nb": "Personvernerklæring", "sv": "Integritetsmeddelande", "en": "Privacy notice"}
HEADINGS = {
    "nb": "Personvern i chatten hos", "sv": "Integritet i chatten hos", "en": "Privacy in the chat at",
}  # fmt: skip
DAYS = {"fjellbekk": "90", "havsro": "60"}

PHONE = {"width": 320, "height": 700}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_chat_links_its_own_notice_in_its_own_language(
    open_shop: OpenShop, case: Case
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    async with shop.page.context.expect_page() as opened:
        await shop.page.get_by_role("link", name=LINKS[case.language]).click()
    notice = await opened.value
    await expect(notice.get_by_role("heading", level=1)).to_contain_text(HEADINGS[case.language])
    await expect(notice.locator("main")).to_contain_text(f"{DAYS[case.merchant]} ")
    assert await notice.evaluate("document.documentElement.lang") == case.language
    assert await notice.evaluate("document.cookie + Object.keys(localStorage)") == ""
    assert not await accessibility_faults(notice)


async def test_it_is_read_on_a_phone_in_the_dark_and_in_another_language(
    demo_house: DemoHouse, browser: Browser
) -> None:
    context = await browser.new_context(viewport=PHONE, color_scheme="dark")  # type: ignore[arg-type]
    page: Page = await context.new_page()
    await page.goto(f"{demo_house.layout.url('gateway')}/notice/havsro")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Integritet")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(16, 20, 24)", "the style sheet is let in by its hash"
    await page.get_by_role("link", name="Suomi").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Tietosuoja")
    assert not await accessibility_faults(page)
    await context.close()
