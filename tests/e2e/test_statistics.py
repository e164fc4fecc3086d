"""The statistics page as a person uses it: one visit, by pointer and keyboard; figures put in by the test."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from deploy.local.places import Places
from deploy.local.plots import plots_folder
from tests.e2e.shop import accessibility_faults
from tests.statistics_room import StatisticsRoom, statistics_room

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def room(tmp_path: Path) -> AsyncIterator[StatisticsRoom]:
    async with statistics_room(tmp_path, plots_folder(Places.at(tmp_path))) as room:
        yield room


async def test_without_the_plots_library_lines_are_tables(
    tmp_path: Path, context: BrowserContext
) -> None:
    page = await context.new_page()
    async with statistics_room(tmp_path, tmp_path / "nothing") as room:
        room.fill(8)
        await page.goto(f"{room.url}#merchant=fjellbekk&token={room.token}")
        card = page.get_by_role("region", name="Samtaler over tid")
        await expect(card.get_by_role("table")).to_be_visible()
        await expect(card.get_by_role("img")).to_have_count(0)
        await expect(card.get_by_role("button", name="CSV: Samtaler over tid")).to_be_visible()
        await expect(page.get_by_role("img").first).to_be_visible()


async def test_a_visit(room: StatisticsRoom, context: BrowserContext) -> None:
    page = await context.new_page()
    room.fill(20, 1.05)
    await opens_with_the_right_key_only(page, room)
    await compares_in_words(page)
    await has_a_table_and_files_of_every_plot(page)
    await keeps_the_period_in_the_address(page)
    await follows_along_until_it_is_paused(page, room)
    await says_what_cannot_be_shown(page, room)
    await fits_a_phone_and_speaks_five_languages(page)


async def opens_with_the_right_key_only(page: Page, room: StatisticsRoom) -> None:
    await page.goto(f"{room.url}?shop=fjellbekk&period=7&zone=Europe/Berlin")
    await expect(page.get_by_label("Butikkens id")).to_have_value("fjellbekk")
    await expect(page.get_by_label("Nøkkel")).to_be_focused()
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("åpner ikke")
    await page.get_by_label("Nøkkel").fill(room.token)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Emner", exact=True)).to_be_visible()
    assert room.token not in page.url
    assert page.url.endswith("?shop=fjellbekk&period=7&zone=Europe%2FOslo")


async def compares_in_words(page: Page) -> None:
    await expect(page.locator("#tile-chats")).to_contain_text("▲ opp fra")
    assert not await accessibility_faults(page)


async def has_a_table_and_files_of_every_plot(page: Page) -> None:
    for card in await page.locator("section.card").all():
        await expect(card.locator("figure[role=img]")).to_be_visible()
        assert await card.get_by_role("row").count() > 1, "the table is there, seen or not"
    card = page.get_by_role("region", name="Når samtalene kommer")
    toggle = card.get_by_role("button", name="Vis som tabell")
    await toggle.focus()
    await page.keyboard.press("Enter")
    await expect(card.get_by_role("button", name="Skjul tabellen")).to_be_focused()
    await expect(card.get_by_role("cell", name="færre enn 10").first).to_be_visible()
    assert not await accessibility_faults(page)
    for name, start in (("CSV", b"\xef\xbb\xbf"), ("PNG", b"\x89PNG")):
        for title in ("Emner over tid", "Når samtalene kommer", "Språk"):
            async with page.expect_download() as download:
                await page.get_by_role("button", name=f"{name}: {title}", exact=True).click()
            file = await (await download.value).path()
            assert file.read_bytes().startswith(start)
            assert file.stat().st_size > 50


async def keeps_the_period_in_the_address(page: Page) -> None:
    await page.get_by_label("Periode").select_option("28")
    await expect(page).to_have_url(re.compile("period=28"))
    await page.get_by_label("Periode").select_option("month")
    await expect(page).to_have_url(re.compile("period=month"))
    await page.go_back()
    await expect(page.get_by_label("Periode")).to_have_value("28")
    await page.go_forward()
    await expect(page.get_by_label("Periode")).to_have_value("month")
    await page.get_by_label("Periode").select_option("7")


async def follows_along_until_it_is_paused(page: Page, room: StatisticsRoom) -> None:
    await expect(page.get_by_text("Tallene følger med")).to_be_visible()
    before = await page.locator("#tile-chats .value").inner_text()
    room.fill(20, 1.2)
    await expect(page.locator("#tile-chats .value")).not_to_have_text(before)
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Satt på pause")).to_be_visible()


async def says_what_cannot_be_shown(page: Page, room: StatisticsRoom) -> None:
    await page.get_by_label("Periode").select_option("own")
    await page.get_by_label("Fra", exact=True).fill("2020-01-01")
    await page.get_by_role("button", name="Vis", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("kan ikke vises")
    await page.get_by_label("Fra", exact=True).fill("2026-01-05")
    await page.get_by_label("Til", exact=True).fill("2026-01-06")
    await page.get_by_role("button", name="Vis", exact=True).click()
    await expect(page.get_by_text("Ikke noe å vise i denne perioden")).to_be_visible()
    await page.context.set_offline(True)
    await page.get_by_label("Periode").select_option("7")
    await expect(page.get_by_role("alert")).to_contain_text("Ingen kontakt")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Prøv igjen").click()
    await expect(page.get_by_role("heading", name="Emner", exact=True)).to_be_visible()
    assert room.token not in page.url


async def fits_a_phone_and_speaks_five_languages(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    names = {"sv": "Ämnen", "da": "Emner", "fi": "Aiheet", "en": "Topics", "nb": "Emner"}
    for language, topics in names.items():
        await page.locator("#language").select_option(language)
        await expect(page.get_by_role("heading", name=topics, exact=True)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert "undefined" not in await page.locator("body").inner_text()
    assert not await accessibility_faults(page)
