"""The improvement inbox as a person uses it: by keyboard alone, over questions that the test puts in."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.builders import pack
from tests.e2e.shop import accessibility_faults
from tests.inbox_room import FIGURES_ONLY, InboxRoom, inbox_room

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AUTHORING = "http://authoring.test"
K = 10
HOSTILE = "<img src=x onerror=window.hit=1>"


def ask(room: InboxRoom) -> None:
    """Three questions that enough visitors share, and one that too few do."""
    room.samples.ask("Tar dere imot gavekort?", K + 2, by="a")
    room.samples.ask("tar dere imot gavekort?", K, by="b")
    room.samples.ask("Tar dere imot gavekort fra <PERSON>?", K, by="c")
    room.samples.ask(f"Kajakk til leie? {HOSTILE}", K, by="d", days=20)
    room.samples.ask("Do you rent kayaks?", K, by="e", language="en")
    room.samples.ask("Ring Ingvild", K - 1, by="f")


async def test_a_visit(tmp_path: Path, context: BrowserContext) -> None:
    page = await context.new_page()
    async with inbox_room(tmp_path, pack(languages=("nb", "sv", "en")), AUTHORING) as room:
        ask(room)
        await opens_with_the_right_key_only(page, room)
        await shows_what_many_share(page, room)
        await stays_where_it_was_when_the_choice_changes(page)
        await puts_away_and_brings_back(page, room)
        await takes_examples_to_the_authoring_page(page, room)
        await fits_a_phone_and_speaks_five_languages(page)


async def opens_with_the_right_key_only(page: Page, room: InboxRoom) -> None:
    await page.goto(f"{room.url}?days=nonsense&more=1")
    await page.get_by_label("Butikkens id").focus()
    await page.keyboard.type("fjellbekk")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("åpner ikke denne butikken")
    await expect(page.get_by_label("Nøkkel")).to_be_focused()
    assert not await accessibility_faults(page)
    await page.keyboard.type(FIGURES_ONLY)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("men ikke innboksen")
    await page.get_by_role("button", name="Lås igjen").click()
    await expect(page.get_by_label("Butikkens id")).to_be_focused()
    await page.goto(room.link)
    await page.reload()
    await expect(page.get_by_role("article")).to_have_count(3)
    assert room.token not in page.url
    assert set(room.audit.who) == {"key:first"}


async def shows_what_many_share(page: Page, room: InboxRoom) -> None:
    most = page.get_by_role("article").first
    await expect(most).to_contain_text("20–49 samtaler")
    await expect(most.locator(".phrases li").first).to_have_text("Tar dere imot gavekort?")
    await expect(most.locator(".chip").last).to_have_text("navn")
    await expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert "Ingvild" not in await page.content()
    assert await page.evaluate("window.hit") is None
    assert room.audit.entries[-1] == ("inbox_viewed", "fjellbekk", "")


async def stays_where_it_was_when_the_choice_changes(page: Page) -> None:
    period, language = page.get_by_label("Periode"), page.get_by_label("Kundens språk")
    await expect(period).to_have_value("90")
    await period.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(period).to_have_value("7")
    await expect(period).to_be_focused()
    await expect(page.get_by_role("article")).to_have_count(2)
    await language.select_option("sv")
    await expect(page.get_by_role("heading", name="Ingenting å vise")).to_be_visible()
    await expect(page.locator(".empty")).to_contain_text("Velg en lengre periode")
    assert page.url.endswith("?days=7&language=sv")
    await language.select_option("")
    await period.select_option("90")
    await expect(page.get_by_role("article")).to_have_count(3)


async def puts_away_and_brings_back(page: Page, room: InboxRoom) -> None:
    away = page.get_by_role("button", name="Legg bort").first
    await expect(away).to_have_accessible_description(re.compile("^Tar dere imot gavekort"))
    await away.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_have_count(2)
    await expect(page.get_by_role("status")).to_contain_text("Lagt bort")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Angre")).to_be_focused()
    assert not await accessibility_faults(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_have_count(3)
    said = [what for what, _shop, _about in room.audit.entries]
    assert said[-4:] == ["inbox_dismissed", "inbox_viewed", "inbox_restored", "inbox_viewed"]


async def takes_examples_to_the_authoring_page(page: Page, room: InboxRoom) -> None:
    await page.context.route(f"{AUTHORING}/**", lambda route: route.fulfill(body="authoring"))
    await page.get_by_role("button", name="Lær boten dette").first.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Lær boten dette")
    box = dialog.get_by_label("Eksempler, ett per linje")
    await expect(box).to_be_focused()
    await expect(box).to_have_value("Tar dere imot gavekort?\nTar dere imot gavekort fra?")
    assert not await accessibility_faults(page)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Lær boten dette").first).to_be_focused()
    await page.keyboard.press("Enter")
    await box.fill("Tar dere imot gavekort?\n\n Kan jeg betale med gavekort? ")
    await page.keyboard.press("Tab")
    await page.keyboard.type("track")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    async with page.context.expect_page() as opened:
        await page.keyboard.press("Enter")
    address = urlsplit((await opened.value).url)
    route, _, given = address.fragment.partition("?")
    assert (address.netloc, route, address.query) == ("authoring.test", "/topic/track_parcel", "")
    assert parse_qs(given) == {
        "shop": ["fjellbekk"], "language": ["nb"],
        "example": ["Tar dere imot gavekort?", "Kan jeg betale med gavekort?"],
    }  # fmt: skip
    await expect(page.get_by_role("status")).to_contain_text("åpnet i en ny fane")
    await expect(page.get_by_role("article")).to_have_count(2)
    assert ("inbox_taught", "fjellbekk", "track_parcel") in room.audit.entries


async def fits_a_phone_and_speaks_five_languages(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(color_scheme="dark")
    names = {
        "sv": "Förbättringsinkorg", "da": "Forbedringsindbakke", "fi": "Parannuslaatikko",
        "en": "Improvement inbox", "nb": "Forbedringsinnboks",
    }  # fmt: skip
    for language, title in names.items():
        await page.locator("#language").select_option(language)
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert "undefined" not in await page.locator("body").inner_text()
    assert not await accessibility_faults(page)


async def test_an_empty_inbox_says_why_and_an_away_server_can_be_asked_again(
    tmp_path: Path, context: BrowserContext
) -> None:
    page = await context.new_page()
    async with inbox_room(tmp_path, pack(), "") as room:
        await page.goto(room.link)
        await expect(page.locator(".empty")).to_contain_text("minst 10 samtaler ennå")
        room.samples.ask("Tar dere imot gavekort?", K)
        await context.set_offline(True)
        await page.get_by_label("Periode").select_option("30")
        await expect(page.get_by_role("alert")).to_contain_text("Tjeneren svarer ikke")
        await context.set_offline(False)
        await page.get_by_role("button", name="Prøv igjen").click()
        await expect(page.get_by_role("article")).to_have_count(1)
        await expect(page.get_by_role("main")).to_be_focused()
        await expect(page.get_by_role("button", name="Lær boten dette")).to_have_count(0)
        await page.get_by_role("button", name="Legg bort").click()
        await expect(page.locator(".empty")).to_contain_text("Alt er lagt bort")
    async with inbox_room(tmp_path, pack(), "", is_on=False) as room:
        await page.goto(room.link)
        await expect(page.locator(".empty")).to_contain_text("andelen er satt til 0")
