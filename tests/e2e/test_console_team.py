"""Colleagues at their desks in Chromium: looking, claiming, passing on, notes, search, ready answers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.desk import OLA, asks, desk_of, staffed_house
from tests.e2e.shop import accessibility_faults
from tests.handoff_house import KARI, House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@dataclass(frozen=True)
class Office:
    """Two agents of one shop, each with a browser."""

    house: House
    kari: Page
    ola: Page


@pytest_asyncio.fixture(loop_scope="session")
async def office(house_env: Mapping[str, str], browser: Browser) -> AsyncIterator[Office]:
    async with (
        staffed_house(house_env) as (house, passwords),
        desk_of(browser, house, KARI, passwords[KARI]) as kari,
        desk_of(browser, house, OLA, passwords[OLA]) as ola,
    ):
        yield Office(house, kari, ola)


async def claimed(page: Page) -> None:
    """The next case is taken, and its answer box is ready."""
    await expect(page.locator("#queue li")).not_to_have_count(0)
    await page.keyboard.press("c")
    await expect(page.locator("#reply")).to_be_focused()


async def test_a_case_goes_from_one_agent_to_the_other_with_everything(office: Office) -> None:
    kari, ola = office.kari, office.ola
    async with office.house.visitor() as visitor:
        await asks(visitor, "Where is my parcel?")
        await ola.locator("#queue .open").click()
        await expect(ola.get_by_role("heading", name="Track a parcel")).to_be_focused()
        await kari.locator("#queue .open").click()
        await expect(kari.locator(".case .looking")).to_contain_text("Ola")
        await claimed(kari)
        await expect(ola.get_by_role("heading", name="You cannot open this case")).to_be_visible()
        assert "Where is my parcel?" not in await ola.locator("body").inner_text()
        await kari.keyboard.type("I ask the carrier.")
        await kari.keyboard.press("Enter")
        await visitor.until(lambda me: me.by("agent"))
        await kari.keyboard.press("Escape")
        await kari.keyboard.press("n")
        await kari.keyboard.type("Carrier called: it comes on Friday.")
        await kari.keyboard.press("Control+Enter")
        await expect(kari.locator(".notes li")).to_have_count(1)
        await kari.keyboard.press("Escape")
        await kari.keyboard.press("t")
        dialog = kari.get_by_role("dialog")
        await expect(dialog.get_by_label("Ola")).to_be_enabled()
        assert not await accessibility_faults(kari)
        await dialog.get_by_label("Ola").check()
        await dialog.get_by_label("Note for colleagues").fill("Yours, as agreed.")
        await dialog.get_by_role("button", name="Pass on").click()
        await expect(kari.get_by_text("The case is passed on.")).to_be_visible()
        await expect(kari.locator("#mine li")).to_have_count(0)
        await expect(ola.get_by_text("You were given a case")).to_have_count(1)
        await ola.locator("#mine .open").click()
        notes = ola.locator(".notes li")
        await expect(notes).to_have_count(2)
        await expect(notes.first).to_contain_text("Kari")
        await expect(ola.get_by_role("log")).to_contain_text("I ask the carrier.")
        await ola.locator("#reply").fill("Ola here: it comes on Friday.")
        await ola.locator("#reply").press("Enter")
        await visitor.until(lambda me: len(me.by("agent")) == 2)
        assert not any(
            "agreed" in str(frame) or "Carrier" in str(frame) for frame in visitor.frames
        )


async def test_of_two_who_claim_one_gets_the_case_and_the_other_is_told(office: Office) -> None:
    async with office.house.visitor() as visitor:
        await asks(visitor)
        for page in (office.kari, office.ola):
            await page.locator("#queue .open").click()
            await expect(
                page.locator(".actions").get_by_role("button", name="Claim")
            ).to_be_visible()
        await office.ola.route("**/api/queue", lambda route: route.abort())
        await office.ola.route("**/api/cases/*?after=*", lambda route: route.abort())
        await office.kari.locator(".actions").get_by_role("button", name="Claim").click()
        await expect(office.kari.locator("#reply")).to_be_focused()
        await office.ola.locator(".actions").get_by_role("button", name="Claim").click()
        await expect(office.ola.get_by_text("Somebody else took this case.")).to_be_visible()
        await expect(office.kari.locator("#mine li")).to_have_count(1)


async def test_ready_answers_suggestions_and_search(office: Office) -> None:
    page = office.kari
    async with office.house.visitor() as visitor:
        await asks(visitor, description="The tent pegs are missing")
        await claimed(page)
        box = page.get_by_role("textbox", name="Your answer")
        await page.keyboard.type("/")
        options = page.get_by_role("option")
        await expect(options).to_have_count(2)
        assert not await accessibility_faults(page)
        await page.keyboard.type("30")
        await expect(options).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("You have 30 days.")
        await page.get_by_role("button", name="Put into the answer").click()
        await expect(box).to_have_value("You have 30 days. It is on its way.")
        assert not visitor.by("agent")
        await box.press("Enter")
        await visitor.until(lambda me: me.by("agent"))
        await page.keyboard.press("Escape")
        await page.keyboard.press("f")
        await page.keyboard.type("tent pegs")
        await expect(page.locator(".found mark")).to_have_text("tent pegs")
        assert not await accessibility_faults(page)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("You have 30 days.")


async def test_each_sees_that_the_other_writes(office: Office) -> None:
    page = office.kari
    async with office.house.visitor() as visitor:
        await asks(visitor)
        await claimed(page)
        await page.keyboard.type("Let me")
        await visitor.until(lambda me: any(frame["type"] == "typing" for frame in me.frames))
        await visitor.raw('{"type": "typing"}')
        await expect(page.get_by_text("The visitor is writing …")).to_be_visible()
        await visitor.say("Please hurry")
        await expect(page.get_by_role("log")).to_contain_text("Please hurry")
        await expect(page.get_by_text("The visitor is writing …")).to_have_count(0)


async def test_presence_capacity_and_giving_back(office: Office) -> None:
    page = office.kari
    async with office.house.visitor() as first, office.house.visitor() as second:
        await asks(first)
        await asks(second)
        await page.get_by_role("button", name="Online").click()
        await page.get_by_label("Cases at a time").fill("1")
        await page.get_by_label("Cases at a time").press("Enter")
        await expect(page.get_by_role("button", name="Online 0 of 1")).to_be_visible()
        assert not await accessibility_faults(page)
        await page.get_by_label("Away", exact=True).check()
        await expect(page.get_by_role("button", name="Away 0 of 1")).to_be_visible()
        await page.keyboard.press("Escape")
        await claimed(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await claimed(page)
        await expect(page.get_by_text("You now have more than the 1 you chose.")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("b")
        await page.get_by_role("dialog").get_by_role("button", name="Give back").click()
        await expect(page.locator("#queue .tag")).to_have_text("Came back")
        await expect(page.locator("#mine li")).to_have_count(1)


async def test_a_message_that_was_left_is_answered_later(office: Office) -> None:
    for page in (office.kari, office.ola):
        await page.get_by_role("button", name="Online").click()
        await page.get_by_label("Away", exact=True).check()
        await expect(page.get_by_role("button", name="Away 0 of 4")).to_be_visible()
        await page.keyboard.press("Escape")
    async with office.house.visitor() as visitor:
        await visitor.ask_for_person("track_parcel", order_number="10482217")
        await visitor.until(lambda me: me.owner.get("owner") == "filed")
        page = office.kari
        await expect(page.locator("#filed li")).to_have_count(1)
        await expect(page.locator("#queue li")).to_have_count(0)
        await page.locator("#filed .open").click()
        await expect(page.get_by_text("The visitor wrote while nobody was here")).to_be_visible()
        assert not await accessibility_faults(page)
        await page.keyboard.press("c")
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.type("Good morning!")
        await page.keyboard.press("Enter")
        await visitor.until(lambda me: me.by("agent"))
        await expect(page.locator("#filed li")).to_have_count(0)


async def test_who_is_given_cases_chooses_the_languages(
    house_env: Mapping[str, str], browser: Browser
) -> None:
    async with (
        staffed_house(house_env, routing="auto") as (house, passwords),
        desk_of(browser, house, KARI, passwords[KARI]) as page,
        house.visitor() as visitor,
    ):
        await page.get_by_role("button", name="Online").click()
        await page.get_by_label("Suomi").check()
        await expect(page.get_by_label("Suomi")).to_be_checked()
        assert not await accessibility_faults(page)
        await asks(visitor)
        await expect(page.locator("#queue li")).to_have_count(1)
        await page.get_by_label("Norsk").check()
        await expect(page.locator("#mine li")).to_have_count(1)
        await expect(page.get_by_text("You were given a case")).to_have_count(1)
        await expect(page.locator("#queue li")).to_have_count(0)
