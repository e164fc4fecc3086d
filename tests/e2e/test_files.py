"""Files for people: given, seen, had again; what cannot be given is said in words, and nothing is lost."""

import io
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, FilePayload, Page, Route, expect

from tests.builders import ALL_DAY
from tests.e2e.floor import working
from tests.e2e.shop import accessibility_faults
from tests.e2e.stage import GATEWAY, PAGE, Stage, shown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CODE = "<img src=x onerror=alert(1)>.png"
PDF = b"%PDF-1.7\n%%EOF\n"
POLICY = (
    f"default-src 'none'; script-src {GATEWAY}; connect-src {GATEWAY} {GATEWAY.replace('http', 'ws')};"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HAND_IN = """([kind, name, type]) => {
    const data = new DataTransfer();
    data.items.add(new File(["%PDF-1.7"], name, {type}));
    const target = document.querySelector("prat-chat").shadowRoot.querySelector("textarea");
    const more = {bubbles: true, composed: true, cancelable: true};
    target.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, {...more, clipboardData: data})
        : new DragEvent(kind, {...more, dataTransfer: data}));
}"""
SMALL = """all => all.filter(one => one.getClientRects().length).map(one => one.getBoundingClientRect())
    .filter(({width, height}) => Math.min(width, height) < 44).length"""


def photo() -> bytes:
    """A picture of a damaged parcel, more or less."""
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "tan").save(made, "PNG")
    return made.getvalue()


def file(name: str, content: bytes = PDF, kind: str = "application/pdf") -> FilePayload:
    """A file as a visitor chooses it."""
    return {"name": name, "mimeType": kind, "buffer": content}


class Shelf(Stage):
    """A stage whose gateway takes files, and whose shop allows the chat and nothing else."""

    def __init__(self, context: BrowserContext, language: str = "nb") -> None:
        super().__init__(context, language)
        self.merchant = {"attachments": "people"}
        self.given: list[str] = []
        self.refused: list[str] = []
        self.is_slow = False

    async def _shop(self, route: Route) -> None:
        text = PAGE.format(language=self.language, direction="ltr")
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
        await route.fulfill(body=text, headers=headers)

    async def _gateway(self, route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        headers = {"access-control-allow-origin": "*"}
        if "/attachments/" not in route.request.url:
            await super()._gateway(route)
        elif self.is_away:
            await route.abort()
        elif route.request.method == "GET":
            await route.fulfill(body=photo(), content_type="image/png", headers=headers)
        elif self.is_slow:
            self.is_slow = False
        elif self.refused and (code := self.refused.pop(0)):
            await route.fulfill(status=413, json={"error": {"code": code}}, headers=headers)
        else:
            self.given.append(name)
            told = {"attachment_id": str(uuid5(NAMESPACE_OID, name)), "size": 1200,
                    "media_type": route.request.headers["content-type"]}  # fmt: skip
            await route.fulfill(status=201, json=told, headers=headers)


async def choose(page: Page, *files: FilePayload) -> None:
    """Chooses files in the system's dialog."""
    async with page.expect_file_chooser() as chooser:
        await page.locator(".clip").click()
    await (await chooser.value).set_files(files)


async def send(page: Page, text: str = "") -> None:
    """Sends the text with what is in the tray."""
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")


async def test_what_cannot_be_given_is_said_and_nothing_is_lost(context: BrowserContext) -> None:
    shelf = Shelf(context)
    page = await shelf.open(owner="agent", agent="Kari")
    await shown(page)
    await choose_what_cannot_be_given(page)
    await send_while_the_gateway_refuses_and_is_away(shelf, page)
    await send_when_it_is_too_late(shelf, page)
    assert await page.evaluate("document.body.lastElementChild.localName") == "prat-chat"


async def choose_what_cannot_be_given(page: Page) -> None:
    """A film, 6 MB, a name that is code; out again by keyboard; two more are pasted and dropped."""
    tray, status = page.locator(".tray li"), page.get_by_role("status")
    await choose(page, file("film.mov", b"moov", "video/quicktime"))
    await expect(status).to_have_text("Bare JPEG, PNG, WebP og PDF kan sendes.")
    await choose(page, file("stor.pdf", PDF + bytes(6_000_000)), file(CODE, photo(), "image/png"))
    await expect(tray.locator("b")).to_have_text(
        ["Bare JPEG, PNG, WebP og PDF kan sendes.", "Større enn 5 MB."]
    )
    await expect(tray.locator("bdi").last).to_have_text(CODE)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not await accessibility_faults(page), scheme
    assert await page.locator(".write button").evaluate_all(SMALL) == 0
    await page.get_by_role("button", name="Fjern film.mov").press("Enter")
    await expect(page.get_by_role("button", name="Fjern stor.pdf")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(status).to_have_text("Filen er fjernet.")
    await page.evaluate(HAND_IN, ["paste", "limt inn.pdf", "application/pdf"])
    await page.evaluate(HAND_IN, ["drop", "sluppet.pdf", "application/pdf"])
    await expect(tray).to_have_count(3)


async def send_while_the_gateway_refuses_and_is_away(shelf: Shelf, page: Page) -> None:
    """The message comes back with what is wrong; without that file it waits, and goes once."""
    tray, status = page.locator(".tray li"), page.get_by_role("status")
    shelf.refused = ["", "attachment_too_large"]
    await send(page, "Tre filer")
    await expect(status).to_have_text("Bildet har for mange piksler. Send et mindre.")
    await expect(tray.locator("b")).to_have_count(1)
    await expect(page.get_by_role("textbox")).to_have_value("Tre filer")
    await expect(page.locator(".turn.visitor")).to_have_count(0)
    await tray.nth(1).get_by_role("button").click()
    shelf.is_away = True
    await page.get_by_role("textbox").press("Enter")
    await expect(page.locator(".state")).to_have_text("Venter på forbindelse")
    assert not shelf.sent("message")
    shelf.is_away = False
    await expect(status).to_have_text("Filene er sendt.")
    assert len(shelf.given) == len(set(shelf.given)) == 2, "what is there is not given again"
    (said,) = shelf.sent("message")
    assert said["text"] == "Tre filer"
    await expect(page.locator(".file canvas")).to_be_visible()
    assert said["attachments"] == [str(uuid5(NAMESPACE_OID, key)) for key in shelf.given]
    assert not await accessibility_faults(page)


async def send_when_it_is_too_late(shelf: Shelf, page: Page) -> None:
    """A sixth file, and a case that ends meanwhile: files stay where they are, words can be sent.
    Who logs out leaves nothing that goes on.
    """
    tray = page.locator(".tray li")
    await choose(page, *(file(f"{number}.pdf") for number in range(4)))
    await expect(tray.locator("b")).to_have_text(["Høyst 5 filer i en samtale."])
    shelf.refuses = {"message": "unknown_attachment"}
    await send(page)
    await expect(page.locator(".turn.visitor")).to_have_count(1)
    await expect(tray).to_have_count(4)
    shelf.own("bot")
    await expect(tray.locator("b").first).to_have_text(
        "Filer er for mennesker, og ingen er i chatten nå."
    )
    await expect(page.locator(".clip")).to_be_hidden()
    shelf.refuses = {}
    await send(page, "Uten filer")
    await shelf.until(lambda: len(shelf.sent("message")) == 3)
    assert "attachments" not in shelf.sent("message")[-1]

    shelf.own("agent", agent="Kari")
    await expect(tray.locator("b")).to_have_count(1)
    shelf.is_slow = True
    await page.get_by_role("textbox").press("Enter")
    await expect(page.locator(".state").last).to_have_text("Sender …")
    async with page.expect_event("requestfailed"):
        await page.evaluate("window.Prat.logout()")
    await expect(page.locator(".turn.visitor, .tray li")).to_have_count(0)


async def test_a_shop_that_takes_none_and_a_bot_load_nothing_of_it(context: BrowserContext) -> None:
    shelf = Shelf(context)
    page = await shelf.open()
    await shown(page)
    shelf.merchant = {"attachments": "off"}
    await page.reload()
    await shown(page)
    shelf.own("queue", position=1)
    await expect(page.locator(".people")).to_be_visible()
    assert not [path for path in shelf.asked if "/files/" in path]


async def test_files_go_to_people_and_come_back_on_another_page(
    house_env: Mapping[str, str], context: BrowserContext
) -> None:
    async with working(house_env, context, ALL_DAY, attachments="people") as floor:
        page, tray = floor.page, floor.page.locator(".tray li")
        await floor.open()
        await floor.says("Esken er knust")
        await floor.asks()
        await choose(
            page, file("eske.png", photo(), "image/png"), file("feil.pdf"), file("kvittering.pdf")
        )
        await expect(tray).to_have_count(3)
        await page.get_by_role("button", name="Fjern feil.pdf").click()
        await send(page, "Her er den")
        await expect(page.get_by_role("status")).to_have_text("Filene er sendt.")
        await expect(page.locator(".state").last).to_have_text("Levert")
        await expect(page.locator(".file canvas")).to_be_visible()
        await send(page)
        sent = (await floor.download())[-1]
        assert [one["media_type"] for one in sent["attachments"]] == [
            "image/png",
            "application/pdf",
        ]

        await page.reload()
        await page.get_by_role("button", name="Chat med oss").click()
        await expect(page.locator(".file canvas")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Last ned PDF").click()
        saved = await download.value
        assert saved.suggested_filename == f"{sent['attachments'][1]['attachment_id']}.pdf"
        assert Path(await saved.path()).read_bytes() == PDF
        await expect(page.locator(".turn.visitor .file")).to_have_count(2)
