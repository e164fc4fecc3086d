"""A case from the form to its end, with handoff killed at each step: nothing is lost or repeated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from itertools import chain, groupby
from signal import SIGKILL
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.demo.runner import DemoHouse
from deploy.local.member import Member, module_command
from tests.fixtures.dying_handoff import STEPS
from tests.present import present
from tests.visitor import NOBODY, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

KARI = "kari@fjellbekk.example"
PATIENCE_SECONDS = 90


@asynccontextmanager
async def agent(house: DemoHouse) -> AsyncIterator[httpx.AsyncClient]:
    """An agent's browser that is logged in."""
    console = house.layout.url("handoff")
    headers = {"x-prat-console": "1", "origin": console}
    async with httpx.AsyncClient(base_url=console, headers=headers, verify=NOBODY) as browser:
        form = {"email": KARI, "password": house.passwords[KARI]}
        (await browser.post("/api/login", json=form)).raise_for_status()
        yield browser


async def sent(browser: httpx.AsyncClient, method: str, path: str, **body: Any) -> Any:
    """The answer, asked for again while nobody answers: as the console does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await browser.request(method, path, json=body)
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return answer.raise_for_status().json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


async def cases(browser: httpx.AsyncClient) -> set[str]:
    """The ids of all cases that the agent is shown, in whichever list."""
    lists = await sent(browser, "GET", "/api/queue")
    return {one["case_id"] for one in chain(*filter(is_list, lists.values()))}


def is_list(value: object) -> bool:
    return isinstance(value, list)


async def case_of(browser: httpx.AsyncClient, known: set[str]) -> str:
    """The one case that is new."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (fresh := await cases(browser) - known):
            await asyncio.sleep(0.2)
    (case_id,) = fresh
    return case_id


async def revived(dying: Member, sound: Member) -> None:
    """Waits until the step has come, then starts handoff as it should be."""
    assert dying.child
    assert await dying.child.ended(PATIENCE_SECONDS), "it was to die at this step"
    assert dying.child.exit_code == -SIGKILL
    await sound.start()


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_a_case_goes_its_way_once(house: DemoHouse, step: str) -> None:
    shop = (house.layout.url("gateway"), house.layout.url("fjellbekk"), "fjellbekk")
    sound = house.services["handoff"]
    async with (
        present(house.store.url, KARI), agent(house) as kari, Visitor(*shop) as visitor,
    ):  # fmt: skip
        known = await cases(kari)
        await visitor.until(lambda me: me.owner)
        await sound.stop()
        dying = replace(sound, command=module_command("tests.fixtures.dying_handoff", step))
        await dying.start()
        reviving = asyncio.create_task(revived(dying, sound))

        await visitor.ask_for_person("track_parcel", order_number="10482217")
        case = f"/api/cases/{await case_of(kari, known)}"
        await sent(kari, "POST", f"{case}/claim")
        await visitor.until(lambda me: me.owner["owner"] == "agent")
        await visitor.say("Er det noen der?")
        await sent(kari, "POST", f"{case}/reply", client_id=str(uuid4()), text="Ja, jeg er her.")
        await visitor.until(lambda me: me.by("agent"))
        await sent(kari, "POST", f"{case}/close", reason="solved")
        await visitor.until(lambda me: me.owner["owner"] == "bot")
        await reviving
        await visitor.until(lambda me: all(message["seq"] for message in me.shown()))
        told = [frame["owner"] for frame in visitor.frames if frame["type"] in ("welcome", "owner")]
        assert [owner for owner, _ in groupby(told)] in (
            ["bot", "queue", "agent", "bot"], ["bot", "queue", "filed", "agent", "bot"],
            ["bot", "filed", "agent", "bot"],
        )  # fmt: skip
        said = [(message["author"], message.get("text")) for message in visitor.shown()]
        assert said.count(("agent", "Ja, jeg er her.")) == 1
        assert said.count(("visitor", "Er det noen der?")) == 1
        assert not visitor.by("bot"), "the bot was silent all the time"
        assert await cases(kari) == known
