"""Hostile words in every field that comes to the widget: shown as words, and nothing else happens."""

import json
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.stage import Stage, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ZALGO = "".join(
    letter + "\u0300\u0301\u0302\u0303\u0316\u0317\u0318\u0319" * 12 for letter in "Zalgo"
)
BIDI = "\u202eesrever\u2066\u2067\u202dmixed\u0000\u0007\u001b[31m\u2028\ufeff"
CORPUS = (
    "<script>fired()</script>", "<img src=x onerror=fired()>", "<svg onload=fired()>",
    "<svg><script>fired()</script></svg>", '"><img src=x onerror=fired()>', "'-fired()-'",
    "<iframe srcdoc='<script>parent.fired()</script>'>", "<a href=javascript:fired()>x</a>",
    "<details open ontoggle=fired()>", "<math><mtext><img src=x onerror=fired()></mtext></math>",
    "<style>@import 'javascript:fired()'</style>", "<body onload=fired()>", "${fired()}", "{{fired()}}",
    "<template><img src=x onerror=fired()></template>", "<input autofocus onfocus=fired()>",
    "<marquee onstart=fired()>", "<object data=javascript:fired()>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:fired()>", "javascript:fired()",
    "https://x.example/'onmouseover=fired() y='", "https://x.example/<script>fired()</script>",
    "<noscript><p title='</noscript><img src=x onerror=fired()>'>", "\\u003cscript\\u003efired()",
    "&lt;img src=x onerror=fired()&gt;", "<!--><img src=x onerror=fired()>-->", "<x/onclick=fired()>y",
    "]]><script>fired()</script>", "__proto__", "constructor", "{name}{n}{merchant}", ZALGO, BIDI,
)  # fmt: skip
LINKS = (
    "javascript:fired()", "JaVaScRiPt:fired()", " javascript:fired()", "java\tscript:fired()",
    "data:text/html,<script>fired()</script>", "vbscript:x", "file:///etc/passwd", "//evil.example",
    "blob:https://x.example/1", "https:javascript:fired()", "view-source:x", "about:blank",
)  # fmt: skip
KINDS = (
    "button, a, p, ol, li, b, span, time, div, section, h2, h3, ul, dl, dt, dd, svg, path, form, \
textarea, select, option, label, input, dialog, fieldset, legend"
)
FOREIGN = f"""root => [...root.shadowRoot.querySelectorAll(':not(:is({KINDS}))')].map(one => one.tagName)"""
HREFS = """root => [...root.shadowRoot.querySelectorAll("[href], [src]")].map(one => one.href ?? one.src)
    .filter(one => !/^https?:/.test(one))"""
SPOKEN = """root => [...root.shadowRoot.querySelectorAll("*")].flatMap(one => [...one.attributes])
    .filter(one => one.name.startsWith("on")).map(one => one.name)"""


def hostile(payload: str, link: str) -> dict[str, Any]:
    """A message with the payload in every field that it may have."""
    return {
        "speaker": payload, "language": payload, "offer": payload, "kind": payload, "at": payload,
        "buttons": [{"text": payload, "action": payload}], "fields": {payload: payload},
        "cards": [{"kind": payload, "title": payload, "lines": [payload] * 2, "link": link}],
        "known": {payload: payload},
    }  # fmt: skip


async def test_no_field_of_any_frame_becomes_code_or_breaks_the_panel(
    context: BrowserContext,
) -> None:
    fired: list[str] = []
    await context.expose_function("fired", lambda *_: fired.append("fired"))
    stage = Stage(context, "en")
    stage.merchant = {"name": CORPUS[0], "provider": CORPUS[1], "welcome": CORPUS[4] + BIDI}
    page = await stage.open()
    page.on("dialog", lambda dialog: fired.append(dialog.message))
    await shown(page)
    for number, payload in enumerate(CORPUS):
        author = ("visitor", "bot", "agent")[number % 3]
        stage.speak(author, payload, **hostile(payload, LINKS[number % len(LINKS)]))
        stage.say({"type": "typing", "author": payload})
        stage.say({"type": "error", "code": payload, "client_id": payload, "message": payload})
        stage.say({"type": "stored", "id": payload, "seq": 1})
        stage.say({"type": payload})
    for number, payload in enumerate(CORPUS):
        case = {"case_id": payload, "opens_at": payload}
        stage.own("agent", agent=f"{payload}{number}", **case)
        stage.say({"type": "typing", "author": "agent"})
        stage.own(("queue", "filed", "bot")[number % 3], position=payload, wait=payload, **case)
    stage.speak("bot", "The end")
    panel = page.locator("prat-chat")
    await expect(page.locator(".turn").last).to_contain_text("The end")
    assert await panel.evaluate(FOREIGN) == []
    assert await panel.evaluate(HREFS) == []
    assert await panel.evaluate(SPOKEN) == []
    assert [text async for text in shown_of(page)] == list(CORPUS)
    await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert fired == []
    assert page.url.startswith("http://shop.test")
    assert await page.evaluate("Object.keys(Object.prototype)") == []
    widths = (
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)"
    )
    assert not await page.locator(".scroll, .head, .panel").evaluate_all(widths)
    heights = "all => Math.max(...all.map(one => one.getBoundingClientRect().height))"
    assert await page.locator(".who").evaluate_all(heights) < 60
    await page.get_by_role("textbox").fill("I can still write")
    await page.keyboard.press("Enter")
    await stage.until(lambda: stage.sent("message"))


async def shown_of(page: Any) -> Any:
    """What is shown of each hostile message, as it was sent."""
    for text in await page.locator(".turn:not(:first-child) .bubble").evaluate_all(
        "all => all.map(one => one.textContent)"
    ):
        if text in CORPUS:
            yield text


async def test_a_huge_message_is_shown_and_the_visitors_own_is_limited(
    context: BrowserContext,
) -> None:
    stage = Stage(context, "en")
    page = await stage.open()
    await shown(page)
    for text in ("word " * 20_000, "x" * 100_000, "å" * 50_000 + "\u0301" * 1000):
        stage.speak("bot", text)
    stage.babble(json.dumps({"type": "message", "id": str(uuid4()), "x": "y" * 1_000_000}))
    stage.speak("bot", "The end")
    await expect(page.locator(".turn").last).to_contain_text("The end")
    assert await page.locator(".scroll").evaluate("one => one.scrollWidth <= one.clientWidth")
    box = page.get_by_role("textbox")
    await box.evaluate("one => { one.value = ''; one.focus(); }")
    await page.keyboard.insert_text("y" * 3000)
    await page.keyboard.press("Enter")
    await stage.until(lambda: stage.sent("message"))
    assert len(stage.sent("message")[0]["text"]) == 2000
