"""The five things a person can do in the demo, on both shops, each in its own language and English."""

import asyncio
import json
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from deploy.cli.content import publish_folder
from deploy.demo.runner import DemoHouse
from libs.contracts.content import USUAL_K
from libs.kit.mongo import connect, database
from tests.e2e.shop import CASES, Case, Shop, accessibility_faults
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OpenShop = Callable[[Case], Awaitable[Shop]]
LogIn = Callable[[str], Awaitable[Page]]

PLANTED = "Plantet setning: min hemmelige leveringsadresse er Kanariveien 4711"
"""Said in a conversation that stays; the byte scan looks for it in everything that was written."""

every_case = pytest.mark.parametrize("case", CASES, ids=str)


@every_case
async def test_before_the_first_click_nothing_is_stored_or_called(
    open_shop: OpenShop, case: Case
) -> None:
    shop = await open_shop(case)
    assert await shop.stored() == {}
    assert await shop.page.context.cookies() == []
    assert [url for url in shop.calls if "/widget/v1/loader.js" not in url] == []
    box = await shop.page.get_by_role("button", name=case.launcher).bounding_box()
    assert box
    assert box["x"] > 1280 - 120
    assert box["y"] > 800 - 120


@every_case
async def test_1_a_parcel_is_found_in_the_shops_own_order_system(
    open_shop: OpenShop, case: Case
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    await expect(shop.panel).to_contain_text(case.words.disclosure)
    asked = await shop.ask(case.words.where_is_it)
    assert re.search(r"ordre|order|bestilling|beställning", asked, re.IGNORECASE)
    answer = await shop.ask(case.order)
    card = shop.panel.locator(".card").last
    await expect(card).to_contain_text(case.order)
    assert await shop.panel.locator(".turn.bot .who").count() >= 3
    assert answer
    assert not await accessibility_faults(shop.page)


@every_case
async def test_2_delivery_payment_and_products_are_answered(
    open_shop: OpenShop, case: Case
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    delivery = await shop.ask(case.words.delivery)
    payment = await shop.ask(case.words.payment)
    assert delivery != payment
    assert re.search(r"\d", delivery), "a delivery answer names prices or days"
    assert re.search(r"Visa|Klarna|Vipps|Swish", payment)
    await shop.ask(case.product)
    card = shop.panel.locator(".card").last
    await expect(card).to_contain_text(re.compile(r"NOK|SEK|kr"))
    link = await card.get_by_role("link").first.get_attribute("href")
    assert link
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).is_success, "the product card leads to the shop's page"


@every_case
async def test_3_a_person_is_reached_without_a_bot_turn(
    open_shop: OpenShop, console: LogIn, case: Case
) -> None:
    shop = await open_shop(case)
    name = await shop.log_in()
    await shop.open_chat()
    await shop.page.get_by_role("button", name=case.words.person).click()
    await shop.page.get_by_role("combobox", name=case.words.form_topic).select_option(
        "track_parcel"
    )
    await shop.page.get_by_role("button", name=case.words.join).click()
    await expect(shop.panel.locator("[aria-invalid=true]").first).to_be_focused()
    await shop.page.locator("#field-order_number").fill(case.order)
    assert not await accessibility_faults(shop.page)
    await shop.page.get_by_role("button", name=case.words.join).click()
    await expect(shop.panel.get_by_role("status")).to_contain_text(re.compile(r"\d|køen|kön|queue"))
    await shop.say("Can you see my parcel?")

    desk = await console(case.agent)
    await desk.get_by_role("button", name=re.compile("^Claim|^Take")).last.click()
    facts = desk.get_by_role(
        "region", name=re.compile("(Facts|Details|visitor)", re.IGNORECASE)
    ).first
    await expect(facts).to_contain_text(case.order)
    await expect(desk.locator(".verified")).to_contain_text(name)
    await expect(desk.get_by_role("log")).to_contain_text("Can you see my parcel?")
    assert not await accessibility_faults(desk)
    reply = desk.get_by_role("textbox", name=re.compile("answer|reply", re.IGNORECASE))
    await reply.fill("Yes: it is with the carrier, and arrives today.")
    await reply.press("Enter")
    human = shop.panel.locator(".turn.agent").last
    await expect(human).to_contain_text("arrives today")
    await shop.say("Thank you!")
    await expect(desk.get_by_role("log")).to_contain_text("Thank you!")
    await desk.get_by_role("button", name=re.compile("^Close")).first.click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_role("button", name=re.compile("Close")).click()
    await expect(shop.page.get_by_role("button", name=case.words.person)).to_be_visible()
    assert await shop.ask(case.words.delivery), "the bot answers again"


@every_case
async def test_4_download_then_delete_and_nothing_can_be_read(
    open_shop: OpenShop, case: Case, demo_house: DemoHouse, tmp_path: Path
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    secret = f"Unique words for {case}: marmalade umbrella"
    await shop.ask(secret)
    kept = json.loads(next(iter((await shop.stored()).values())))
    for item, ending in ((case.words.page, "html"), (case.words.data, "json")):
        async with shop.page.expect_download() as download:
            await (await shop.gear(item)).click()
        file = tmp_path / f"download.{ending}"
        await (await download.value).save_as(file)
        assert secret in file.read_text()
    await (await shop.gear(case.words.erase)).click()
    await shop.page.get_by_role("button", name=case.words.erase_yes).click()
    told = shop.page.get_by_role("dialog").last
    await expect(told).to_contain_text(case.words.erased, timeout=20_000)
    await expect(told).to_contain_text("5")
    assert await shop.stored() == {}
    assert secret not in await shop.page.content()
    async with httpx.AsyncClient(base_url=demo_house.layout.url("gateway")) as client:
        gone = await client.get(
            f"/v1/conversations/{kept['conversation_id']}/export",
            headers={
                "authorization": f"Bearer {kept['token']}",
                "origin": demo_house.layout.url(case.merchant),
            },
        )
    assert gone.status_code == 401


@pytest.mark.parametrize("case", [CASES[0], CASES[2]], ids=str)
async def test_5_statistics_count_and_the_strip_shows_the_bus(
    open_shop: OpenShop, case: Case, demo_house: DemoHouse
) -> None:
    shop = await open_shop(case)
    await shop.open_chat()
    # Not the topic's title alone: that is the shop's text, and stands in the statistics.
    question = f"Hallo! {case.words.payment}"
    await shop.ask(question)
    strip = shop.page.get_by_role("log").filter(has_text="ReplyComposed")
    await expect(strip).to_contain_text("MessageReceived")
    await expect(strip).to_contain_text("TranscriptAppended")
    assert question not in await strip.inner_text()
    token = demo_house.statistics_tokens[case.merchant]
    await others_ask(demo_house, case, case.words.payment, case.words.delivery)
    page = await shop.page.context.new_page()
    await page.goto(
        f"{demo_house.layout.links()['statistics']}#merchant={case.merchant}&token={token}"
    )
    await expect(page.get_by_role("heading", name="Emner", exact=True)).to_be_visible()
    # The smaller of the two may hide among the others, where those are fewer than k.
    asked_most = page.get_by_text(re.compile(r"Hvordan kan jeg betale\?|Hvordan leverer dere\?"))
    await expect(asked_most.first).to_be_visible(timeout=20_000)
    counted = await statistics(demo_house, case.merchant, token)
    asked = {row["topic"]: row["n"] for row in counted["topics"]}
    assert max(n for topic, n in asked.items() if topic != "other") >= USUAL_K
    assert {row["language"] for row in counted["languages"]} & {case.language, "other"}
    assert question not in json.dumps(counted, ensure_ascii=False)
    assert not await accessibility_faults(page)


async def others_ask(house: DemoHouse, case: Case, *questions: str) -> None:
    """So many others ask the same that the statistics show it; returns when they are counted."""
    doors = house.layout.url("gateway"), house.layout.url(case.merchant)

    async def ask() -> None:
        async with Visitor(*doors, case.merchant, case.language) as other:
            for question in questions:
                await other.reply_to(question)

    await asyncio.gather(*(ask() for _ in range(USUAL_K)))
    client = connect(house.env["MONGO_URL"])
    counts = database(client, "analytics")["counts"]
    cells = {"_id": {"$regex": f"^{case.merchant}.*day.topics"}, "n": {"$gte": USUAL_K}}
    async with asyncio.timeout(30):
        while await counts.count_documents(cells) < len(questions):
            await asyncio.sleep(0.2)
    client.close()


async def statistics(house: DemoHouse, merchant: str, token: str) -> dict[str, Any]:
    """The statistics page's own interface."""
    async with httpx.AsyncClient(base_url=house.layout.url("analytics")) as client:
        answer = await client.get(
            "/api/statistics",
            params={"merchant": merchant, "days": 1},
            headers={"authorization": f"Bearer {token}"},
        )
    found: dict[str, Any] = answer.json()
    return found


async def test_a_closed_shop_says_so_and_takes_a_message(
    open_shop: OpenShop, demo_house: DemoHouse, tmp_path: Path
) -> None:
    case = CASES[-1]
    shut = tmp_path / "shut"
    shutil.copytree(demo_house.content / case.merchant, shut / case.merchant)
    file = shut / case.merchant / "merchant.yaml"
    file.write_text(re.sub(r"weekdays: \[[^]]*\]", "weekdays: []", file.read_text()))
    await publish_folder(shut, demo_house.env)
    try:
        shop = await open_shop(case)
        await shop.open_chat()
        await shop.page.get_by_role("button", name=case.words.person).click()
        await expect(shop.panel).to_contain_text("closed")
        assert not await shop.page.get_by_role("button", name=case.words.join).is_visible()
    finally:
        await publish_folder(demo_house.content, demo_house.env)


async def test_a_conversation_stays_when_the_page_changes(open_shop: OpenShop) -> None:
    case = CASES[0]
    shop = await open_shop(case)
    await shop.open_chat()
    await shop.ask(PLANTED)
    await shop.page.reload()
    await shop.page.get_by_role("button", name=case.launcher).wait_for()
    if not await shop.panel.is_visible():
        await shop.open_chat()
    await expect(shop.panel.get_by_role("log")).to_contain_text(PLANTED)
    assert await shop.panel.locator(".turn.visitor").count() == 1


async def test_two_tabs_show_the_same_also_when_the_gateway_was_away(
    open_shop: OpenShop, demo_house: DemoHouse
) -> None:
    case = CASES[0]
    first = await open_shop(case)
    await first.open_chat()
    await first.ask(case.words.delivery)
    second = await open_shop(case)
    if not await second.panel.is_visible():
        await second.open_chat()
    await expect(second.panel.locator(".turn.visitor")).to_have_count(1)
    await second.ask(case.words.payment)
    await expect(first.panel.locator(".turn.visitor")).to_have_count(2)
    await both_have(3, first, second)
    await demo_house.parts["gateway"].stop()
    try:
        await expect(first.panel.get_by_role("status")).to_contain_text("Ingen forbindelse")
        await second.say(case.product)
        await expect(second.panel.locator(".state").last).to_have_text("Venter på forbindelse")
    finally:
        await demo_house.restart("gateway")
    for shop in (first, second):
        await shop.page.evaluate("dispatchEvent(new Event('online'))")
    await both_have(4, first, second)
    said = [await shop.panel.locator(".bubble").all_inner_texts() for shop in (first, second)]
    assert said[0] == said[1]
    assert said[0].count(case.product) == 1


async def both_have(answers: int, *shops: Shop) -> None:
    """All tabs have as many turns of the bot, the greeting with them."""
    await asyncio.gather(
        *(expect(shop.panel.locator(".turn.bot")).to_have_count(answers) for shop in shops)
    )


async def test_where_sockets_are_blocked_the_chat_polls(
    open_shop: OpenShop, context: BrowserContext
) -> None:
    await context.add_init_script(
        "window.WebSocket = class extends WebSocket { constructor(url) { super(`${url}-not`); } }"
    )
    case = CASES[0]
    shop = await open_shop(case)
    await shop.open_chat()
    await shop.ask(case.words.payment)
    await expect(shop.panel.locator(".turn.visitor .state")).to_have_text("Levert")
    assert any(url.endswith("/v1/lines/poll") for url in shop.calls)
    await shop.page.reload()
    await shop.open_chat()
    await expect(shop.panel.locator(".turn.visitor")).to_have_count(1)
    await shop.ask(case.words.delivery)
    await expect(shop.panel.locator(".turn.bot")).to_have_count(3)
    await (await shop.gear(case.words.erase)).click()
    await shop.page.get_by_role("button", name=case.words.erase_yes).click()
    await expect(shop.page.get_by_role("dialog").last).to_contain_text(case.words.erased)
