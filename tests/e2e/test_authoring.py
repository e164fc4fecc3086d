"""Authoring in Chromium: change an answer, test it, try it in the real chat, publish, go back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from deploy.cli.content import publish_folder
from deploy.local.ports import Ports
from libs.kit.mongo import connect
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.nlu import app as nlu
from services.nlu.authoring.editors import Editors, EditorStore, named
from services.nlu.settings import NluSettings
from services.retention import app as retention
from services.retention.settings import RetentionSettings
from tests.e2e.shop import accessibility_faults
from tests.running import running
from tests.unit.nlu.small import small_starter, write_merchant

__all__ = ["small_starter"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHOP = "fjord"
EMAIL = "siri@fjord.example"
PASSWORD = "not-guessed"
HOSTILE = "<img src=x onerror=window.hit=1>"
CHAT = "Chat med oss"


@dataclass(frozen=True)
class Studio:
    """Where the page listens."""

    url: str

    async def open(self, context: BrowserContext, hash_: str = "") -> Page:
        """The page with an editor logged in."""
        page = await context.new_page()
        await page.goto(self.url)
        await page.locator("#email").fill(EMAIL)
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".topics li")).to_have_count(4)
        if hash_:
            await page.goto(f"{self.url}/{hash_}")
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def studio(
    house_env: Mapping[str, str], small_starter: Path, tmp_path: Path
) -> AsyncIterator[Studio]:
    """Gateway, retention and nlu with its page, and a shop's content on the bus."""
    client = connect(house_env["MONGO_URL"])
    for collection in ("drafts", "draft_steps", "packs", "publications"):
        await client.get_database("prat_nlu").drop_collection(collection)
    store = EditorStore(client)
    await store.prepare()
    await Editors(store).put(named(EMAIL, (SHOP,)), PASSWORD)
    await publish_folder(write_merchant(tmp_path / SHOP, SHOP).parent, house_env)
    ports = Ports()
    public, page, *inner = (ports.any() for _ in range(5))
    kept = f"http://127.0.0.1:{inner[0]}"
    writing = NluSettings(
        nlu_authoring_port=page, nlu_internal_port=inner[1], nlu_encoder="off",
        gateway_url=f"http://127.0.0.1:{public}",
    )  # fmt: skip
    visiting = GatewaySettings(
        gateway_public_port=public, gateway_internal_port=inner[2], retention_url=kept
    )
    keeping = RetentionSettings(retention_internal_port=inner[0])
    services = retention.build(keeping), gateway.build(visiting), nlu.build(writing)
    async with running(*services):
        yield Studio(f"http://127.0.0.1:{page}")
    client.close()


async def saved(page: Page) -> None:
    """Waits until the server has kept the change."""
    await expect(page.locator(".toast")).to_have_text("Lagret.")
    await expect(page.get_by_role("button", name="Lagre", exact=True)).to_be_disabled()


async def late_answers(page: Page, address: str) -> asyncio.Event:
    """The server acts at once at this address, but is heard only when the event is set."""
    heard = asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        await heard.wait()
        await route.fulfill(response=answer)

    await page.route(address, hold)
    return heard


async def test_from_an_answer_to_the_running_bot_and_back(
    studio: Studio, context: BrowserContext
) -> None:
    page = await studio.open(context)
    await page.get_by_role("link", name="Hello").click()
    answer = page.get_by_label("Svar", exact=True)
    await answer.fill("Velkommen til {merchant_name}")
    await page.get_by_label("Sett inn et faktum i Svar").select_option("return_days")
    await expect(answer).to_have_value("Velkommen til {merchant_name}{return_days}")
    await answer.fill(
        "Velkommen til {merchant_name}, {return_days, plural, one {# dag} other {# dager}}!"
    )
    await expect(page.locator(".answer .bubble")).to_have_text(
        "Velkommen til Fjellbekk Friluft AS, 30 dager!"
    )
    await page.get_by_label("Legg til eksempler, ett per linje").first.fill(
        "- morn\n- halla du\n- hei"
    )
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("tab", name="norsk")).to_contain_text("7")
    await page.keyboard.press("Control+s")
    await saved(page)
    assert not await accessibility_faults(page)

    await page.get_by_role("link", name="Tren og test").click()
    await expect(page.locator(".tabs [aria-current=page]")).to_have_text("Tren og test")
    await page.get_by_role("button", name="Tren og test nå").click()
    await expect(page.locator(".tiles")).to_contain_text("Tester som består")
    await expect(page.get_by_role("table", name="Tema for tema")).to_contain_text("Hello")
    await expect(page.get_by_role("img", name="gale svar")).to_be_visible()
    assert not await accessibility_faults(page)

    await page.get_by_role("link", name="Prøv", exact=True).click()
    await page.get_by_role("button", name="Start prøven").click()
    await page.get_by_role("button", name=CHAT).click()
    box = page.get_by_role("textbox", name="Skriv en melding")
    await box.fill(f"morn, kari@kunde.example {HOSTILE}")
    await box.press("Enter")
    heard = page.locator(".heard > li").first
    await expect(heard).to_contain_text("Lagres for statistikk som")
    await expect(heard.locator("code").last).not_to_contain_text("kari@kunde.example")
    await expect(page.locator("prat-chat .turn.bot").nth(1)).to_be_visible()
    await box.fill("halla du")
    await box.press("Enter")
    await expect(page.get_by_text("Velkommen til Fjellbekk Friluft AS, 30 dager!")).to_be_visible()
    await expect(page.locator(".heard > li")).to_have_count(2)
    assert await page.evaluate("window.hit") is None

    await page.get_by_role("link", name="Publiser").click()
    await expect(page.locator("prat-chat")).to_have_count(0)
    await expect(page.locator(".differences ins").first).to_contain_text("morn")
    await page.get_by_label("Hva gjelder det?").fill("Vennligere")
    await page.get_by_role("button", name="Publiser nå").click()
    await expect(page.locator(".versions > li")).to_have_count(2)
    await expect(page.locator(".versions > li").first).to_contain_text("Vennligere")
    await expect(page.locator(".versions > li").first).to_contain_text("i bruk")
    assert not await accessibility_faults(page)
    await page.get_by_role("button", name="Forskjell fra nå").click()
    await expect(page.locator(".difference del").first).to_contain_text("morn")
    await page.get_by_role("button", name="Gå tilbake til denne").click()
    await page.get_by_role("button", name="Publiser den på nytt").click()
    await expect(page.locator(".versions > li")).to_have_count(3)


async def test_text_problems_and_their_lines(studio: Studio, context: BrowserContext) -> None:
    page = await studio.open(context, "#/topic/returns")
    await page.get_by_role("tab", name="Tekst (YAML)").click()
    text = page.locator("textarea.yaml")
    before = await text.input_value()
    await text.fill(before.replace("{return_days} days", "{return_dagar} days"))
    await page.keyboard.press("Control+s")
    await saved(page)
    await page.get_by_role("button", name="Linje 41").click()
    await expect(text).to_be_focused()
    assert await text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == (
        '    en: "You have {return_dagar} days."'
    )
    await expect(page.locator(".topics").get_by_text("1 feil")).to_be_visible()
    await page.get_by_role("link", name="Publiser").click()
    await expect(page.get_by_role("link", name="topics/returns.yaml:41")).to_be_visible()
    await expect(page.get_by_role("button", name="Publiser nå")).to_have_count(0)
    assert not await accessibility_faults(page)
    answered = await late_answers(page, "**/undo")
    await page.keyboard.press("Control+z")
    await page.get_by_role("button", name="Forkast utkastet …").click()
    await page.get_by_role("button", name="Forkast", exact=True).click()
    answered.set()
    await expect(page.locator(".draft-state")).to_have_text("Likt det som er publisert")


async def test_facts_new_topics_and_hostile_words(studio: Studio, context: BrowserContext) -> None:
    page = await studio.open(context, "#/facts")
    await page.get_by_label("Dager med returrett").fill("45")
    await page.get_by_role("button", name="Lagre", exact=True).click()
    await saved(page)
    await page.get_by_role("button", name="Nytt tema …").click()
    await page.get_by_label("Navn", exact=True).fill("repairs")
    await page.get_by_role("button", name="Opprett").click()
    await page.get_by_label("Tittel").fill(HOSTILE)
    await page.get_by_label("Svar", exact=True).fill(HOSTILE)
    await page.get_by_role("tab", name="engelsk").click()
    await page.get_by_label("Tittel").fill(HOSTILE)
    await page.get_by_role("link", name="Fakta om butikken").first.click()
    await expect(page.get_by_label("Dager med returrett")).to_have_value("45")
    await expect(page.locator(".topics").get_by_text(HOSTILE)).to_be_visible()
    await page.get_by_label("Søk i temaer").fill("onerror")
    await expect(page.locator(".topics li")).to_have_count(1)
    assert await page.evaluate("window.hit") is None
    assert await page.locator(".topics img").count() == 0
    await page.get_by_role("link", name=HOSTILE).click()
    await page.get_by_role("button", name="Fjern temaet …").click()
    await page.get_by_role("button", name="Fjern", exact=True).click()
    await expect(page.locator(".topics li")).to_have_count(0)


async def test_two_editors_at_once(studio: Studio, context: BrowserContext) -> None:
    first = await studio.open(context, "#/topic/greeting")
    second = await context.new_page()
    await second.goto(f"{studio.url}/#/topic/greeting")
    await expect(second.get_by_label("Svar", exact=True)).not_to_have_value("")
    for page, words in ((first, "Min"), (second, "Din")):
        await page.get_by_label("Svar", exact=True).fill(words)
        await page.keyboard.press("Control+s")
        if page is first:
            await saved(page)
    await expect(second.get_by_role("dialog")).to_contain_text(EMAIL)
    await second.get_by_role("button", name="Hent det nyeste utkastet").click()
    await expect(second.get_by_label("Svar", exact=True)).to_have_value("Min")
    await examples_from_the_inbox(studio, await context.new_page())


async def examples_from_the_inbox(studio: Studio, page: Page) -> None:
    """They are filled in, not saved, leave the address bar, and are text whatever they are."""
    given = urlencode(
        {"shop": SHOP, "language": "en", "example": ["swap a gift card", HOSTILE]}, doseq=True
    )
    await page.goto(f"{studio.url}/#/topic/returns?{given}")
    await expect(page.get_by_text("2 eksempler fra innboksen")).to_be_visible()
    await expect(page.get_by_role("tab", name="engelsk")).to_have_attribute("aria-selected", "true")
    await expect(page.locator(".lines").first.locator("input").last).to_have_value(HOSTILE)
    await expect(page.get_by_text("Ikke lagret ennå")).to_be_visible()
    assert page.url == f"{studio.url}/#/topic/returns"
    assert await page.evaluate("window.hit") is None
    assert not await accessibility_faults(page)
    await page.keyboard.press("Control+s")
    await saved(page)


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(320, "light", "fi-FI"), (390, "dark", "da-DK")]
)
async def test_it_works_on_a_narrow_screen(
    studio: Studio, browser: Browser, width: int, scheme: str, locale: str
) -> None:
    context = await browser.new_context(
        locale=locale, viewport={"width": width, "height": 700},
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = await studio.open(context)
    assert await page.locator("html").get_attribute("lang") == locale[:2]
    for hash_, seen in (
        ("#/topic/returns", ".lines li"), ("#/facts", ".facts fieldset"), ("#/test", ".head"),
        ("#/preview", ".try"), ("#/publish", ".publish"), ("#/versions", ".versions"), ("#", ".topics"),
    ):  # fmt: skip
        await page.goto(f"{studio.url}/{hash_}")
        await expect(page.locator(seen).first).to_be_visible()
        assert not await accessibility_faults(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await context.close()
