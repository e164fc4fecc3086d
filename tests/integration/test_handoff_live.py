"""A case from the form to its erasure, with gateway, retention and handoff on broker and store."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.handoff_house import KARI, House, handoff_house

SOON = 20.0


@pytest.fixture
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    async with handoff_house(house_env, KARI) as house:
        yield house


async def case_of(browser: httpx.AsyncClient, order_number: str) -> str:
    """The path of the waiting case whose form names the order."""
    for case in (await browser.get("/api/queue")).json()["waiting"]:
        path = f"/api/cases/{case['case_id']}"
        facts = (await browser.get(path)).json()["intake"]
        if any(fact["value"] == order_number for fact in facts):
            return path
    raise AssertionError(order_number)


async def until(browser: httpx.AsyncClient, path: str, text: str) -> dict[str, Any]:
    """The case, once its transcript has a text."""
    async with asyncio.timeout(SOON):
        while True:
            found: dict[str, Any] = (await browser.get(path)).json()
            if text in [message.get("text") for message in found["messages"] or ()]:
                return found
            await asyncio.sleep(0.05)


async def notice_of(browser: httpx.AsyncClient, case_id: str, ready: asyncio.Event) -> str:
    """What kind of notice the stream brings of a case."""
    async with asyncio.timeout(SOON), browser.stream("GET", "/api/stream") as stream:
        async for line in stream.aiter_lines():
            ready.set()
            if line.startswith("data:") and case_id in line:
                return str(json.loads(line.removeprefix("data:"))["type"])
    raise AssertionError(case_id)


async def test_from_the_form_to_the_agent_and_back_to_the_bot(house: House) -> None:
    async with house.visitor() as visitor, house.agent() as agent:
        await visitor.say("Hvor er pakken min?")
        await visitor.ask_for_person("track_parcel", order_number="10482217")
        await visitor.until(lambda me: me.owner.get("position") == 1, SOON)
        path = await case_of(agent, "10482217")
        await until(agent, path, "Hvor er pakken min?")

        assert (await agent.post(f"{path}/claim")).is_success
        await visitor.until(lambda me: me.owner.get("owner") == "agent", SOON)
        assert visitor.owner["agent"] == "Kari"
        await visitor.drop()
        await visitor.until(lambda me: [f for f in me.frames if f["type"] == "welcome"][1:], SOON)
        assert (visitor.owner["type"], visitor.owner["agent"]) == ("welcome", "Kari")

        await agent.post(f"{path}/typing", json={})
        await visitor.until(lambda me: [f for f in me.frames if f["type"] == "typing"], SOON)
        note = {"client_id": str(uuid4()), "text": "Spør lageret."}
        assert (await agent.post(f"{path}/notes", json=note)).is_success
        body = {"client_id": str(uuid4()), "text": "Den kommer i dag."}
        for _ in range(2):
            await agent.post(f"{path}/reply", json=body)
        await visitor.until(lambda me: me.by("agent") and me.by("agent")[0]["seq"], SOON)
        assert [(m["text"], m["speaker"]) for m in visitor.by("agent")] == [
            ("Den kommer i dag.", "Kari")
        ]

        ready = asyncio.Event()
        notice = asyncio.create_task(notice_of(agent, path[-36:], ready))
        await asyncio.wait_for(ready.wait(), SOON)
        await visitor.say("Takk!")
        assert await notice == "case"
        await until(agent, path, "Takk!")

        await agent.post(f"{path}/close", json={"reason": "solved"})
        await visitor.until(lambda me: me.owner.get("owner") == "bot", SOON)
        assert "Spør lageret." not in str([*visitor.frames, *visitor.messages.values()])


async def test_the_queue_moves_and_an_erased_case_leaves_it(house: House) -> None:
    async with house.visitor() as first, house.visitor() as second, house.agent() as agent:
        await first.ask_for_person("track_parcel", order_number="10482225")
        await first.until(lambda me: me.owner.get("position"), SOON)
        await second.ask_for_person("track_parcel", order_number="10482233")
        place = first.owner["position"] + 1
        await second.until(lambda me: me.owner.get("position") == place, SOON)

        path = await case_of(agent, "10482225")
        assert (await agent.delete(path)).status_code == 202
        await first.until(lambda me: me.closed_with == 4410, SOON)
        await second.until(lambda me: me.owner.get("position") == place - 1, SOON)
        assert (await agent.get(path)).status_code == 404


async def test_a_message_is_left_while_nobody_is_there_and_taken_later(
    house_env: Mapping[str, str],
) -> None:
    async with handoff_house(house_env) as house, house.visitor() as visitor:
        await visitor.ask_for_person("track_parcel", order_number="10482241")
        await visitor.until(lambda me: me.owner.get("case_id"), SOON)
        assert visitor.owner["owner"] == "filed"
        async with house.agent() as agent:
            lists = (await agent.get("/api/queue")).json()
            assert lists["waiting"] == []
            (left,) = lists["filed"]
            assert (await agent.post(f"/api/cases/{left['case_id']}/claim")).is_success
            await visitor.until(lambda me: me.owner.get("owner") == "agent", SOON)


async def test_who_opens_the_console_is_there_and_the_next_visitor_gets_a_place(
    house_env: Mapping[str, str],
) -> None:
    async with (
        handoff_house(house_env) as house, house.agent() as agent, house.visitor() as visitor,
        agent.stream("GET", "/api/stream") as stream,
    ):  # fmt: skip
        await anext(stream.aiter_lines())
        await visitor.ask_for_person("track_parcel", order_number="10482258")
        await visitor.until(lambda me: me.owner.get("position") == 1, SOON)
