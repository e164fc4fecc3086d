"""What may bring an erased conversation back: its records once more, late ones, yesterday's backup."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.demo.runner import DemoHouse
from tests.proof.sealed import copies
from tests.proof.story import say
from tests.replay import caught_up, rewind

COMMAND_SECONDS = 120


async def once_more(house: DemoHouse, conversation_id: str) -> int:
    """Every record comes again as it was, and under a new id; how many were said."""
    said = 0
    for copy in await copies(house.kafka.bootstrap, conversation_id):
        if copy.topic.startswith("prat.dlq."):
            continue
        again = [copy.value]
        if copy.ciphertexts and b"NeverHeardOf" not in copy.value:
            again.append(json.dumps(json.loads(copy.value) | {"event_id": str(uuid4())}).encode())
        for value in again:
            await say(house.kafka.bootstrap, copy.topic, conversation_id, value)
        said += len(again)
    await caught_up(house.kafka.bootstrap)
    return said


async def back_up(house: DemoHouse, folder: Path) -> None:
    """A backup from before the end, with the keys beside it."""
    await prat(house, "backup", "--out", str(folder / "documents"), "--keys", str(folder / "keys"))


async def restored(house: DemoHouse, folder: Path) -> dict[str, Any]:
    """Yesterday's store again, and every topic from its first record; what `prat restore` says.

    Services are away before, and have read everything after.
    """
    where = str(folder / "documents"), "--keys", str(folder / "keys")
    outcome: dict[str, Any] = json.loads(await prat(house, "restore", *where, "--over", "--json"))
    await rewind(house.kafka.bootstrap)
    await house.start_members()
    await caught_up(house.kafka.bootstrap)
    return outcome


async def prat(house: DemoHouse, *arguments: str) -> str:
    """What a command says; it runs as a person would run it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", *arguments, env=house.env | {"PATH": ""},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    assert process.returncode == 0, errors.decode()
    return output.decode()
