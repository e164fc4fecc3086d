"""Who the shop says its visitor is, on broker and store: to agent and download, and gone with the rest."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.shop.account import Counter, open_counter
from deploy.demo.shop.catalogue import load_shop
from libs.kit.clock import utc_now
from libs.kit.mongo import Client
from tests.handoff_house import KARI, House, handoff_house
from tests.visitor import Visitor

SOON = 20.0
INGRID = {"sub": "K-2041", "name": "Ingrid Dahl", "email": "ingrid.dahl@kunde.example"}


async def identify(visitor: Visitor, token: str) -> tuple[int, Any]:
    path = f"/v1/conversations/{visitor.conversation_id}/identity"
    answer = await visitor.call("PUT", path, json={"token": token})
    return answer.status_code, answer.json().get("error", {}).get("code")


async def seen_by_agent(agent: httpx.AsyncClient, visitor: Visitor, order: str) -> tuple[str, Any]:
    """The path of the case whose form names the order, and whom the console shows as its visitor."""
    await visitor.ask_for_person("track_parcel", order_number=order)
    await visitor.until(lambda me: me.owner.get("position"), SOON)
    for case in (await agent.get("/api/queue")).json()["waiting"]:
        path = f"/api/cases/{case['case_id']}"
        shown = (await agent.get(path)).json()
        if order in [fact["value"] for fact in shown["intake"]]:
            return path, shown["customer"]
    raise AssertionError(order)


async def downloaded(visitor: Visitor) -> tuple[list[Any], str]:
    """Whom the download names, for itself and in each entry; and its page."""
    path = f"/v1/conversations/{visitor.conversation_id}/export"
    await visitor.until(lambda me: me.last_seq == 1, SOON)
    data = (await visitor.call("GET", path)).json()
    page = (await visitor.call("GET", f"{path}?format=html")).text
    return [part.get("customer") for part in (data, *data["messages"])], page


def forged_and_expired(house: Path) -> dict[str, str]:
    """Tokens that must not be believed, each with its code."""
    customer = load_shop("fjellbekk").customer
    keys = (house / "identity-fjellbekk.keys").read_text()
    hour_ago = utc_now() - timedelta(hours=1)
    other = (house / "identity-havsro.keys").read_text()
    return {
        Counter("fjellbekk", customer, other).token(): "identity_wrong",
        Counter("havsro", customer, keys).token(): "identity_wrong",
        Counter("fjellbekk", customer, keys, hour_ago.timestamp).token(): "identity_expired",
    }


async def erased(house: House, visitor: Visitor, path: str, client: Client) -> None:
    """Deletes the conversation, and waits until the console and the store know nothing of it."""
    own = {"_id": visitor.conversation_id}
    sessions = client["prat_gateway"]["sessions"]
    assert (await sessions.find_one(own) or {})["customer"]
    conversation = f"/v1/conversations/{visitor.conversation_id}"
    assert (await visitor.call("DELETE", conversation)).status_code == 202
    async with asyncio.timeout(SOON), house.agent() as agent:
        while (await agent.get(path)).status_code != 404 or await sessions.find_one(own):
            await asyncio.sleep(0.05)
    assert (await visitor.call("GET", f"{conversation}/export")).status_code in (401, 410)


async def without_case(house: House, counter: Counter, client: Client) -> None:
    """Who never asks for a person has the shop's word in the download, too, and the desk finds it."""
    async with house.visitor() as quiet:
        assert await identify(quiet, counter.token()) == (200, None)
        await quiet.say("Hei!")
        named, page = await downloaded(quiet)
        assert named == [INGRID, None]
        assert INGRID["email"] in page
        mine = {"conversation_id": quiet.conversation_id}
        async with asyncio.timeout(SOON):
            while not await client["prat_handoff"]["mentioned"].find_one(mine):
                await asyncio.sleep(0.05)


async def test_a_signed_customer_reaches_agent_and_download_and_goes_with_the_conversation(
    house_env: Mapping[str, str], client: Client
) -> None:
    secrets = Path(house_env["PRAT_SECRETS_DIR"])
    counter = open_counter(secrets, "fjellbekk", load_shop("fjellbekk").customer)
    assert counter
    async with (
        handoff_house(house_env, KARI) as house,
        house.agent() as agent,
        house.visitor() as known,
        house.visitor() as stranger,
    ):
        for token, code in forged_and_expired(secrets).items():
            assert await identify(stranger, token) == (401, code)
        assert await identify(known, counter.token()) == (200, None)

        path, shown = await seen_by_agent(agent, known, "10482217")
        assert shown == INGRID
        assert (await seen_by_agent(agent, stranger, "10482225"))[1] is None
        named, page = await downloaded(known)
        assert named == [INGRID, INGRID]
        assert INGRID["name"] in page
        named, page = await downloaded(stranger)
        assert named == [None, None]
        assert INGRID["name"] not in page
        await without_case(house, counter, client)
        await erased(house, known, path, client)
