"""The gear on a stage: every item in its place, by keyboard alone; text size and a new beginning."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from services.gateway.files import WIDGET, WidgetFiles
from tests.e2e.shop import accessibility_faults
from tests.e2e.stage import Stage, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ICONS = """all => all.map(one => {
    const [icon, item] = [one.querySelector("svg"), one].map(node => node.getBoundingClientRect());
    return {column: Math.round(icon.x - item.x), width: icon.width, height: item.height};
})"""
BUSY = "Not while you are waiting for a person or talking to one."
KEPT = "() => JSON.parse(localStorage['prat:fjellbekk'] ?? 'null')"


async def gear(page: Page) -> None:
    await page.get_by_role("button", name="Settings").click()
    await expect(page.get_by_role("menu")).to_be_visible()


async def choose(page: Page, role: Any, name: str) -> None:
    await gear(page)
    await page.get_by_role(role, name=name, exact=True).click()


async def test_the_gear_has_everything_in_one_column_and_by_keyboard(
    context: BrowserContext,
) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    await page.get_by_role("button", name="Settings").press("Enter")
    items = page.locator("[role^=menuitem]")
    icons = await items.evaluate_all(ICONS)
    assert len(icons) == 13
    assert {(one["column"], one["width"]) for one in icons} == {(12, 20)}
    assert min(one["height"] for one in icons) >= 44
    assert not await accessibility_faults(page)
    seen = []
    for _ in icons:
        seen.append(await page.locator(".menu :focus").inner_text())
        await page.keyboard.press("ArrowDown")
    assert seen == await items.all_inner_texts()
    await page.keyboard.press("End")
    await expect(items.last).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Settings")).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_the_text_size_is_remembered_with_the_conversation(context: BrowserContext) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    panel = page.locator(".panel")
    await choose(page, "menuitemradio", "Larger")
    await expect(panel).to_have_css("font-size", "24px")
    assert (await page.evaluate(KEPT))["size"] == "larger"
    await page.reload()
    await shown(page)
    await expect(panel).to_have_css("font-size", "24px")
    await gear(page)
    await expect(page.get_by_role("menuitemradio", name="Larger")).to_be_checked()
    await page.keyboard.press("Escape")
    spoiled = {**await page.evaluate(KEPT), "size": "constructor"}
    await page.evaluate("text => { localStorage['prat:fjellbekk'] = text; }", json.dumps(spoiled))
    await page.reload()
    await shown(page)
    await expect(panel).to_have_css("font-size", "16px")


async def test_starting_over_says_what_becomes_of_the_old_conversation(
    context: BrowserContext,
) -> None:
    stage = Stage(context, "en")
    page = await stage.open(owner="queue", position=2)
    await shown(page)
    await gear(page)
    again = page.get_by_role("menuitem", name="Start over")
    await expect(again).to_be_disabled()
    await expect(again).to_have_accessible_description(BUSY)
    await expect(page.get_by_text(BUSY)).to_be_visible()
    assert not await accessibility_faults(page)
    for right in ("Download as a page (HTML)", "Delete the conversation"):
        await expect(page.get_by_role("menuitem", name=right)).to_be_enabled()
    await page.keyboard.press("Escape")
    stage.own("bot")
    await gear(page)
    await expect(again).to_be_enabled()
    await expect(again).to_have_accessible_description("")
    await expect(page.get_by_text(BUSY)).to_be_hidden()
    await page.keyboard.press("Escape")
    stage.speak("visitor", "Where is my parcel?")
    await expect(page.locator(".turn.visitor")).to_have_count(1)
    await choose(page, "menuitem", "Start over")
    dialog = page.locator("dialog")
    until = await page.locator(".about p").nth(1).inner_text()
    date = until.partition("latest on ")[2].partition(".")[0]
    await expect(dialog).to_contain_text(f"kept until {date},")
    assert not await accessibility_faults(page)
    await page.keyboard.press("Escape")
    await expect(page.locator(".turn.visitor")).to_have_count(1)
    await choose(page, "menuitem", "Start over")
    await page.get_by_role("button", name="Start over, keep the old one").click()
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(page.get_by_role("textbox")).to_be_focused()
    assert await page.evaluate(KEPT) is None
    assert not [call for call in stage.called if call.startswith("DELETE")]


async def test_starting_over_deletes_the_old_conversation_on_wish(context: BrowserContext) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    await choose(page, "menuitem", "Start over")
    await page.get_by_role("button", name="Delete the old one").click()
    await expect(page.locator("dialog")).to_contain_text("5 of 5 services confirmed")
    assert f"DELETE /v1/conversations/{'a' * 32}" in stage.called
    await page.get_by_role("button", name="Start again").click()
    await expect(page.get_by_role("textbox")).to_be_focused()


async def test_a_new_language_is_one_file(context: BrowserContext, tmp_path: Path) -> None:
    widget = tmp_path / "widget"
    shutil.copytree(WIDGET, widget)
    words = json.loads((widget / "words/en.json").read_text("utf-8"))
    words |= {"name": "Íslenska", "chat": {**words["chat"], "input": "Skrifaðu skilaboð"}}
    (widget / "words/is.json").write_text(json.dumps(words), "utf-8")
    stage = Stage(context, "en")
    stage.files = WidgetFiles(widget).files
    stage.merchant = {"languages": ["en", "is"]}
    page = await stage.open()
    await shown(page)
    await choose(page, "menuitemradio", "Íslenska")
    await expect(page.get_by_role("textbox", name="Skrifaðu skilaboð")).to_be_visible()
    await expect(page.locator(".prat")).to_have_attribute("lang", "is")
    day = "new Intl.DateTimeFormat('is', {dateStyle: 'long'}).format(Date.now() + 90 * 86400000)"
    await expect(page.locator(".about p").nth(1)).to_contain_text(await page.evaluate(day))
