"""After all browser tests: nothing that a visitor wrote lies in clear in anything that was written.

The name sorts last in the folder on purpose: it reads what the other tests left behind.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.runner import DemoHouse
from tests.e2e.test_five_things import PLANTED
from tests.visitor import Visitor

CANARY = "Canary-zx81-quetzalcoatl@kunde.example"
ORDER = "98127634"
CHUNK = 1 << 20


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_no_planted_sentence_is_found_in_logs_segments_or_store_files(
    demo_house: DemoHouse,
) -> None:
    conversation = await plant(demo_house)
    await demo_house.store.restart()
    needles = [text.encode() for text in (CANARY, ORDER, PLANTED)]
    needles += [text.encode("utf-16-le") for text in (CANARY, PLANTED)]
    files = [path for path in demo_house.places.root.rglob("*") if path.is_file()]
    readable = {path.suffix for path in files if contains(path, [conversation.encode()])}
    assert {".log", ".wt"} <= readable, "ids lie in clear in segments and store files: a control"
    found = [path.name for path in files if contains(path, needles)]
    assert found == []


def test_the_scan_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (CHUNK - 4) + CANARY.encode())
    assert contains(tmp_path / "file", [CANARY.encode()])


async def plant(house: DemoHouse) -> str:
    origin = house.layout.url("fjellbekk")
    async with Visitor(house.layout.url("gateway"), origin, "fjellbekk") as visitor:
        await visitor.reply_to(f"Hvor er pakken min? {CANARY} {ORDER}")
        await visitor.ask_for_person("track_parcel", order_number=ORDER, email=CANARY)
        await visitor.until(lambda me: me.owner.get("position"))
        await visitor.say(f"{CANARY} {PLANTED}")
        await visitor.until(lambda me: me.last_seq == 4)
        return visitor.conversation_id


def contains(path: Path, needles: list[bytes]) -> bool:
    longest = max(map(len, needles))
    tail = b""
    for chunk in chunks(path):
        window = tail + chunk
        if any(needle in window for needle in needles):
            return True
        tail = window[-longest:]
    return False


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
