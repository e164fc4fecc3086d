"""What a visitor may ask for in the gear menu: deleting, with a receipt that anybody can check."""

import json
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Locator, expect

from deploy.demo.runner import DemoHouse
from services.retention.receipts import read_keys, verify
from tests.e2e.conftest import OpenShop
from tests.e2e.shop import CASES, Case, Shop, accessibility_faults

pytestmark = pytest.mark.asyncio(loop_scope="session")

NORWEGIAN, SWEDISH = CASES[0], CASES[2]
RECEIPT = {
    NORWEGIAN: "Last ned kvitteringen (JSON)",
    SWEDISH: "Ladda ner kvittot (JSON)",
}
NOT_YET = {
    NORWEGIAN: "Kvittering: slettingen er ikke ferdig ennå",
    SWEDISH: "Kvitto: raderingen är inte klar än",
}


async def delete(shop: Shop) -> None:
    words = shop.case.words
    await (await shop.gear(words.erase)).click()
    await shop.page.get_by_role("button", name=words.erase_yes).click()


async def published_keys(house: DemoHouse) -> dict[str, bytes]:
    async with httpx.AsyncClient(base_url=house.layout.url("gateway")) as client:
        return read_keys((await client.get("/v1/receipt-keys")).content)


@pytest.mark.parametrize("case", [NORWEGIAN, SWEDISH], ids=str)
async def test_the_receipt_comes_when_the_last_service_has_confirmed(
    open_shop: OpenShop, case: Case, demo_house: DemoHouse, tmp_path: Path
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    await shop.ask(case.words.payment)
    conversation = json.loads(next(iter((await shop.stored()).values())))["conversation_id"]
    away = demo_house.parts["analytics"]
    await away.stop()
    try:
        await delete(shop)
        dialog = shop.page.get_by_role("dialog").last
        await expect(dialog.locator("li.done")).to_have_count(4)
        assert not await accessibility_faults(shop.page)
        await dialog.get_by_role("button").click()
        not_yet = await shop.gear(NOT_YET[case])
        await expect(not_yet).to_be_disabled()
        await shop.page.keyboard.press("Escape")
    finally:
        await demo_house.restart("analytics")
    await expect(shop.chat.get_by_text(RECEIPT[case]).first).to_be_attached()
    item = await shop.gear(RECEIPT[case])
    assert not await accessibility_faults(shop.page)
    async with shop.page.expect_download() as download:
        await item.click()
    file = tmp_path / "receipt.json"
    await (await download.value).save_as(file)
    receipt = verify(file.read_bytes(), await published_keys(demo_house))
    assert (receipt.merchant_id, receipt.requested_by) == (case.merchant, "visitor")
    assert receipt.deleted["retention"]["messages"] == 2
    assert conversation not in file.read_text()
    assert await shop.stored() == {}, "nothing stays in the browser, not even the receipt's address"


async def test_the_dialog_hands_out_the_receipt_and_the_next_chat_begins_anew(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    shop = await open_shop(NORWEGIAN)
    await shop.open_chat()
    await shop.ask(NORWEGIAN.words.payment)
    await delete(shop)
    dialog = shop.page.get_by_role("dialog").last
    await expect(dialog).to_contain_text(NORWEGIAN.words.erased)
    async with shop.page.expect_download() as download:
        await dialog.get_by_role("button", name=RECEIPT[NORWEGIAN]).click()
    assert (await download.value).suggested_filename == "erasure-receipt.json"
    await dialog.get_by_role("button", name="Start på nytt").click()
    await expect(shop.page.get_by_role("textbox", name=NORWEGIAN.words.input)).to_be_focused()
    assert await shop.ask(NORWEGIAN.words.payment)


OBJECT = {
    NORWEGIAN: "Ikke bruk spørsmålene mine til forbedring",
    SWEDISH: "Använd inte mina frågor för förbättring",
}


async def objection(shop: Shop) -> Locator:
    await shop.page.get_by_role("button", name=shop.case.words.gear).click()
    return shop.page.get_by_role("menuitemcheckbox", name=OBJECT[shop.case])


@pytest.mark.parametrize("case", [NORWEGIAN, SWEDISH], ids=str)
async def test_a_visitor_objects_and_every_page_of_the_shop_knows(
    open_shop: OpenShop, case: Case, tmp_path: Path
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    await expect(await objection(shop)).to_be_disabled()
    await shop.page.keyboard.press("Escape")
    await shop.ask(case.words.payment)
    item = await objection(shop)
    await expect(item).not_to_be_checked()
    assert not await accessibility_faults(shop.page)
    await item.click()
    await expect(shop.panel.get_by_role("status").first).to_contain_text("chatboten")
    await shop.page.reload()
    await shop.open_chat()
    await expect(shop.panel.locator(".turn.bot").last).to_be_visible()
    await expect(await objection(shop)).to_be_checked()
    await shop.page.keyboard.press("Escape")
    async with shop.page.expect_download() as download:
        await (await shop.gear(case.words.data)).click()
    file = tmp_path / "download.json"
    await (await download.value).save_as(file)
    assert json.loads(file.read_text())["improvement"]["objected"]
    await (await objection(shop)).click()
    await expect(await objection(shop)).not_to_be_checked()


async def test_a_part_that_does_not_load_is_told_and_tried_again(open_shop: OpenShop) -> None:
    shop = await open_shop(NORWEGIAN)
    await shop.open_chat()
    await shop.ask(NORWEGIAN.words.payment)
    await shop.page.route("**/rights/erase.js", lambda route: route.abort())
    await (await shop.gear(NORWEGIAN.words.erase)).click()
    await expect(shop.panel.get_by_role("status")).to_contain_text("ikke tilgjengelig")
    await shop.page.unroute("**/rights/erase.js")
    await (await shop.gear(NORWEGIAN.words.erase)).click()
    await expect(shop.page.get_by_role("dialog").last).to_contain_text("Vil du slette")
