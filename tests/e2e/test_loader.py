"""The tag and the page's calls, in a real browser: options, tag managers, events, logging out."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.gateway.files import widget_files
from tests.e2e.front import LOADER, TAG, Answer, Front
from tests.e2e.stage import GATEWAY

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HEARD = "['ready', 'open', 'close', 'message', 'unread', 'handoff', 'ended']"
LISTEN = f"""<script>
  window.heard = [];
  window.Prat = window.Prat || [];
  for (const event of {HEARD}) Prat.push(["on", event, (told) => heard.push([event, told])]);
</script>"""


@pytest_asyncio.fixture(loop_scope="session")
async def front(browser: Browser) -> AsyncIterator[Front]:
    context = await browser.new_context(viewport={"width": 1000, "height": 700})
    front = await Front(context).prepare()
    yield front
    await context.close()
    assert not front.faults


async def heard(page: Page, event: str) -> list[object]:
    """What the page's listener was told of one event."""
    told: list[object] = await page.evaluate(
        "event => heard.filter(([name]) => name === event).map(([, told]) => told)", event
    )
    return told


async def _told(page: Page, event: str, told: list[object]) -> None:
    """Waits until the page's listener was told exactly this of an event."""
    is_told = "([event, n]) => heard.filter(([name]) => name === event).length >= n"
    await page.wait_for_function(is_told, arg=[event, len(told)])
    assert await heard(page, event) == told


async def test_every_option_is_seen(front: Front) -> None:
    tag = TAG.replace(
        " async",
        ' async data-locale="sv-SE" data-position="left" data-colour="#ffe082" data-title="Hjälp"'
        ' data-launcher="Fråga oss" data-z-index="7" data-hidden',
    )
    page = await front.visit(tag)
    button = page.get_by_role("button", name="Fråga oss")
    await expect(button).to_be_hidden()
    await page.evaluate("Prat.show()")
    await expect(button).to_be_visible()
    box = await button.bounding_box()
    assert box
    assert (box["x"], box["y"] + box["height"]) == (20, 680)
    looks = "one => { const s = getComputedStyle(one); return [s.backgroundColor, s.color]; }"
    accent, ink = await button.evaluate(looks)
    assert (accent, ink) == ("rgb(255, 224, 130)", "lch(0 0 0)")
    depth = "getComputedStyle(document.querySelector('prat-chat')).zIndex"
    assert await page.evaluate(depth) == "7"
    assert front.asked == ["/widget/v1/loader.js"]
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await button.click()
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_role("heading", name="Hjälp")).to_be_visible()
    await expect(panel).to_contain_text("Fjellbekk Friluft AS")
    await expect(panel.get_by_role("textbox")).to_have_attribute(
        "aria-label", "Skriv ett meddelande"
    )
    await page.evaluate("Prat.hide()")
    await expect(panel).to_be_hidden()
    await expect(page.locator("prat-chat .launcher")).to_be_hidden()


async def test_a_faulty_option_is_named_with_its_fix_and_left_out(front: Front) -> None:
    tag = TAG.replace(" async", ' data-locale="xx" data-colour="teal" data-z-index="top"')
    page = await front.visit("<script>Prat = [['on', 'opened']]</script>" + tag)
    await expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
    await front.hears(4)
    said = "\n".join(front.console)
    assert 'data-locale="xx" is not valid and was left out. Fix: give nb, sv, da, fi or en.' in said
    assert 'data-colour="teal" is not valid' in said
    assert 'data-z-index="top" is not valid' in said
    assert 'there is no event "opened". Fix: listen to one of: ready, open, close' in said


async def test_without_a_merchant_there_is_no_button_but_a_word_about_it(front: Front) -> None:
    page = await front.visit(f'<script src="{LOADER}"></script>', wait=False)
    await front.hears(1)
    assert "data-merchant is missing. Fix: add data-merchant" in front.console[0]
    assert await page.locator("prat-chat").count() == 0


async def test_tag_managers_and_second_tags(front: Front) -> None:
    """Without a current script the tag is found by its address; twice is once; options in the address."""
    page = await front.visit(TAG.replace("<script ", '<script type="text/inert" '), wait=False)
    loader = widget_files()["loader.js"].plain.decode()
    await page.evaluate(loader)
    await page.evaluate(loader)
    await page.add_script_tag(url=LOADER)
    await page.get_by_role("button", name="Chat with us").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await page.locator("prat-chat").count() == 1
    address = f"{LOADER}?merchant=fjellbekk&amp;launcher=Ask"
    other = await front.visit(f'<script src="{address}"></script>', "/address")
    await expect(other.get_by_role("button", name="Ask")).to_be_visible()


async def test_calls_before_load_and_every_event(front: Front) -> None:
    faulty = (
        "<script>Prat.push(['on', 'open', () => { throw Error('the shop'); }], ['open'])</script>"
    )
    page = await front.visit(LISTEN + faulty + TAG)
    panel = page.get_by_role("dialog")
    await expect(panel).to_be_visible()
    assert await heard(page, "ready") == [{}]
    await page.get_by_role("textbox").fill("Hei")
    await page.keyboard.press("Enter")
    await expect(panel.locator(".turn.visitor")).to_contain_text("Hei")
    await _told(page, "message", [{"author": "visitor"}])
    await page.evaluate("Prat.close()")
    front.speak("bot", "Svar", seq=None)
    await _told(page, "unread", [{"count": 1}])
    front.own("queue", position=1)
    front.own("agent", agent="Kari")
    await _told(page, "handoff", [{"to": "queue"}, {"to": "agent"}])
    await _told(page, "unread", [{"count": 1}, {"count": 2}])
    await page.evaluate("Prat.open()")
    await _told(page, "unread", [{"count": 1}, {"count": 2}, {"count": 0}])
    assert await heard(page, "message") == [{"author": "visitor"}, {"author": "bot"}]
    assert (await heard(page, "open"), await heard(page, "close")) == ([{}, {}], [{}])
    assert await heard(page, "ended") == []
    off = (
        "heard.length = 0; Prat.on('open', () => heard.push(['late']))(); Prat.close(); Prat.open()"
    )
    await page.evaluate(off)
    await _told(page, "open", [{}])
    assert ["late"] not in await page.evaluate("heard")
    assert front.faults == ["the shop"] * 3
    front.faults.clear()


async def test_logging_out_forgets_in_every_tab(front: Front) -> None:
    first = await front.visit(LISTEN + TAG)
    await first.get_by_role("button", name="Chat with us").click()
    await first.get_by_role("textbox").fill("Hei")
    await first.keyboard.press("Enter")
    await expect(first.locator(".turn.visitor")).to_contain_text("Hei")
    await first.wait_for_function("localStorage.length === 1")
    second = await front.visit(LISTEN + TAG, "/second")
    await second.wait_for_function(
        "document.querySelector('prat-chat').shadowRoot.querySelector('.panel')"
    )
    await first.evaluate("Prat.logout()")
    for page in (first, second):
        await _told(page, "ended", [{}])
        assert await page.evaluate("localStorage.length") == 0
        await expect(page.locator(".turn.visitor")).to_have_count(0)
    await expect(first.get_by_role("dialog")).to_be_hidden()


async def test_a_pinned_loader_works_and_a_changed_byte_is_refused(front: Front) -> None:
    file = widget_files()["loader.js"]
    pinned = f"/widget/v1/{file.version}/loader.js"
    tag = (
        f'<script src="{GATEWAY}{pinned}" integrity="{file.integrity}" crossorigin="anonymous"'
        ' data-merchant="fjellbekk" async></script>'
    )
    page = await front.visit(tag)
    await page.get_by_role("button", name="Chat with us").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert "/widget/v1/panel.js" in front.asked
    front.changed[pinned] = file.plain + b" "
    front.console.clear()
    bad = await front.visit(tag, "/changed", wait=False)
    await front.hears(1)
    assert "integrity" in front.console[0]
    assert await bad.locator("prat-chat").count() == 0


async def test_who_the_visitor_is_fills_in_the_form_and_goes_with_it(front: Front) -> None:
    """Nothing is sent before there is a conversation; the form knows what the shop knows."""
    identity = f"/v1/conversations/{'b' * 32}/identity"
    front.answers[identity] = Answer(200, {"name": "Kari Nordmann", "email": "kari@kunde.example"})
    context = '{product: "Telt", order: "10482217", basket: 3}'
    calls = f"<script>Prat = [['identify', 'a.b.c'], ['setContext', {context}], ['open']]</script>"
    page = await front.visit(calls + TAG)
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert identity not in front.asked
    await page.get_by_role("textbox").fill("Hei")
    await page.keyboard.press("Enter")
    await page.wait_for_function("localStorage.length === 1")
    await page.get_by_role("textbox").fill("Er du der?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.visitor")).to_have_count(2)
    await page.get_by_role("button", name="Talk to a person").click()
    await page.get_by_label("What is it about?").select_option("track_parcel")
    await expect(page.locator("#field-order_number")).to_have_value("10482217")
    await page.get_by_role("button", name="Join the queue").click()
    await expect(page.locator("form.form")).to_be_hidden()
    front.own("queue", position=1)
    await expect(page.get_by_role("status")).to_contain_text("number 1")
    assert [body for path, body in front.bodies if path == identity] == [{"token": "a.b.c"}]
    assert [frame.get("order") for frame in front.sent("message")] == ["10482217", None]
    (form,) = front.sent("handoff")
    assert form["context"] == {"product": "Telt", "order": "10482217"}
    await page.evaluate("Prat.logout()")
    await page.evaluate("Prat.open()")
    await page.get_by_role("button", name="Talk to a person").click()
    await page.get_by_label("What is it about?").select_option("track_parcel")
    await expect(page.locator("#field-order_number")).to_have_value("")
    assert any(
        'setContext: "basket" was left out. Fix: give nothing but' in one for one in front.console
    )


async def test_a_refused_token_is_said_on_the_console_and_another_customers_chat_is_left(
    front: Front,
) -> None:
    identity = f"/v1/conversations/{'b' * 32}/identity"
    page = await front.visit(LISTEN + TAG)
    await page.get_by_role("button", name="Chat with us").click()
    await page.get_by_role("textbox").fill("Hei")
    await page.keyboard.press("Enter")
    await page.wait_for_function("localStorage.length === 1")
    for code, status, kept in (("identity_expired", 401, 1), ("another_customer", 409, 0)):
        front.answers[identity] = Answer(
            status, {"error": {"code": code, "message": "", "fix": ""}}
        )
        front.console.clear()
        await page.evaluate("code => Prat.identify(code)", code)
        await front.says(f"identify: the token was refused ({code})")
        await page.wait_for_function("kept => localStorage.length === kept", arg=kept)
    await _told(page, "ended", [{}])


BROKEN = """<script>
  Object.prototype.each = function () {};
  Array.prototype.last = function () { return this[this.length - 1]; };
  window.onerror = () => { throw Error("again"); };
</script><script>nobody.home();</script><script>if (</script>"""


async def test_a_shop_whose_scripts_crash_and_change_every_object_has_its_chat(
    front: Front,
) -> None:
    page = await front.visit(BROKEN + TAG)
    await page.get_by_role("button", name="Chat with us").click()
    await page.get_by_role("textbox").fill("Hei")
    await page.keyboard.press("Enter")
    await front.until(lambda: front.sent("message"))
    card = {"kind": "product", "title": "Telt", "lines": ["899"], "link": None}
    front.speak("bot", "Se her", seq=None, cards=[card])
    await expect(page.locator(".card")).to_be_visible()
    await page.get_by_role("button", name="Talk to a person").click()
    await page.get_by_label("What is it about?").select_option("track_parcel")
    await page.locator("#field-order_number").fill("10482217")
    await page.get_by_role("button", name="Join the queue").click()
    await front.until(lambda: front.sent("handoff"))
    front.own("queue", position=1)
    await expect(page.get_by_role("status")).to_contain_text("number 1")
    said = ["nobody is not defined", "again", "Unexpected end of input", "again"]
    assert front.faults == said, "the page's own faults, and no other"
    front.faults.clear()
