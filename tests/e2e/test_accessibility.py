"""What WCAG 2.2 AA asks of the chat, line by line, on a stage; docs/accessibility.md names the lines."""

from itertools import cycle
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.measures import FOCUSED, LOG, REPLACED, SPACING, TONGUES, clipped, faint, small
from tests.e2e.shop import accessibility_faults
from tests.e2e.stage import WHY, Stage, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COLOURS = ("#ffffff", "#ffff00", "#777777", "#000000", "#c8102e")

LIGHT: Any = {"color_scheme": "light", "forced_colors": "none"}
PLAIN = [LIGHT, {**LIGHT, "color_scheme": "dark"}]
FORCED: Any = {"forced_colors": "active"}


def say_all(stage: Stage) -> None:
    """A conversation with everything in it that a bot can say, and a human."""
    stage.speak("visitor", "10482217")
    card = {"title": "Order 10482217", "lines": ["Sent"], "link": "https://post.example/1"}
    product = {**card, "kind": "product", "title": "Tent Vidda 2"}
    stage.speak("agent", "See https://shop.example/help, please.")
    answer = {"text": "When?", "action": "say"}
    cards = [{**card, "kind": "parcel"}, product]
    stage.speak("bot", "It is on its way.", cards=cards, buttons=[answer], offer="track_parcel")


async def tabs(page: Page, until: str, key: str = "Tab") -> list[str]:
    """What has the focus, one after the other, until this has."""
    seen: list[str] = []
    while until not in seen and len(seen) < 40:
        await page.keyboard.press(key)
        seen.append(await page.evaluate(FOCUSED))
    return seen


async def test_the_whole_way_by_keyboard(context: BrowserContext) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    launcher = page.locator(".launcher")
    await expect(launcher).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Tab")
    await expect(launcher).to_be_focused()
    await page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Write a message")
    await expect(box).to_be_focused()
    await expect(launcher).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")
    await expect(launcher).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    stage.speak("bot", "Hello?", seq=None)
    await expect(launcher).to_have_accessible_name("Chat with us – 1 new message")
    await expect(launcher).to_be_focused()
    await page.keyboard.press("Enter")

    await talk_by_keyboard(stage, page)
    await ask_for_a_person_by_keyboard(stage, page)


async def talk_by_keyboard(stage: Stage, page: Page) -> None:
    """Writing, and the order of everything that can have the focus; nothing hides what has it."""
    box = page.get_by_role("textbox", name="Write a message")
    say_all(stage)
    await expect(page.locator(".card")).to_have_count(2)
    await expect(box).to_be_focused()
    await page.keyboard.type("sk?m")
    await expect(box).to_have_value("sk?m")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Where is it?")
    await page.keyboard.press("Enter")
    await stage.until(lambda: stage.sent("message"))
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "Send"
    await page.locator(".launcher").focus()
    walk = await tabs(page, "Send")
    assert walk[:4] == ["Settings", "Close the chat", "Talk to a person", "Language"]
    assert walk[-2:] == ["Write a message", "Send"]
    links = ["Privacy notice", "https://shop.example/help", "Track the parcel", "See the product"]
    assert [one for one in walk if one in links] == links
    for link in await page.locator(".scroll a").all():
        await link.focus()
        await expect(link).to_be_in_viewport(ratio=1)


async def ask_for_a_person_by_keyboard(stage: Stage, page: Page) -> None:
    """The form with two mistakes in it, the queue, and back to the gear."""
    box = page.get_by_role("textbox", name="Write a message")
    await page.get_by_role("button", name="Talk to a person").first.focus()
    await page.keyboard.press("Enter")
    topic = page.get_by_role("combobox", name="What is it about?")
    await expect(topic).to_be_focused()
    await page.get_by_role("button", name="Join the queue").press("Enter")
    await expect(topic).to_be_focused()
    await expect(topic).to_have_accessible_description("Fill in this field.")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    number = page.get_by_role("textbox", name="Order number")
    await expect(number).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("1")
    await page.keyboard.press("Enter")
    await expect(number).to_be_focused()
    await expect(number).to_have_attribute("aria-invalid", "true")
    described = await number.get_attribute("aria-describedby") or ""
    assert "field-order_number-fault" in described.split()
    await expect(page.locator("#field-order_number-fault")).to_contain_text("8 digits")
    await expect(page.locator("#field-email")).to_have_attribute("autocomplete", "email")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("10482217")
    await page.keyboard.press("Enter")
    await stage.until(lambda: stage.sent("handoff"))
    await expect(box).to_be_focused()
    stage.own("queue", position=2)
    await expect(page.get_by_role("status").first).to_have_text("You are number 2 in the queue")
    await expect(box).to_be_focused()
    await tabs(page, "Leave the queue", "Shift+Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Leave the queue")).to_be_focused()
    await tabs(page, "Settings", "Shift+Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    assert await page.evaluate(FOCUSED) == "Settings"


async def test_roles_names_and_what_a_screen_reader_is_told(context: BrowserContext) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    panel, scroll = page.get_by_role("dialog"), page.locator(".scroll")
    await expect(panel).to_have_accessible_name("Chat with Fjellbekk Friluft AS")
    assert await panel.get_attribute("aria-modal") is None
    await expect(page.locator(".launcher")).to_have_attribute("aria-controls", "panel")
    await expect(scroll).not_to_have_attribute("tabindex", "0")
    log = page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-relevant", "additions")
    await expect(panel.get_by_role("status")).to_have_count(1)
    await page.get_by_role("button", name="Settings").focus()
    await page.evaluate(LOG)
    for number in range(8):
        stage.speak("bot", f"Nr. {number}", language="sv")
    await expect(page.locator(".turn")).to_have_count(9)
    assert await page.evaluate("changes") == {"added": 8, "removed": 0, "changed": 0, "stolen": 0}
    await expect(scroll).to_have_attribute("tabindex", "0")
    await expect(scroll).to_have_accessible_name("Conversation")
    await in_its_own_language(stage, page)
    say_all(stage)
    await expect(page.locator(".turn")).to_have_count(14)
    said = await page.locator(".turn").all_inner_texts()
    names = [one.split(":")[0].strip() for one in said]
    assert (names[0], names[-3], names[-2]) == ("Bot", "You", "Kari (a person)")
    assert await page.locator(".turn[tabindex], .bubble[tabindex]").count() == 0
    assert await page.locator(".bubble").nth(1).get_attribute("lang") == "sv"
    assert await page.locator(".state").last.get_attribute("aria-live") == "off"

    stage.own("agent", agent="Kari")
    hushed = []
    for _ in range(2):
        stage.say({"type": "typing", "author": "agent"})
        await expect(page.get_by_role("status")).to_have_text("Kari is writing …")
        hushed.append(await page.get_by_role("status").get_attribute("aria-live"))
        stage.speak("agent", "…")
        await expect(page.get_by_role("status")).to_be_empty()
    assert hushed == [None, "off"]

    stage.refuses = {"message": "invalid"}
    await page.get_by_role("textbox").fill("?")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_have_text("Not sent.")

    session = await context.new_cdp_session(page)
    tree = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert [roles.count(role) for role in ("dialog", "log", "status", "main")] == [1, 1, 1, 1]
    unnamed = [
        node["role"]["value"] for node in tree
        if not node["ignored"] and not node.get("name", {}).get("value")
        and node["role"]["value"] in {"button", "link", "textbox", "combobox", "dialog", "log"}
    ]  # fmt: skip
    assert unnamed == []


async def in_its_own_language(stage: Stage, page: Page) -> None:
    """What a Swedish bot and a Finnish visitor say is spoken so; the chat's own words stay English."""
    card = {"title": "Tält", "lines": ["I lager"], "link": "https://shop.example/1"}
    answer = {"text": "När?", "action": "say"}
    more = {"cards": [card], "buttons": [answer], "offer": "track_parcel"}
    stage.speak("bot", "Ja!", language="sv", **more)
    await expect(page.locator(".card")).to_have_count(1)
    spoken = page.locator(".card, .card h3, .card li, .card a, .choices button:visible")
    assert await spoken.evaluate_all(TONGUES) == ["sv", "sv", "sv", "en", "sv", "en"]
    stage.speak("visitor", "", language="fi", kind="intake", fields={"order_number": "10482217"})
    given = page.locator(".turn.visitor .bubble").last
    await expect(given).to_contain_text("Information for customer service")
    assert await given.evaluate_all(TONGUES) == ["en"]


async def test_sizes_spacing_and_zoom_take_nothing_away(context: BrowserContext) -> None:
    stage = Stage(context, "fi")
    page = await stage.open(owner="queue", position=2)
    await shown(page)
    say_all(stage)
    stage.refuses = {"message": "too_fast"}
    await page.get_by_role("textbox").fill("x")
    await page.keyboard.press("Enter")
    await expect(page.locator(".state.failed button")).to_be_visible()
    assert await small(page) == []
    await page.locator("[aria-controls=menu]").click()
    assert await small(page) == []
    await page.evaluate(SPACING)
    assert await clipped(page) == []
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 320, "height": 256})
    assert await clipped(page) == []
    await expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "true")
    await page.get_by_role("textbox").focus()
    await expect(page.get_by_role("textbox")).to_be_in_viewport()
    await page.emulate_media(reduced_motion="reduce")
    moving = """root => [...root.shadowRoot.querySelectorAll("*")].map(one => getComputedStyle(one))
        .filter(one => one.animationName !== "none" || one.transitionDuration !== "0s").length"""
    assert await page.locator("prat-chat").evaluate(moving) == 0


async def test_every_merchants_colour_is_made_readable(context: BrowserContext) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    for colour in COLOURS:
        stage.merchant = {"colour": colour}
        await page.reload()
        await shown(page)
        say_all(stage)
        await expect(page.locator(".card")).to_have_count(2)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await faint(page) == [], f"{colour}, {scheme}"
            # While another scheme is being drawn axe sees half of both: a fault is what stays.
            faults = await accessibility_faults(page) and await accessibility_faults(page)
            assert not faults, f"{colour}, {scheme}"


async def states(stage: Stage, page: Page) -> Any:
    """The panel's own states, one after the other (people's are in test_people)."""
    yield "greeting"
    say_all(stage)
    await expect(page.locator(".card").last).to_be_visible()
    yield "answers"
    stage.refuses = {"message": "too_fast"}
    await page.get_by_role("textbox").fill("x" * 1990)
    await page.keyboard.press("Enter")
    await expect(page.locator(".state.failed")).to_be_visible()
    await page.get_by_role("textbox").fill("x" * 1990)
    yield "refused and long"
    await page.locator("[aria-controls=menu]").click()
    yield "menu"
    await page.locator(".erase").click()
    await expect(page.locator("dialog")).to_be_visible()
    yield "delete"
    await page.evaluate(REPLACED)
    await page.locator("dialog .main").click()
    await expect(page.locator("dialog .told")).to_contain_text("5")
    assert await page.evaluate("replaced") == 0, "what a screen reader listens to stays"
    yield "receipt"
    await page.locator("dialog .main").click()
    stage.speak("bot", "…", seq=None)


@pytest.mark.parametrize("language", WHY)
async def test_axe_finds_nothing_in_any_state_light_and_dark(
    context: BrowserContext, language: str
) -> None:
    stage = Stage(context, language)
    page = await stage.open()
    await shown(page)
    schemes = cycle(PLAIN if language in {"sv", "fi"} else reversed(PLAIN))
    forced = [FORCED] if language == "da" else []
    async for state in states(stage, page):
        for look in PLAIN if language == "nb" else [next(schemes), *forced]:
            await page.emulate_media(**look)
            assert not await accessibility_faults(page), f"{state}, {look}"
            if state == "answers":
                assert await faint(page) == [], look
            words = await page.locator(".panel").inner_text()
            assert "{" not in words, state
