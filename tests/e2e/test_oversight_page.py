"""Data requests, accounts and the audit log in Chromium, for those who look after others."""

import email
from collections.abc import AsyncIterator, Mapping
from email.policy import default
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from libs.kit.mongo import connect
from services.handoff.administration import Administration, administration
from services.handoff.settings import HandoffSettings
from tests.e2e.desk import OLA, ORDER, asks, desk_of, fill_in, staffed_house
from tests.e2e.shop import accessibility_faults
from tests.handoff_house import KARI, House
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

IDA = "ida@fjellbekk.example"
DPO = "dina@fjellbekk.example"
NORA = "nora@kunde.example"
NEW = "nils@fjellbekk.example"


@pytest_asyncio.fixture(loop_scope="session")
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    async with staffed_house(house_env) as (house, _):
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def office(house: House, house_env: Mapping[str, str]) -> AsyncIterator[Administration]:
    client = connect(house_env["MONGO_URL"])
    yield administration(client, HandoffSettings(), "test")
    client.close()


async def at_oversight(page: Page, house: House, office: Administration) -> None:
    password = await office.add(IDA, "Ida", "fjellbekk", ["merchant_admin"], [])
    await fill_in(page, house, password, IDA)
    await page.get_by_role("button", name="Ida, meny").click()
    await page.get_by_role("button", name="Personvern, kontoer og innsynslogg").click()
    await page.get_by_role("button", name="Kontoer", exact=True).click()
    await expect(page.locator(".people > li")).to_have_count(3)


async def test_an_admin_makes_an_account_and_it_opens_the_desk(
    house: House, office: Administration, context: BrowserContext, browser: Browser
) -> None:
    page = await context.new_page()
    await at_oversight(page, house, office)
    assert not await accessibility_faults(page)
    await page.get_by_role("button", name="Ny konto …").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("E-postadresse").fill(NEW)
    await dialog.get_by_label("Områder").fill("delivery")
    assert not await accessibility_faults(page)
    await dialog.get_by_role("button", name="Opprett konto").click()
    password = await dialog.locator(".secret code").inner_text()
    await dialog.get_by_role("button", name="Jeg har tatt vare på det").click()
    row = page.locator(f'[data-id="{NEW}"]')
    await expect(row).to_contain_text("Kundeservice · delivery")
    assert password not in await page.content()
    async with desk_of(browser, house, NEW, password) as desk:
        await row.get_by_role("button", name="Steng ute …").click()
        await page.get_by_role("dialog").get_by_role("button", name="Steng ute").click()
        await expect(row.locator(".shut-out")).to_be_visible()
        await expect(desk.get_by_role("alert")).to_contain_text("session has ended")
    await row.get_by_role("button", name="Slipp inn igjen").click()
    await expect(row.locator(".shut-out")).to_have_count(0)


async def test_roles_second_factors_and_what_is_not_possible(
    house: House, office: Administration, context: BrowserContext
) -> None:
    page = await context.new_page()
    await at_oversight(page, house, office)
    ola, dialog = page.locator(f'[data-id="{OLA}"]'), page.get_by_role("dialog")
    await ola.get_by_role("button", name="Roller og områder …").click()
    await expect(dialog.get_by_label("Kundeservice")).to_be_checked()
    await dialog.get_by_label("Teamleder").check()
    await dialog.get_by_role("button", name="Lagre").click()
    await expect(ola).to_contain_text("Teamleder")
    await ola.get_by_role("button", name="Ny tofaktor …").click()
    await dialog.get_by_role("button", name="Sett opp").click()
    await expect(dialog.locator(".codes li")).to_have_count(10)
    await expect(dialog.get_by_role("img", name="QR-kode til autentiseringsappen")).to_be_visible()
    assert not await accessibility_faults(page)
    await dialog.get_by_role("button", name="Jeg har tatt vare på det").click()
    await expect(ola.locator(".tag.good")).to_have_text("Tofaktor")
    await page.get_by_role("button", name="Ny konto …").click()
    await dialog.get_by_label("E-postadresse").fill(KARI)
    await dialog.get_by_role("button", name="Opprett konto").click()
    await expect(page.get_by_role("alert")).to_contain_text("kan ha en konto fra før")


async def test_the_audit_log_is_shown_and_checked(
    house: House, office: Administration, context: BrowserContext
) -> None:
    page = await context.new_page()
    await at_oversight(page, house, office)
    await page.get_by_role("button", name="Innsynslogg", exact=True).click()
    await expect(page.locator(".entries li").first).to_contain_text("opprettet en konto")
    await page.get_by_role("button", name="Kontroller loggen").click()
    await expect(page.locator(".audit-state.good")).to_contain_text("Hele loggen er uendret")
    assert not await accessibility_faults(page)
    await page.get_by_role("textbox", name="Person").fill("nobody@fjellbekk.example")
    await page.get_by_role("button", name="Vis", exact=True).click()
    await expect(page.locator(".entries li")).to_have_count(0)


async def test_an_admin_sees_that_somebody_waits_and_not_what_was_said(
    house: House, office: Administration, context: BrowserContext
) -> None:
    page = await context.new_page()
    async with house.visitor() as visitor:
        await asks(visitor, "en hemmelighet", description="en hemmelighet")
        password = await office.add(IDA, "Ida", "fjellbekk", ["merchant_admin"], [])
        await fill_in(page, house, password, IDA)
        await expect(page.locator("#queue li")).to_have_count(1)
        await expect(page.locator(".presence, .claim")).to_have_count(0)
        await page.locator("#queue .open").click()
        await expect(page.get_by_role("heading", name="kan du ikke åpne")).to_be_focused()
        assert "hemmelighet" not in await page.content()
        assert not await accessibility_faults(page)


async def test_a_wrong_order_number_is_corrected_for_whoever_confirms_by_mail(
    house: House, office: Administration, context: BrowserContext, house_env: Mapping[str, str]
) -> None:
    page = await context.new_page()
    password = await office.add(DPO, "Dina", "fjellbekk", ["dpo"], [])
    async with house.visitor() as visitor:
        await visitor.ask_for_person("track_parcel", order_number="10482218", email=NORA)
        await visitor.until(lambda me: me.owner.get("position"))
        await fill_in(page, house, password, DPO)
        await page.get_by_role("button", name="Dina, meny").click()
        await page.get_by_role("button", name="Personvern, kontoer og innsynslogg").click()
        await expect(page.get_by_role("heading", name="Ingen forespørsler venter")).to_be_visible()
        await page.get_by_role("button", name="Ny forespørsel …").click()
        dialog, row = page.get_by_role("dialog"), page.locator(".requests > li")
        await dialog.get_by_label("Hva gjelder det?").select_option("rectification")
        await dialog.get_by_role("button", name="Registrer").click()
        await expect(row).to_contain_text("Venter på å vite hvem det er")
        await row.get_by_role("button", name="Lenke på e-post …").click()
        await dialog.get_by_label("E-postadresse").fill(NORA)
        assert not await accessibility_faults(page)
        await dialog.get_by_role("button", name="Send lenken").click()
        await expect(row).to_contain_text("Venter på svar på e-posten")
        person = await context.new_page()
        await person.goto(mailed_link(house_env))
        assert not await accessibility_faults(person)
        await person.get_by_role("button", name="Ja, det var meg").click()
        await expect(person.get_by_text("Takk!")).to_be_visible()
        await person.close()
        # With another page in front of it every press takes a second or more.
        await page.bring_to_front()
        await expect(row).to_contain_text("1 samtale funnet")
        assert not await accessibility_faults(page)
        await row.get_by_role("button", name="Rett opplysninger …").click()
        await dialog.get_by_label("Order number").fill(ORDER)
        await dialog.get_by_role("button", name="Lagre").click()
        await row.get_by_role("button", name="Utført og svart").click()
        await expect(row.locator(".clock")).to_have_text("Besvart")
        await row.get_by_role("button", name="Avslutt").click()
        await expect(row).to_have_count(0)
        await page.get_by_role("button", name="Personvern", exact=True).click()
        await expect(page.locator(".kept")).to_contain_text("I tide")
        assert not await accessibility_faults(page)
        own = f"/v1/conversations/{visitor.conversation_id}/export"
        export = (await visitor.call("GET", own)).json()
        await page.get_by_role("button", name="Personvernforespørsler", exact=True).click()
        await objected(page, visitor)
    facts = {"order_number": ORDER, "email": NORA}
    assert export["cases"][0]["facts"] == export["messages"][0]["fields"] == facts
    assert [(one["what"], one["roles"]) for one in export["read_by"]] == [
        ("rights_read", ["dpo"]), ("rights_corrected", ["dpo"]),
    ]  # fmt: skip


async def objected(page: Page, visitor: Visitor) -> None:
    """The desk turns the visitor's own switch, shows how it stands, and the open chat hears of it."""
    dialog, row = page.get_by_role("dialog"), page.locator(".requests > li")
    await page.get_by_role("button", name="Ny forespørsel …").click()
    await dialog.get_by_label("Hva gjelder det?").select_option("objection")
    await dialog.get_by_role("button", name="Registrer").click()
    await row.get_by_role("button", name="Samtalens referanse …").click()
    await dialog.get_by_label("conversation_id").fill(visitor.conversation_id)
    await dialog.get_by_role("button", name="Bekreft").click()
    await expect(row.locator(".copies")).to_contain_text("brukes til forbedring")
    await row.get_by_role("button", name="Stans forbedring …").click()
    await dialog.get_by_role("button", name="Stans", exact=True).click()
    await expect(row.locator(".copies")).to_contain_text("brukes ikke til forbedring")
    assert not await accessibility_faults(page)
    await visitor.until(
        lambda me: [one["objects"] for one in me.frames if one["type"] == "objection"]
    )


def mailed_link(env: Mapping[str, str]) -> str:
    """The link in the only mail that was sent."""
    (mail,) = (Path(env["PRAT_SECRETS_DIR"]).parent / "mail").glob("*.eml")
    text = email.message_from_bytes(mail.read_bytes(), policy=default).get_content()
    return str(next(line for line in text.splitlines() if "/confirm/" in line))
