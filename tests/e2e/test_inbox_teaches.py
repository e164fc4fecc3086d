"""From a question that nobody answered to what teaching it would change, with nothing published yet."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.authoring_studio import pack
from tests.e2e.shop import accessibility_faults
from tests.e2e.test_authoring import EMAIL, PASSWORD, SHOP, Studio, saved, small_starter, studio
from tests.inbox_room import inbox_room

__all__ = ["small_starter", "studio"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

K = 10
ASKED = "bytte farge på sekken"
MEANT = "kan jeg bytte farge på sekken min"


async def test_what_the_inbox_teaches_is_weighed_before_it_is_published(
    studio: Studio,
    context: BrowserContext,
    tmp_path: Path,
) -> None:
    page = await context.new_page()
    async with inbox_room(tmp_path / "keys", pack(SHOP), studio.url) as room:
        room.samples.ask(ASKED, K)
        await page.goto(room.link)
        await page.get_by_role("button", name="Lær boten dette").click()
        await page.get_by_label("Returns").check()
        async with context.expect_page() as opened:
            await page.get_by_role("button", name="Åpne i utkastet").click()
        page = await opened.value
    await page.locator("#email").fill(EMAIL)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 eksempel fra innboksen")).to_be_visible()
    await expect(page.locator(".lines").first.locator("input").last).to_have_value(ASKED)
    await page.get_by_label("Legg til tester, én per linje").fill(MEANT)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+s")
    await saved(page)
    await page.get_by_role("link", name="Tren og test").first.click()
    await page.get_by_role("button", name="Tren og test nå").click()
    table = page.get_by_role("table", name="Tema for tema")
    await expect(table.get_by_role("columnheader")).to_have_text(["Tema", "Før", "Etter"])
    returns = table.get_by_role("row", name="Returns").get_by_role("cell")
    await expect(returns).to_have_text(["2/3", "3/3 ▲"])
    assert not await accessibility_faults(page)
