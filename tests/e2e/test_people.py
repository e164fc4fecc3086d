"""The half of the chat that is about people, on a stage: every state in every look and language."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.measures import SPACING, clipped, small
from tests.e2e.shop import accessibility_faults
from tests.e2e.stage import Stage, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WAIT = {"low_seconds": 100, "high_seconds": 290}
RANGES = {
    "nb": "omtrent 2–5 minutter", "sv": "ungefär 2–5 minuter", "da": "omkring 2–5 minutter",
    "fi": "noin 2–5 minuuttia", "en": "about 2–5 minutes",
}  # fmt: skip
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "light": ("nb", {}),
    "dark": ("sv", {"color_scheme": "dark"}),
    "forced-colours": ("da", {"forced_colors": "active"}),
    "320-pixels": ("fi", {"viewport": {"width": 320, "height": 568}}),
    "400-percent": ("en", {"viewport": {"width": 320, "height": 256}, "reduced_motion": "reduce"}),
}
"""Each look has a language of its own, so that every state is seen in all of both."""

Scene = Callable[[Stage, Page], Awaitable[None]]


@asynccontextmanager
async def played(browser: Browser, language: str = "nb", **look: Any) -> AsyncIterator[Any]:
    """A stage and its page, the chat open and some words said."""
    context = await browser.new_context(**look)
    stage = Stage(context, language)
    page = await stage.open()
    await shown(page)
    stage.speak("visitor", "10482217")
    stage.speak("bot", "…")
    yield stage, page
    await context.close()


async def form(stage: Stage, page: Page) -> None:
    """The form, opened by the bot's offer and filled in from what it knows."""
    handoff = {"text": "…", "action": "handoff"}
    known = {"order_number": "20482217"}
    stage.speak("bot", "?", offer="track_parcel", seq=None, known=known, buttons=[handoff])
    await page.locator(".turn .choices .pill").last.click()
    await expect(page.locator("#field-order_number")).to_have_value("20482217")
    await expect(page.locator("#field-order_number-filled")).to_be_visible()


async def message(stage: Stage, page: Page) -> None:
    """The form of a message that is left while nobody is there."""
    stage.open_now = False
    stage.opens_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await page.locator(".bar .pill").click()
    await expect(page.locator(".shut")).to_contain_text(stage.opens_at[14:16])


async def queue(stage: Stage, page: Page) -> None:
    """A place in the queue, and a wait."""
    stage.own("queue", position=3, wait=WAIT)
    await expect(page.locator(".people .when")).to_contain_text(RANGES[stage.language])


async def leaving(stage: Stage, page: Page) -> None:
    """Whether the visitor is sure."""
    await queue(stage, page)
    await page.locator(".acts .pill").click()
    await expect(page.locator(".sure .pill")).to_be_focused()


async def filed(stage: Stage, page: Page) -> None:
    """A message that was left."""
    opens = datetime.now(UTC) + timedelta(days=3)
    stage.own("filed", opens_at=opens.isoformat(), open_now=False)
    await expect(page.locator(".people .when")).to_contain_text(opens.strftime("%M"))


async def agent(stage: Stage, page: Page) -> None:
    """A human who is writing."""
    stage.own("queue", position=1)
    await expect(page.locator(".people")).to_be_visible()
    stage.own("agent", agent="Kari", case_id="c1")
    await expect(page.locator(".people")).to_have_count(0)
    stage.say({"type": "typing", "author": "agent"})
    await expect(page.locator(".status")).to_contain_text("Kari")


async def rating(stage: Stage, page: Page) -> None:
    """How it went, with a fault and a choice."""
    await agent(stage, page)
    stage.own("bot", rate=True, case_id="c1")
    await page.locator(".people .main").click()
    await expect(page.locator("#rate-fault")).not_to_be_empty()
    await page.get_by_role("radio").nth(3).check()


SCENES: tuple[Scene, ...] = (form, message, queue, leaving, filed, agent, rating)
every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: str(scene.__name__))


@every_scene
@pytest.mark.parametrize("look", LOOKS)
async def test_every_state_is_accessible_in_every_look_and_language(
    browser: Browser, scene: Scene, look: str
) -> None:
    language, options = LOOKS[look]
    async with played(browser, language, **options) as (stage, page):
        await scene(stage, page)
        assert not await accessibility_faults(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await clipped(page) == []
        words = await page.locator(".panel").inner_text()
        assert not [key for key in ("{", "form.", "queue.", "filed.", "rate.") if key in words]
        assert await small(page) == []
        await page.evaluate(SPACING)
        assert await clipped(page) == []


async def test_nothing_of_it_is_fetched_before_people_come(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        assert not [path for path in stage.asked if "/human/" in path]
        await queue(stage, page)
        fetched = [path for path in stage.asked if "/human/" in path]
        assert len(fetched) == len(set(fetched)) == 9
        assert "/widget/v1/human/words/nb.js" in fetched


async def test_a_part_that_cannot_be_fetched_is_said_and_tried_again(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        stage.broken = {"/widget/v1/human/words/nb.js"}
        await page.locator(".bar .pill").click()
        await expect(page.locator(".status")).to_contain_text("ikke tilgjengelig")
        stage.broken = set()
        stage.own("queue", position=2)
        await expect(page.locator(".people h3")).to_have_text("Du er nummer 2 i køen")


async def test_the_queue_moves_and_says_so_without_repeating_the_wait(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        await queue(stage, page)
        await page.evaluate("""() => {
            window.said = [];
            const line = document.querySelector("prat-chat").shadowRoot.querySelector(".status");
            new MutationObserver(() => said.push(line.textContent)).observe(line, {childList: true});
        }""")
        stage.own("queue", position=3, wait={"low_seconds": 100, "high_seconds": 400})
        await expect(page.locator(".when")).to_contain_text("2–7 minutter")
        stage.own("queue", position=2, wait=None)
        await expect(page.locator(".people h3")).to_have_text("Du er nummer 2 i køen")
        await expect(page.locator(".when")).to_be_hidden()
        assert await page.evaluate("said") == ["Du er nummer 2 i køen"]


async def test_a_card_that_comes_is_seen_whole(browser: Browser) -> None:
    async with played(browser, **LOOKS["320-pixels"][1]) as (stage, page):
        await agent(stage, page)
        stage.speak("agent", "Hei")
        stage.own("queue", position=1)
        await expect(page.locator(".note").last).to_contain_text("Kari er ikke lenger i chatten")
        await expect(page.get_by_role("button", name="Gå ut av køen")).to_be_in_viewport(ratio=1)


async def test_leaving_the_queue_by_keyboard(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        await queue(stage, page)
        await page.get_by_role("textbox").focus()
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("button", name="Gå ut av køen")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("switch")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Bli i køen")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Gå ut av køen")).to_be_focused()
        assert not stage.sent("leave_queue")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator(".sure .main")).to_have_attribute("aria-disabled", "true")
        assert len(stage.sent("leave_queue")) == 1
        stage.own("bot")
        await expect(page.locator(".note")).to_contain_text("ikke lenger i køen")
        await expect(page.get_by_role("textbox")).to_be_focused()
        await expect(page.locator(".people")).to_have_count(0)


async def test_a_wish_to_leave_that_is_refused_can_be_said_again(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        stage.refuses = {"leave_queue": "too_fast"}
        await leaving(stage, page)
        await page.get_by_role("button", name="Gå ut", exact=True).click()
        await expect(page.get_by_role("button", name="Gå ut av køen")).to_be_focused()


@pytest.mark.parametrize(("key", "score"), [("ArrowRight", 2), ("ArrowLeft", 5)])
async def test_rating_by_keyboard(browser: Browser, key: str, score: int) -> None:
    async with played(browser) as (stage, page):
        await agent(stage, page)
        stage.own("bot", rate=True, case_id="c1")
        await page.get_by_role("radio", name="1: Svært dårlig").focus()
        await page.keyboard.press(key)
        await page.keyboard.press("Enter")
        await expect(page.locator(".status")).to_contain_text("Takk!")
        await expect(page.get_by_role("textbox")).to_be_focused()
        (told,) = stage.sent("rate")
        assert (told["case_id"], told["score"]) == ("c1", score)
        stage.own("bot", rate=True, case_id="c1")
        stage.speak("bot", "Ellers noe?")
        await expect(page.locator(".turn").last).to_contain_text("Ellers noe?")
        await expect(page.locator(".people")).to_have_count(0)


async def test_a_rating_can_be_passed_over(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        await agent(stage, page)
        stage.own("bot", rate=True, case_id="c1")
        await page.get_by_role("button", name="Hopp over").click()
        await expect(page.locator(".people")).to_have_count(0)
        assert [told["score"] for told in stage.sent("rate")] == [None]


async def test_a_wish_for_a_notice_outlives_the_page(
    browser: Browser, context: BrowserContext
) -> None:
    await context.add_init_script("""window.sounds = 0;
        window.AudioContext = class extends AudioContext { constructor() { super(); sounds += 1; } };""")
    stage = Stage(context)
    page = await stage.open(owner="queue", position=1)
    await shown(page)
    bell = page.get_by_role("switch")
    await expect(bell).to_have_attribute("aria-checked", "false")
    await bell.press("Space")
    await expect(bell).to_be_checked()
    assert await page.evaluate("sounds") == 1
    await page.reload()
    await shown(page)
    await expect(bell).to_be_checked()
    hide = """Object.defineProperty(document, "hidden", {value: true, configurable: true})"""
    await page.evaluate(hide)
    stage.own("agent", agent="Kari")
    await expect(page).to_have_title("Kari er her nå – Shop")
    assert await page.evaluate("sounds") == 1
    await page.evaluate("""() => { delete document.hidden;
        document.dispatchEvent(new Event("visibilitychange")); }""")
    await expect(page).to_have_title("Shop")


async def test_who_came_while_another_page_was_loading_is_told(context: BrowserContext) -> None:
    stage = Stage(context)
    page = await stage.open(owner="queue", position=1)
    await shown(page)
    await page.get_by_role("switch").click()
    await context.add_init_script("Object.defineProperty(document, 'hidden', {value: true})")
    stage.welcomes(owner="agent", agent="Kari")
    await page.reload()
    await expect(page).to_have_title("Kari er her nå – Shop")
    await expect(page.locator(".launcher .unread")).to_have_text("1")
    await page.reload()
    await expect(page.locator(".panel")).to_be_attached()
    stage.speak("agent", "Hei", seq=None)
    await expect(page.locator(".turn.agent")).to_be_attached()
    await expect(page).to_have_title("Kari har svart – Shop")


async def test_the_visitor_types_to_an_agent_only(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        box = page.get_by_role("textbox")
        await box.press_sequentially("Hei")
        await agent(stage, page)
        await box.press_sequentially(" hei")
        await box.fill("")
        assert len(stage.sent("typing")) == 1


async def test_typing_ends_with_the_message(browser: Browser) -> None:
    async with played(browser) as (stage, page):
        await agent(stage, page)
        stage.speak("agent", "Her er jeg")
        await expect(page.locator(".status")).to_be_empty()


async def test_a_page_that_runs_from_right_to_left_changes_nothing(context: BrowserContext) -> None:
    stage = Stage(context, "en", "rtl")
    page = await stage.open(owner="queue", position=3)
    await shown(page)
    box = await page.locator(".track").bounding_box()
    words = await page.get_by_role("switch").bounding_box()
    assert box
    assert words
    assert box["x"] < words["x"] + 20
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
