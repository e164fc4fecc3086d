"""The agents' console in Chromium: by keyboard alone, with hostile texts, across lost connections."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Route, expect

from libs.kit.content import Packs
from tests.builders import pack
from tests.e2e.desk import ORDER, asks, fill_in, log_in, lose_the_answer
from tests.e2e.shop import accessibility_faults
from tests.handoff_house import KARI, House, handoff_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = (
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    "<svg/onload=window.hit=1>",
    '"><iframe srcdoc="<script>parent.hit=1</script>">',
    "javascript:window.hit=1",
    "<a href=javascript:window.hit=1>x</a>",
    "{{constructor.constructor('window.hit=1')()}}",
    "</p></div><style>*{display:none}</style>",
    "\u202egnp.exe\u202c \u0000 \U000e0041",
)
TAGS = (
    "img src=x", "svg", "body", "video src=x", "audio src=x", "details open", "iframe src=x",
    "input autofocus", "select autofocus", "textarea autofocus", "marquee", "object data=x",
    "embed src=x", "math", "style", "link rel=stylesheet href=x", "form", "button autofocus",
    "a href=# autofocus", "div contenteditable", "video><source", "isindex", "table background=x",
    "base href=javascript:", "meta http-equiv=refresh",
)  # fmt: skip
HANDLERS = ("onerror", "onload", "onfocus", "ontoggle", "onpageshow")
ENDINGS = ('"><{} {}=window.hit=1>', "'/><{}/{}=window.hit=1//", "</textarea><{} {}=`window.hit=1`>",
           "<!--><{} {}=window.hit=1-->")  # fmt: skip
CORPUS = tuple(
    ending.format(tag, handler) for tag in TAGS for handler in HANDLERS for ending in ENDINGS
)


@pytest_asyncio.fixture(loop_scope="session")
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    packs = Packs(pack(attachments="people"))
    async with handoff_house(house_env, KARI, packs=packs) as house:
        yield house


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(made, "PNG")
    return made.getvalue()


async def test_a_case_by_keyboard_alone(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    async with house.visitor() as visitor:
        await asks(visitor, "Hvor er pakken min?")
        await log_in(page, house, waiting=1)
        assert not await accessibility_faults(page)
        await page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Hurtigtaster").locator("kbd")
        await expect(keys).to_have_text([*"?cjk19fr/ntbx", "Esc"])
        await page.keyboard.press("Escape")
        await page.keyboard.press("c")
        box = page.get_by_role("textbox", name="Svaret ditt")
        await expect(box).to_be_focused()
        await expect(page.get_by_role("region", name="Opplysninger")).to_contain_text(ORDER)
        await page.keyboard.type("Den er på vei?")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("c x 1 r")
        await page.keyboard.press("Enter")
        await visitor.until(lambda me: me.by("agent"))
        assert visitor.by("agent")[0]["text"] == "Den er på vei?\nc x 1 r"
        log = page.get_by_role("log")
        await expect(log.get_by_text("Kari (Kundeservice)")).to_have_count(1)
        await visitor.say("Takk!")
        await expect(log).to_contain_text("Takk!")
        await visitor.give(picture())
        await page.get_by_role("button", name="Vis: Bilde").focus()
        assert await page.locator(".files img").count() == 0, "nothing is fetched unasked"
        await page.route("**/attachments/*", lambda route: route.fulfill(status=410))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Filen kan ikke hentes.")).to_be_visible()
        await page.unroute("**/attachments/*")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("img", name="Bilde fra den besøkende")).to_be_visible()
        assert await page.locator(".files img").evaluate(
            "img => img.decode().then(() => img.width)"
        )
        async with page.expect_download() as saving:
            await page.get_by_role("link", name="Last ned: Bilde").press("Enter")
        assert re.fullmatch(r"[0-9a-f-]{36}\.png", (await saving.value).suggested_filename)
        await box.focus()
        assert not await accessibility_faults(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("x")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert not await accessibility_faults(page)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Velg en sak")).to_be_visible()
        await visitor.until(lambda me: me.owner.get("owner") == "bot")


async def test_a_look_begun_before_the_claim_does_not_hide_the_answer_box(
    house: House, context: BrowserContext
) -> None:
    page = await context.new_page()
    begun, listed = asyncio.Event(), asyncio.Event()

    async def answered_late(route: Route) -> None:
        answer = await route.fetch()
        begun.set()
        await listed.wait()
        await route.fulfill(response=answer)

    async with house.visitor() as visitor:
        await asks(visitor)
        await log_in(page, house, waiting=1)
        await page.locator("#queue .open").click()
        await expect(page.locator(".case h2")).to_be_focused()
        await page.route("**/api/cases/*?after=*", answered_late, times=1)
        await visitor.say("Jeg er her")
        await begun.wait()
        await page.keyboard.press("c")
        await expect(page.locator("#mine li")).to_have_count(1)
        listed.set()
        await expect(page.locator("#reply")).to_be_focused()


async def test_hostile_texts_are_shown_as_texts(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    assert len(CORPUS) == 500
    lots = ["\n".join(CORPUS[start : start + 50]) for start in range(0, 500, 50)]
    async with house.visitor() as visitor:
        await asks(visitor, *HOSTILE, *lots, description="\n".join(CORPUS[:40]))
        await log_in(page, house, waiting=1)
        await page.keyboard.press("c")
        said = page.locator(".entry.visitor .said")
        await expect(said).to_have_count(len(HOSTILE) + len(lots))
        assert set(await said.all_text_contents()) >= {*HOSTILE[:-1], *lots}
        await page.locator("#note").fill(lots[0])
        await page.get_by_role("button", name="Legg til notat").click()
        await expect(page.locator(".notes .note")).to_have_text(lots[0], use_inner_text=False)
        await page.locator("#reply").fill(lots[1])
        await page.locator("#reply").press("Enter")
        await visitor.until(lambda me: me.by("agent"))
        await page.get_by_role("searchbox").fill("onerror=window")
        await expect(page.locator(".found mark").first).to_have_text("onerror=window")
        assert await page.evaluate("window.hit") is None
        made = (
            "iframe, object, embed, math, marquee, style, .case img, .side img, script:not([src])"
        )
        assert await page.locator(made).count() == 0


async def test_a_lost_connection_is_shown_and_nothing_is_sent_twice(
    house: House, context: BrowserContext
) -> None:
    page = await context.new_page()
    async with house.visitor() as visitor:
        await asks(visitor)
        await log_in(page, house, waiting=1)
        await page.keyboard.press("c")
        await expect(page.get_by_role("textbox", name="Svaret ditt")).to_be_focused()
        await context.route("**/reply", lose_the_answer)
        async with page.expect_event("requestfailed", lambda one: one.url.endswith("/reply")):
            await page.keyboard.type("Hei!")
            await page.keyboard.press("Enter")
        await context.set_offline(offline=True)
        await context.unroute("**/reply")
        await page.keyboard.type("Er du der?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ikke sendt.").last).to_be_visible()
        await expect(page.get_by_text("Det du skriver, blir her")).to_be_visible()
        await visitor.say("Jeg er her")
        await context.set_offline(offline=False)
        await expect(page.get_by_text("Jeg er her")).to_have_count(1)
        await expect(page.get_by_text("Direkte")).to_be_visible()
        await expect(page.locator(".offline")).to_be_hidden()
        await visitor.until(lambda me: len([m for m in me.by("agent") if m["seq"]]) == 2)
        assert [message["text"] for message in visitor.by("agent")] == ["Hei!", "Er du der?"]
        await expect(page.locator(".entry.mine")).to_have_count(2)
        await expect(page.get_by_text("Ikke sendt.")).to_have_count(0)


async def test_unread_drafts_languages_and_deleting(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    async with house.visitor() as first, house.visitor() as second:
        await asks(first, description="den første")
        await asks(second, description="den andre")
        await log_in(page, house, waiting=2)
        await page.keyboard.press("c")
        await page.locator("#reply").fill("Et utkast")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await page.keyboard.press("c")
        await expect(page.get_by_role("region", name="Opplysninger")).to_contain_text("den andre")
        await first.say("Er du der?")
        await expect(page.locator("#mine").get_by_text("Ny melding").first).to_be_visible()
        await expect(page).to_have_title("(1) Prat")
        await page.keyboard.press("Escape")
        await page.keyboard.press("1")
        await expect(page.locator("#reply")).to_have_value("Et utkast")
        await expect(page.locator("#mine .unread:not([hidden])")).to_have_count(0)
        await page.get_by_role("button", name="Kari, meny").click()
        await page.get_by_label("Språk").select_option("sv")
        await expect(page.get_by_role("textbox", name="Ditt svar")).to_have_value("Et utkast")
        await expect(page.get_by_role("button", name="Avsluta ärendet …")).to_be_visible()
        await expect(page.get_by_text(re.compile(r"Raderas \d+ \w+ 20\d\d"))).to_be_visible()
        await page.get_by_role("button", name="Radera …").click()
        await expect(page.get_by_role("button", name="Avbryt")).to_be_focused()
        await page.get_by_role("button", name="Radera för gott").click()
        await expect(page.get_by_role("heading", name="Raderat")).to_be_visible()
        await first.until(lambda me: me.closed_with == 4410)
        assert "den första" not in await page.locator("body").inner_text()


async def test_an_ended_session_and_a_wrong_password_are_said(
    house: House, context: BrowserContext
) -> None:
    page = await context.new_page()
    await fill_in(page, house, "wrong")
    await expect(page.get_by_role("alert")).to_contain_text("feil")
    await log_in(page, house, waiting=0)
    assert await page.evaluate("document.cookie") == ""
    await context.clear_cookies()
    await expect(page.get_by_role("alert")).to_contain_text("Økten", timeout=10_000)


async def test_who_does_nothing_is_away_and_back_at_a_touch(
    house: House, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.clock.install()
    await log_in(page, house, waiting=0)
    await expect(page.get_by_role("button", name="På plass")).to_be_visible()
    await page.clock.fast_forward("10:30")
    await expect(page.get_by_role("button", name="Borte")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Borte")).to_be_visible()
    await page.mouse.move(200, 200)
    await expect(page.get_by_role("button", name="På plass")).to_be_visible()


async def test_notices_are_off_until_they_are_wanted_and_quote_nobody(
    house: House, context: BrowserContext
) -> None:
    page, told = await context.new_page(), []
    page.on("console", lambda line: told.append(line.text) if line.text[:4] == "told" else None)
    await page.add_init_script(
        "document.hasFocus = () => false; window.Notification = class {"
        " static permission = 'granted'; static requestPermission = async () => 'granted';"
        " constructor(title, { body }) { console.info(`told ${title}: ${body}`); } };"
    )

    def next_notice() -> Any:
        return page.expect_console_message(lambda line: line.text[:4] == "told")

    async with house.visitor() as first, house.visitor() as second, house.visitor() as third:
        await log_in(page, house, waiting=0)
        await asks(first)
        await expect(page.locator("#queue li")).to_have_count(1)
        assert told == []
        await page.get_by_role("button", name="Kari, meny").click()
        await page.get_by_label("På skrivebordet").check()
        await page.get_by_label("Med lyd").check()
        await page.keyboard.press("Escape")
        async with next_notice():
            await asks(second, "en hemmelighet", description="en hemmelighet")
        await page.locator("#queue .claim").first.click()
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        async with next_notice():
            await first.say("en hemmelighet til")
        await page.reload()
        await expect(page.locator("#queue li")).to_have_count(1)
        async with next_notice():
            await asks(third)
        case = "Track a parcel · Fjellbekk Friluft AS"
        assert told == [
            f"told {news}: {case}" for news in ("Noen venter", "Ny melding", "Noen venter")
        ]


@pytest.mark.parametrize(
    ("width", "height", "options"),
    [
        (320, 256, {}),
        (390, 844, {"color_scheme": "dark", "has_touch": True}),
        (1100, 700, {"forced_colors": "active", "reduced_motion": "reduce"}),
        (1440, 900, {"color_scheme": "dark"}),
    ],
)
async def test_it_works_on_every_screen(
    house: House, browser: Browser, width: int, height: int, options: dict[str, Any]
) -> None:
    context = await browser.new_context(
        locale="en-GB", viewport={"width": width, "height": height}, **options
    )
    page = await context.new_page()

    async def is_sound() -> None:
        assert not await accessibility_faults(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width

    async with house.visitor() as visitor:
        await asks(visitor, "A" * 300, description="B" * 200)
        await log_in(page, house, waiting=1)
        await is_sound()
        for name in ("Online 0 of 4", "Kari, menu"):
            await page.get_by_role("button", name=name).click()
            await is_sound()
            await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Claim: Track a parcel").click()
        await expect(page.locator("#reply")).to_be_visible()
        await is_sound()
        aside = page.get_by_role("button", name="Notes and suggestions")
        if await aside.is_visible():
            await aside.click()
            await is_sound()
            await page.get_by_role("button", name="Back to the conversation").click()
        for name in ("Pass on …", "Give back …", "Delete …", "Close case …"):
            await page.get_by_role("button", name=name).click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await is_sound()
            await page.get_by_role("button", name="Cancel").click()
    await context.close()
