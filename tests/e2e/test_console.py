"""The agents' console in Chromium: by keyboard alone, with hostile texts, across lost connections."""

import re
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.shop import accessibility_faults
from tests.handoff_house import KARI, House, handoff_house
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ORDER = "10482217"
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


@pytest_asyncio.fixture(loop_scope="session")
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    async with handoff_house(house_env) as house:
        yield house


async def log_in(page: Page, house: House, waiting: int) -> None:
    await fill_in(page, house, house.password)
    await expect(page.locator("#queue")).to_be_visible()
    await expect(page.locator("#queue li")).to_have_count(waiting)


async def fill_in(page: Page, house: House, password: str) -> None:
    await page.goto(house.console)
    await page.locator("#email").fill(KARI)
    await page.locator("#password").fill(password)
    await page.keyboard.press("Enter")


async def lose_the_answer(route: Route) -> None:
    """The server takes the request, but what it says to it does not arrive."""
    await route.fetch()
    await route.abort()


async def asks(visitor: Visitor, *said: str, description: str = "") -> None:
    """A visitor says things to the bot, fills in the form and waits in the queue."""
    for text in said:
        await visitor.say(text)
    await visitor.ask_for_person("track_parcel", order_number=ORDER, description=description)
    await visitor.until(lambda me: me.owner.get("position"))


async def test_a_case_by_keyboard_alone(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    async with house.visitor() as visitor:
        await asks(visitor, "Hvor er pakken min?")
        await log_in(page, house, waiting=1)
        assert not await accessibility_faults(page)
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
        assert not await accessibility_faults(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("x")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Velg en sak")).to_be_visible()
        await visitor.until(lambda me: me.owner.get("owner") == "bot")


async def test_hostile_texts_are_shown_as_texts(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    async with house.visitor() as visitor:
        await asks(visitor, *HOSTILE, description="\n".join(HOSTILE))
        await log_in(page, house, waiting=1)
        await page.keyboard.press("c")
        said = page.locator(".entry.visitor .said")
        await expect(said).to_have_count(len(HOSTILE))
        assert set(await said.all_text_contents()) >= set(HOSTILE[:-1])
        await visitor.say(HOSTILE[0])
        await expect(said).to_have_count(len(HOSTILE) + 1)
        assert await page.evaluate("window.hit") is None
        assert await page.locator("iframe, .said *, .facts img, script:not([src])").count() == 0


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
        await page.keyboard.type("Hei!")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ikke sendt.")).to_be_visible()
        await context.unroute("**/reply")
        await context.set_offline(offline=True)
        await page.get_by_role("button", name="Prøv igjen").click()
        await expect(page.get_by_text("Ingen forbindelse")).to_be_visible(timeout=15_000)
        await context.set_offline(offline=False)
        await page.get_by_role("button", name="Prøv igjen").click()
        await expect(page.locator(".entry.mine")).to_have_count(1)
        await expect(page.get_by_text("Direkte")).to_be_visible(timeout=20_000)
        await visitor.until(lambda me: me.by("agent") and me.by("agent")[0]["seq"])
        assert [message["text"] for message in visitor.by("agent")] == ["Hei!"]


async def test_unread_drafts_languages_and_deleting(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    async with house.visitor() as first, house.visitor() as second:
        await asks(first, description="den første")
        await asks(second, description="den andre")
        await log_in(page, house, waiting=2)
        await page.keyboard.press("c")
        await page.get_by_role("textbox").fill("Et utkast")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await page.keyboard.press("c")
        await expect(page.get_by_role("region", name="Opplysninger")).to_contain_text("den andre")
        await first.say("Er du der?")
        await expect(page.locator("#mine").get_by_text("Ny melding").first).to_be_visible()
        await expect(page).to_have_title("(1) Prat")
        await page.keyboard.press("Escape")
        await page.keyboard.press("1")
        await expect(page.get_by_role("textbox")).to_have_value("Et utkast")
        await expect(page.locator("#mine .unread:not([hidden])")).to_have_count(0)
        await page.get_by_label("Språk").select_option("sv")
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


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark")])
async def test_it_works_on_a_narrow_screen(
    house: House, browser: Browser, width: int, scheme: str
) -> None:
    context = await browser.new_context(
        locale="en-GB", viewport={"width": width, "height": 700},
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = await context.new_page()
    async with house.visitor() as visitor:
        await asks(visitor, "A" * 300)
        await log_in(page, house, waiting=1)
        for name in ("Claim: Track a parcel", "Close case …"):
            await expect(page.get_by_role("button", name=name)).to_be_visible()
            assert not await accessibility_faults(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            if name.startswith("Claim"):
                await page.get_by_role("button", name=name).click()
    await context.close()
