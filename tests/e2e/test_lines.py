"""A line that breaks, sleeps, stalls, floods or babbles: the chat stays usable and loses nothing."""

from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.stage import Stage, named, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WATCH = """() => {
    const root = document.querySelector("prat-chat").shadowRoot;
    window.changes = {added: 0, other: 0};
    window.said = [];
    new MutationObserver(all => all.forEach(one => {
        const isList = one.target.matches(".turns");
        changes.added += isList ? one.addedNodes.length : 0;
        changes.other += one.type === "attributes" || one.removedNodes.length || !isList;
    })).observe(root.querySelector(".turns"), {subtree: true, childList: true, attributes: true});
    const line = root.querySelector(".status");
    new MutationObserver(() => said.push(line.textContent)).observe(line, {childList: true});
}"""
TURNS = ".turn:not(:first-child) .bubble"


async def writes(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def back(page: Page) -> None:
    """The network is back: the widget need not wait for its next try."""
    await page.evaluate("dispatchEvent(new Event('online'))")


async def test_breaks_sleep_and_another_network_lose_and_repeat_nothing(
    context: BrowserContext,
) -> None:
    await context.clock.install()
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    turns, states = page.locator(TURNS), page.locator(".state")

    stage.is_away = True
    await stage.drop()
    await expect(page.get_by_role("status")).to_contain_text("No connection")
    for text in ("one", "two"):
        await writes(page, text)
    await expect(states.last).to_have_text("Waiting for a connection")
    stage.is_away = False
    await back(page)
    await expect(states.last).to_have_text("Sent")
    await expect(page.get_by_role("status")).to_be_empty()
    assert [frame["text"] for frame in stage.sent("message")] == ["one", "two"]

    stage.ignores = {"message"}
    await writes(page, "three")
    await stage.until(lambda: len(stage.sent("message")) == 3)
    stage.ignores = set()
    await context.clock.fast_forward("02:00:00")
    await expect(states.last).to_have_text("Sent")
    *_, first, again = stage.sent("message")
    assert first == again

    for frame in (*stage.sent("message")[:2], again):
        stage.speak("visitor", frame["text"], id=named(frame))
    stage.speak("bot", "four")
    await expect(turns).to_have_text(["one", "two", "three", "four"])
    before = len(stage.sent("hello"))
    await context.set_offline(True)
    await context.set_offline(False)
    await back(page)
    await stage.until(lambda: len(stage.sent("hello")) == before + 1)
    assert stage.sent("hello")[-1]["last_seq"] == 4
    stage.say({"type": "stored", "id": str(uuid4()), "seq": 5})
    await stage.until(lambda: [one["after_seq"] for one in stage.sent("resume")] == [4])
    stage.speak("bot", "five")
    await page.reload()
    await stage.until(lambda: stage.sent("hello")[-1]["last_seq"] == 0)
    await expect(turns).to_have_count(0)


async def test_a_gateway_that_stalls_is_left_and_the_words_are_kept(
    context: BrowserContext,
) -> None:
    await context.clock.install()
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    stage.is_silent = True
    await writes(page, "Is anybody there?")
    await context.clock.fast_forward(17_000)
    await expect(page.get_by_role("status")).to_contain_text("No connection")
    await expect(page.locator(".state")).to_have_text("Waiting for a connection")
    await page.get_by_role("textbox").fill("still writing")
    stage.is_silent = False
    await back(page)
    await expect(page.locator(".state")).to_have_text("Sent")
    await expect(page.locator(TURNS)).to_have_text(["Is anybody there?"])
    await expect(page.get_by_role("textbox")).to_have_value("still writing")
    assert len({frame["client_id"] for frame in stage.sent("message")}) == 1


async def test_a_flood_with_rubbish_in_it_is_shown_in_order_and_the_chat_stays_usable(
    context: BrowserContext,
) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    await page.evaluate(WATCH)
    for number in range(500):
        stage.speak("bot" if number % 2 else "visitor", f"{number}")
        stage.say({"type": "holiday", "number": number})
        if number % 5 == 0:
            stage.babble('{"type": "message", "id": 5}')
    await writes(page, "Stop")
    await expect(page.locator(TURNS)).to_have_count(501)
    assert await page.locator(TURNS).all_inner_texts() == [*map(str, range(500)), "Stop"]
    assert await page.evaluate("said[0]") == (
        "Something arrived that the chat could not read. What you wrote is not lost."
    )
    await expect(page.locator(".turn").last).to_be_in_viewport()
    await expect(page.locator(".state").last).to_have_text("Sent")

    await page.evaluate("changes = {added: 0, other: 0}")
    await page.locator(".scroll").hover()
    await page.mouse.wheel(0, -100_000)
    await expect(page.locator(".turn").first).to_be_in_viewport()
    await page.mouse.wheel(0, 100_000)
    await expect(page.locator(".turn").last).to_be_in_viewport()
    assert await page.evaluate("changes") == {"added": 0, "other": 0}
    await page.mouse.wheel(0, -1_000)
    await expect(page.locator(".turn").last).not_to_be_in_viewport()
    stage.speak("bot", "Done")
    await expect(page.get_by_role("button", name="New messages")).to_be_in_viewport()
    await expect(page.locator(".turn").last).not_to_be_in_viewport()
    assert await page.evaluate("changes.added") == 1
