"""`prat dlq` on the real broker: a letter is shown without its words, and handled when it is back."""

import asyncio
import json
import sys
from collections.abc import Mapping
from uuid import uuid4

import pytest

from libs.contracts.topics import VISITOR
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Bus
from libs.kit.settings import CommonSettings
from tests.builders import conversation_id, message_received

pytestmark = pytest.mark.connected


async def prat(*arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a command, run as a person would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "dlq", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


async def letters() -> list[dict[str, object]]:
    """What the list has for programs."""
    code, output, errors = await prat("list", "--service", "nlu", "--json")
    assert code == 0, errors
    found: list[dict[str, object]] = json.loads(output)["letters"]
    return found


async def test_a_letter_is_listed_without_its_words_and_handled_after_its_replay(
    house_env: Mapping[str, str],
) -> None:
    before = await letters()
    event = message_received(conversation_id(), locale="en")
    handled = asyncio.Event()
    corrected = False

    async def handler(received: MessageReceived) -> None:
        if received.event_id == event.event_id:
            if not corrected:
                raise RuntimeError
            handled.set()

    bus = Bus(CommonSettings(), "nlu")
    bus.subscribe(f"dlq-{uuid4().hex}", VISITOR, handlers={MessageReceived: handler})
    await bus.start()
    try:
        await bus.publish(event)
        async with asyncio.timeout(60):
            while not (mine := failed(found := await letters(), before)):
                await asyncio.sleep(0.1)
        (letter,) = mine
        assert letter["topic"] == VISITOR.name
        _, listed, errors = await prat("list")
        assert f"handler_failed:{RuntimeError.__name__}" in listed
        for word in (event.conversation_id, str(event.event_id), event.message.data):
            assert word not in listed + errors + json.dumps(found)
        corrected = True
        code, _, errors = await prat("replay", "nlu", "--offset", str(letter["offset"]), "--yes")
        assert code == 0, errors
        await asyncio.wait_for(handled.wait(), 30)
    finally:
        await bus.stop()
    assert failed(await letters(), before) == [letter]


def failed(
    found: list[dict[str, object]], before: list[dict[str, object]]
) -> list[dict[str, object]]:
    """The letters of a failing handler that were not there before; other tests bury records, too."""
    reason = "handler_failed:RuntimeError"
    return [letter for letter in found if letter["reason"] == reason and letter not in before]


async def test_an_offset_without_a_letter_is_refused(house_env: Mapping[str, str]) -> None:
    code, _, errors = await prat("replay", "nlu", "--offset", "1000000", "--yes")
    assert code == 1
    assert "no dead letter at offset 1000000" in errors
