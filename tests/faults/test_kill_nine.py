"""kill -9 in the middle of a conversation: after a restart every message is there once, in order."""

import asyncio
from collections import Counter

import pytest

from deploy.demo.runner import DemoHouse
from libs.contracts.topics import SERVICES
from tests.visitor import Visitor

# kill -9 of the broker or the store takes its recovery time; on a busy machine that is minutes.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(480)]

MESSAGES = 24
KILL_AT = 8
RESTART_AT = 14
PACE_SECONDS = 0.12

OPEN_TRANSACTION_SECONDS = 60
"""So long may a transaction of a killed process stand in the way: then the store ends it."""

QUESTIONS = ("Hvilke leveringsmåter har dere?", "Hvordan kan jeg betale?", "asdf qwerty", "Hei")


def newcomer(house: DemoHouse, merchant: str = "fjellbekk") -> Visitor:
    return Visitor(house.layout.url("gateway"), house.layout.url(merchant), merchant)


async def talk_through(house: DemoHouse, name: str) -> Visitor:
    """A visitor keeps writing while a part of the house dies and comes back."""
    before = house.pids[name]
    async with newcomer(house) as visitor:
        await visitor.until(lambda me: me.owner)
        coming_back: asyncio.Task[float] | None = None
        for number in range(MESSAGES):
            await visitor.say(f"{number}: {QUESTIONS[number % len(QUESTIONS)]}")
            if number == KILL_AT:
                house.parts[name].kill()
            if number == RESTART_AT:
                coming_back = asyncio.create_task(house.restart(name))
            await asyncio.sleep(PACE_SECONDS)
        assert coming_back
        await coming_back
        assert house.pids[name] != before
        await visitor.until(lambda me: me.last_seq >= 2 * MESSAGES, seconds=90)
        return visitor


@pytest.mark.parametrize("name", [*SERVICES, "kafka", "store"])
async def test_every_message_is_there_once_and_in_order(house: DemoHouse, name: str) -> None:
    visitor = await talk_through(house, name)
    said = [message["text"] for message in visitor.by("visitor")]
    assert said == [f"{n}: {QUESTIONS[n % len(QUESTIONS)]}" for n in range(MESSAGES)]
    assert len(visitor.by("bot")) == MESSAGES, "each message has its one answer"
    numbers = [message["seq"] for message in visitor.shown()]
    assert numbers == list(range(1, 2 * MESSAGES + 1))
    await another_tab_sees_the_same(house, visitor)


async def another_tab_sees_the_same(house: DemoHouse, visitor: Visitor) -> None:
    tab = newcomer(house)
    tab.conversation_id, tab.token = visitor.conversation_id, visitor.token
    async with tab:
        await tab.until(lambda me: me.last_seq >= 2 * MESSAGES)
        same = [(message["seq"], message["text"]) for message in tab.shown()]
        assert same == [(message["seq"], message["text"]) for message in visitor.shown()]
        assert max(Counter(frame["id"] for frame in tab.messages.values()).values()) == 1


@pytest.mark.parametrize("name", ["handoff", "kafka", "store"])
async def test_a_request_for_a_person_survives(house: DemoHouse, name: str) -> None:
    async with newcomer(house, "havsro") as visitor:
        await visitor.until(lambda me: me.owner)
        house.parts[name].kill()
        await visitor.ask_for_person("track_parcel", order_number="20735524")
        await house.restart(name)
        await visitor.until(lambda me: me.owner.get("case_id"), seconds=90)
        assert visitor.owner["owner"] in ("queue", "filed"), "as the hour and the agents are"


@pytest.mark.parametrize("name", SERVICES)
async def test_an_erasure_completes_after_the_missing_service_returns(
    house: DemoHouse, name: str
) -> None:
    async with newcomer(house) as visitor:
        await visitor.reply_to("Hvordan kan jeg betale?")
        if name in ("gateway", "retention"):
            answer = await erase(visitor)
            house.parts[name].kill()
        else:
            house.parts[name].kill()
            answer = await erase(visitor)
        await house.restart(name)
        async with asyncio.timeout(OPEN_TRANSACTION_SECONDS + 30):
            while not (await visitor.call("GET", f"/v1/erasures/{answer}")).json()["done"]:
                await asyncio.sleep(0.2)


async def erase(visitor: Visitor) -> str:
    answer = await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
    assert answer.status_code == 202
    return str(answer.json()["erasure_id"])
