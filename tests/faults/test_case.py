"""A case from the form to its end, with handoff killed at each step: nothing is lost or repeated."""

import asyncio
from dataclasses import replace
from itertools import groupby
from signal import SIGKILL
from uuid import uuid4

import pytest

from deploy.demo.runner import DemoHouse
from deploy.local.member import Member, module_command
from tests.console import KARI, PATIENCE_SECONDS, agent, case_of, cases, sent
from tests.fixtures.dying_handoff import STEPS
from tests.present import present
from tests.visitor import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


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
