"""The chat and the shop's page leave each other alone: styles and pixels both ways, and strict policies."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.front import TAG, Front
from tests.e2e.stage import GATEWAY

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What fades or turns the whole page (on html or body) takes along all that is on it, the chat too.
HOSTILE = """
  * { all: unset !important; }
  head, script, style { display: none !important; }
  *, *::before, *::after { letter-spacing: 4px !important; line-height: 3 !important; float: left;
    font: 40px monospace !important; color: red !important; text-transform: uppercase !important;
    visibility: hidden; box-sizing: content-box !important;
    transition: all 9s !important; cursor: none !important; }
  body *, body *::before { writing-mode: vertical-rl !important; animation: spin 1s infinite !important; }
  @keyframes spin { to { transform: rotate(1turn); opacity: 0; } }
  html { font-size: 7px !important; direction: rtl; }
  :root, prat-chat { --accent: red; --ink: red; --bg: red; --text: red; --line: red; --link: red;
    --seen: 9px; }
  prat-chat, body > :last-child { display: none !important; opacity: 0 !important; z-index: -1 !important;
    transform: scale(3) !important; filter: blur(9px) !important; position: static !important;
    pointer-events: none !important; margin: 99px !important; zoom: 2 !important; }
  button, input, textarea, select, h2, p, .panel, .launcher, .prat { border: 9px solid red !important; }
"""
SHOP = """
  <style>body { font: 17px/1.3 serif; margin: 3em; background: #fff; } .head { color: teal; }
    button { border-radius: 9px; } p:last-of-type { font-weight: bold; } [hidden] { display: none; }
    body { display: grid; gap: 20px; }</style>
  <h1 class="head">Shop</h1><p class="text">Telt</p><button class="launcher">Kjøp</button>
  <div class="prat"><section class="panel" id="panel">Side</section></div><p class="quiet">Slutt</p>
"""
POLICY = (
    f"default-src 'none'; script-src {GATEWAY}; connect-src {GATEWAY} {GATEWAY.replace('http', 'ws')}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

STYLES = """root => {
  const nodes = [...root.querySelectorAll('*')].filter(one => !one.closest('prat-chat, script, style'));
  return nodes.map(node => {
    const style = getComputedStyle(node);
    const { x, y, width, height } = node.getBoundingClientRect();
    const looks = [...style].filter(name => !/^(--|inset|left|right|top|bottom)/.test(name));
    return [node.tagName, node.className, x, y, width, height, ...looks.map(name => [name, style[name]])];
  });
}"""
"""Where every element stands and how it looks; offsets are in the places already."""

IN_CHAT = f"() => ({STYLES})(document.querySelector('prat-chat').shadowRoot)"
ON_PAGE = f"() => ({STYLES})(document.body)"


@pytest_asyncio.fixture(loop_scope="session")
async def front(browser: Browser) -> AsyncIterator[Front]:
    context = await browser.new_context(
        viewport={"width": 900, "height": 760}, reduced_motion="reduce"
    )
    yield await Front(context).prepare()
    await context.close()


async def open_chat(page: Page) -> bytes:
    """Opens the chat with a form in it; what is seen then."""
    await page.evaluate("Prat.open()")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.get_by_label("What is it about?")).to_be_visible()
    await page.evaluate("document.querySelector('prat-chat').shadowRoot.activeElement.blur()")
    return await page.screenshot()


async def test_the_pages_styles_change_nothing_in_the_chat(front: Front) -> None:
    plain = await front.visit(f"<title>Shop</title><main></main>{TAG}")
    hostile = await front.visit(
        f"<!doctype html><html lang='en' dir='rtl'><style>{HOSTILE}</style><main></main>{TAG}</html>",
        "/hostile",
    )
    for at_start in (True, False):
        pixels = [b"" if at_start else await open_chat(page) for page in (plain, hostile)]
        wanted, found = [await page.evaluate(IN_CHAT) for page in (plain, hostile)]
        assert len(wanted) > (3 if at_start else 40)
        for one, other in zip(wanted, found, strict=True):
            assert one == other
        assert pixels[0] == pixels[1]


async def test_the_chat_changes_nothing_on_the_page(front: Front) -> None:
    bare = await front.visit(SHOP, wait=False)
    page = await front.visit(SHOP + TAG, "/with")
    names = "() => [...Object.keys(window), ...Object.keys(document)]"
    new = set(await page.evaluate(names)) - set(await bare.evaluate(names))
    assert new == {"Prat"}
    hidden = await front.visit(SHOP + TAG.replace(" async", " data-hidden"), "/hidden")
    assert await hidden.screenshot() == await bare.screenshot()
    await open_chat(page)
    assert await page.evaluate(ON_PAGE) == await bare.evaluate(ON_PAGE)
    counted = "document.styleSheets, document.adoptedStyleSheets, document.head.children"
    sheets = f"() => [{counted}].map(one => one.length)"
    assert await page.evaluate(sheets) == await bare.evaluate(sheets)
    assert await page.evaluate("document.body.lastElementChild.tagName") == "PRAT-CHAT"


async def test_the_strictest_policy_and_trusted_types_are_kept(front: Front) -> None:
    front.headers = {"content-security-policy": POLICY}
    page = await front.visit(f"<title>Shop</title>{TAG}")
    await page.evaluate(
        "() => { window.broken = []; const note = (e) => broken.push(e.violatedDirective);"
        " addEventListener('securitypolicyviolation', note); }"
    )
    await open_chat(page)
    await page.get_by_role("button", name="Back").click()
    await page.get_by_role("textbox").fill("Hei")
    await page.keyboard.press("Enter")
    await asyncio.wait_for(front.greeted.wait(), 20)
    card = {
        "kind": "product",
        "title": "Telt",
        "lines": ["899"],
        "link": "https://shop.example/telt",
    }
    button = {"text": "Ja", "action": "say"}
    front.speak("bot", "Se her", seq=None, buttons=[button], cards=[card])
    await expect(page.locator(".card")).to_be_visible()
    front.own("queue", position=1)
    await expect(page.get_by_role("status")).to_contain_text("number 1")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("menuitem", name="Delete the conversation").click()
    await expect(page.get_by_role("dialog").last).to_be_visible()
    assert await page.evaluate("broken") == []
    assert not [line for line in front.console if "Content Security" in line or "Trusted" in line]
    assert not front.faults
