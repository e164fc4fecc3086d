"""Five hundred hostile texts in every text that the server gives the console: they stay texts."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.e2e.desk import asks, log_in, staffed_house
from tests.e2e.test_console import CORPUS
from tests.handoff_house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ALL = "\n".join(CORPUS)
WORDS = frozenset({
    "about", "author", "colour", "email", "excerpt", "key", "label", "lines", "name", "order", "owner_name",
    "page", "product", "skill", "skills", "speaker", "sub", "text", "title", "value", "watchers", "who",
})  # fmt: skip
"""What people, shops and other systems write; the rest are numbers, times and words of our own."""

AT = "2026-11-24T03:00:00+00:00"
CASE_MORE: dict[str, Any] = {
    "customer": {"name": "", "email": "", "sub": ""}, "context": {"page": "", "product": "", "order": ""},
    "notes": [{"id": "1", "at": AT, "author": "", "mine": False, "text": ""}],
    "messages": [{
        "id": str(number), "seq": 1000 + number, "author": author, "kind": "text", "at": AT, "language": "nb",
        "speaker": "", "text": "", "buttons": [{"text": "", "action": "say"}],
        "cards": [{"kind": "parcel", "title": "", "lines": [""], "link": "javascript:window.hit=1"}],
    } for number, author in enumerate(("visitor", "bot", "agent"))],
    "suggestions": [{"topic": "track_parcel", "name": "answer", "text": ""}],
}  # fmt: skip
RIGHTS = ["see_queue", "reply", "erase", "manage_accounts", "read_audit"]
LISTS: dict[str, Any] = {
    "/api/colleagues": {"colleagues": [
        {"agent_id": "ola", "name": "", "skills": [""], "state": "online", "free": 2},
    ]},
    "/api/accounts": {"accounts": [{
        "email": "", "name": "", "disabled": False, "second_factor": False,
        "grants": [{"merchant_id": "fjellbekk", "roles": ["agent"], "skills": [""]}],
    }]},
    "/api/audit": {"entries": [{
        "seq": 1, "at": AT, "who": "", "what": "case_read", "case_id": "", "about": "", "fields": ["notes"],
    }]},
}  # fmt: skip
SHOWN = (
    ".entry .said", ".card strong", ".choices span", ".notes .note", ".verified dd", ".told dt",
    ".suggestions p", "#mine .title",
)  # fmt: skip
"""Where such texts stand on the desk."""

MADE = """() => [...document.body.querySelectorAll("*")].filter((one) =>
  one.matches("iframe, object, embed, math, style, base, meta, link, video, audio, marquee, .case img")
  || [...one.attributes].some(({ name, value }) => name.startsWith("on") || value.startsWith("javascript:"))
).map((one) => one.outerHTML.slice(0, 99))"""
WATCH = """addEventListener("securitypolicyviolation",
  (event) => (window.refused ??= []).push(event.violatedDirective))"""


@pytest_asyncio.fixture(loop_scope="session")
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    async with staffed_house(house_env) as (house, _):
        yield house


def spoilt(answer: Any, *, is_word: bool = False) -> Any:
    """The answer with all hostile texts in the place of every text."""
    match answer:
        case dict():
            return {
                key: spoilt(value, is_word=is_word or key in WORDS) for key, value in answer.items()
            }
        case list():
            return [spoilt(one, is_word=is_word) for one in answer]
        case str() if is_word:
            return ALL
    return answer


async def spoil(route: Route) -> None:
    """Answers as the server does, with more in it, and spoilt."""
    path = route.request.url.partition("?")[0].removeprefix("http://").partition("/")[2]
    if route.request.method != "GET" or path == "api/stream":
        await route.continue_()
        return
    answer = LISTS.get(f"/{path}") or await (await route.fetch()).json()
    if path == "api/me":
        answer["agent"]["rights"] = {"fjellbekk": RIGHTS}
    if path.startswith("api/cases/"):
        answer = {**answer, **CASE_MORE, "intake": answer["intake"]}
        answer["case"]["watchers"] = [""]
    await route.fulfill(body=json.dumps(spoilt(answer)), content_type="application/json")


async def is_harmless(page: Page) -> None:
    assert await page.evaluate("window.hit") is None
    assert await page.evaluate("window.refused") is None
    assert await page.evaluate(MADE) == []


async def test_whatever_the_server_gives_is_shown_as_text(
    house: House, context: BrowserContext
) -> None:
    page = await context.new_page()
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    await page.add_init_script(WATCH)
    async with house.visitor() as visitor:
        await asks(visitor, "Hvor er pakken min?", description="To kolli")
        await log_in(page, house, waiting=1)
        await page.keyboard.press("c")
        await expect(page.locator("#reply")).to_be_focused()
        await page.route("**/api/**", spoil)
        await page.reload()
        await expect(page.locator(".case h2")).to_have_text(ALL)
        for shown in SHOWN:
            await expect(page.locator(shown).first).to_contain_text(CORPUS[-1])
        await expect(page.locator(".case .looking")).to_contain_text(CORPUS[-1])
        await is_harmless(page)
        await page.locator("#reply").press_sequentially("/")
        await expect(page.get_by_role("option").first).to_contain_text(CORPUS[-1])
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await page.keyboard.press("t")
        await expect(page.get_by_role("dialog")).to_contain_text(CORPUS[-1])
        await is_harmless(page)
        for place, shown in (("#accounts", ".people .grants"), ("#audit", ".entries strong")):
            await page.goto(f"{house.console}/{place}")
            await page.reload()
            await expect(page.locator(shown).first).to_contain_text(CORPUS[-1])
            await is_harmless(page)
