"""Erasures in a whole house: each service away in turn, retention killed at each step; one receipt."""

import asyncio
from dataclasses import replace
from signal import SIGKILL

import pytest

from deploy.demo.runner import DemoHouse
from deploy.local.member import module_command
from libs.contracts.topics import SERVICES
from services.retention.receipts import Receipt, read_keys, verify
from tests.fixtures.dying_retention import STEPS
from tests.proof.look import Expected
from tests.proof.resurrection import once_more
from tests.proof.run import looking
from tests.visitor import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

DONE_SECONDS = 30
"""After the missing service is back."""


def newcomer(house: DemoHouse) -> Visitor:
    return Visitor(house.layout.url("gateway"), house.layout.url("fjellbekk"), "fjellbekk")


async def erase(visitor: Visitor) -> str:
    answer = await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
    assert answer.status_code == 202, answer.text
    return f"/v1/erasures/{answer.json()['erasure_id']}"


async def receipt_of(visitor: Visitor, erasure: str) -> Receipt:
    """The genuine receipt of an erasure that is done in time."""
    async with asyncio.timeout(DONE_SECONDS):
        while (
            not (status := await visitor.call("GET", erasure)).is_success
            or not status.json()["done"]
        ):
            await asyncio.sleep(0.2)
    keys = read_keys((await visitor.call("GET", "/v1/receipt-keys")).content)
    return verify((await visitor.call("GET", f"{erasure}/receipt")).content, keys)


@pytest.mark.parametrize(
    "name", [name for name in SERVICES if name not in ("gateway", "retention")]
)
async def test_nothing_is_signed_while_a_service_is_away_and_soon_after_it_is(
    house: DemoHouse, name: str
) -> None:
    async with newcomer(house) as visitor:
        await visitor.reply_to("Hvordan kan jeg betale?")
        await visitor.until(lambda me: me.last_seq == 2)
        await house.parts[name].stop()
        erasure = await erase(visitor)
        async with asyncio.timeout(DONE_SECONDS):
            while (await visitor.call("GET", erasure)).json()["waiting_for"] != [name]:
                await asyncio.sleep(0.2)
        assert (await visitor.call("GET", f"{erasure}/receipt")).status_code == 409
        await house.restart(name)
        receipt = await receipt_of(visitor, erasure)
        assert receipt.deleted["gateway"] == {"sessions": 1}
        assert receipt.deleted["retention"] == {
            "messages": 2,
            "attachments": 0,
            "conversation_keys": 1,
        }


async def test_nothing_comes_back_when_every_record_comes_again(house: DemoHouse) -> None:
    """`make prove-erasure` restores a backup besides, and reads all topics from their start."""
    async with newcomer(house) as visitor:
        await visitor.reply_to("Hvordan kan jeg betale?")
        await visitor.until(lambda me: me.last_seq == 2)
        await receipt_of(visitor, await erase(visitor))
    assert await once_more(house, visitor.conversation_id) >= 6, "also under new ids"
    async with looking(house) as looks:
        look = await looks.at(visitor.conversation_id, "again", Expected.GONE)
    assert look.sealed >= 4
    assert look.faults(look) == []


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_it_resumes_and_signs_once(house: DemoHouse, step: str) -> None:
    async with newcomer(house) as visitor:
        await visitor.reply_to("Hvordan kan jeg betale?")
        await visitor.until(lambda me: me.last_seq == 2)
        sound = house.services["retention"]
        await sound.stop()
        dying = replace(sound, command=module_command("tests.fixtures.dying_retention", step))
        await dying.start()
        wish = f"/v1/conversations/{visitor.conversation_id}"
        answer = await visitor.call("DELETE", wish)
        assert dying.child
        assert await dying.child.ended(DONE_SECONDS), "it was to die at this step"
        assert dying.child.exit_code == -SIGKILL
        await sound.start()
        if answer.status_code != 202:
            # Nobody said that it had begun: the visitor asks again and gets the one that runs.
            answer = await visitor.call("DELETE", wish)
        receipt = await receipt_of(visitor, f"/v1/erasures/{answer.json()['erasure_id']}")
        assert receipt.deleted["retention"] == {
            "messages": 2,
            "attachments": 0,
            "conversation_keys": 1,
        }
        assert set(receipt.deleted) == set(SERVICES)
