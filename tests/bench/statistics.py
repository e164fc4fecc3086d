"""How fast questions are counted, with masking: messages a second, and the processor's time for each.

`python -m tests.bench.statistics [MESSAGES]` writes docs/figures/statistics.md; `--serve` is measured.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from deploy.kafka.topics import create_topics
from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.secrets import create_secrets
from deploy.local.stack import Stack
from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.envelope import ConversationEvent
from libs.contracts.sealed import Purpose
from libs.contracts.topics import topic_for
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, connect, database
from libs.kit.service import run
from libs.kit.settings import CommonSettings
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.analytics.app import build
from tests.bench import pages
from tests.bench.masking_cost import messages
from tests.builders import message_received, pack, sealed

MESSAGES, PER_CONVERSATION, MERCHANTS = 10_000, 4, ("fjellbekk", "havsro")
WARM_UP = 500
"""Messages before those that are measured: lists are read and code is compiled with them."""

BAR = 1000
TICKS = os.sysconf("SC_CLK_TCK")

BODY = """\
Analytics as a process of its own reads messages of {characters} characters, {per} to a conversation, and the
bot's answer to each ({merchants} shops), from the bus: it decodes, opens and masks them, counts each
conversation once per cell and period, and tells a question per message through the outbox. A message is
both events and the question; the processor's time is that of analytics, the clock's that of all.
{stack}.
Broker, store and analytics shared the machine, and other work did, too (see the load); niceness {nice}.

{table}
Bar: {bar:,} messages a second per core, with masking: **{per_core:,.0f}**.
"""


@dataclass
class Room:
    """A broker and a store, and what is needed to fill them."""

    producer: AIOKafkaProducer
    client: Client
    ring: KeyRing

    async def fill(self, count: int) -> None:
        """Publishes so many messages and the bot's answers."""
        texts = _texts()
        for _ in range(count // PER_CONVERSATION):
            conversation, merchant = uuid4().hex, MERCHANTS[uuid4().int % len(MERCHANTS)]
            ends = utc_now() + timedelta(days=1)
            await self.ring.mint(merchant, conversation, Purpose.DIALOGUE, ends)
            for _ in range(PER_CONVERSATION):
                for event in await self._question(merchant, conversation, next(texts)):
                    await self._send(event)
        await self.producer.flush()

    async def counted(self) -> int:
        """How many messages are counted."""
        rows = database(self.client, "analytics")["counts"].find(
            {"_id": {"$regex": r"\|month\|volume\|messages$"}}
        )
        return sum([row["n"] async for row in rows])

    async def untold(self) -> int:
        """How many questions are still in the outbox."""
        return await database(self.client, "analytics")["outbox"].count_documents({"sent": False})

    async def until_counted(self, count: int) -> None:
        """Returns when so many messages are counted; asked seldom, as asking takes the store's time."""
        while await self.counted() < count:
            await asyncio.sleep(0.5)

    async def until_told(self) -> None:
        """Returns when all their questions are on the bus."""
        while await self.untold():
            await asyncio.sleep(0.5)

    async def _question(
        self, merchant: str, conversation: str, text: str
    ) -> tuple[ConversationEvent, ConversationEvent]:
        event = message_received(conversation, merchant_id=merchant, occurred_at=utc_now())
        body = await self.ring.seal(Place.of(event), Purpose.DIALOGUE, MessageBody(text=text))
        turn = ReplyComposed(
            event_id=uuid4(), merchant_id=merchant, conversation_id=conversation,
            occurred_at=utc_now(), cause_id=event.event_id, intent="track_parcel", language="nb",
            outcome=Outcome.ANSWERED, confidence=0.9, pack_version="bench", message=sealed(),
        )  # fmt: skip
        return event.model_copy(update={"message": body}), turn

    async def _send(self, event: ConversationEvent) -> None:
        body = event.model_dump_json(exclude_none=True).encode()
        await self.producer.send(topic_for(event).name, body, key=event.key.encode())


async def measure(folder: Path, count: int) -> dict[str, Any]:
    """Fills the bus, lets analytics count it, and says what that took."""
    places = Places.at(folder)
    places.create()
    create_secrets(places.secrets, MERCHANTS)
    stack = Stack(places)
    await stack.start()
    ports = {f"PRAT_ANALYTICS_{name}_PORT": str(Ports().any()) for name in ("PUBLIC", "INTERNAL")}
    os.environ |= {**stack.env, **ports, "PRAT_SECRETS_DIR": str(places.secrets)}
    try:
        await create_topics(stack.broker.bootstrap)
        return await _measured(count) | {"stack": stack.sentence}
    finally:
        await stack.stop()


async def _measured(count: int) -> dict[str, Any]:
    settings = CommonSettings()
    client = connect(settings.mongo_url)
    ring = KeyRing(MongoKeyStore(client), settings.keks(Purpose.DIALOGUE))
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap) as producer:
        room = Room(producer, client, ring)
        await room.fill(WARM_UP + count)
        serving = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.statistics", "--serve"
        )
        try:
            await room.until_counted(WARM_UP)
            return await _timed(room, serving.pid, count)
        finally:
            serving.terminate()
            await serving.wait()
            client.close()


async def _timed(room: Room, pid: int, count: int) -> dict[str, Any]:
    """From some moment after the first messages until all are counted, and told."""
    already, began, used = await room.counted(), time.perf_counter(), _cpu_seconds(pid)
    await room.until_counted(WARM_UP + count)
    wall = time.perf_counter() - began
    await room.until_told()
    cpu, left = _cpu_seconds(pid) - used, WARM_UP + count - already
    return {"messages": left, "wall": wall, "cpu": cpu, "memory": _memory(pid)}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _texts() -> Iterator[str]:
    texts = messages()
    while True:
        yield from texts


def page(found: Mapping[str, Any]) -> None:
    """Writes the page."""
    per_core = found["messages"] / found["cpu"]
    rows = [
        ["messages", f"{found['messages']:,}"],
        ["counted a second, on the clock", f"{found['messages'] / found['wall']:,.0f}"],
        ["processor's time per message, µs", f"{1e6 * found['cpu'] / found['messages']:,.0f}"],
        ["messages a second per core", f"{per_core:,.0f}"],
        ["memory of the process, MB", f"{found['memory']:.0f}"],
    ]
    body = BODY.format(
        table=pages.table(["", ""], rows), characters=100, per=PER_CONVERSATION, nice=os.nice(0),
        merchants=len(MERCHANTS), stack=found["stack"], bar=BAR, per_core=per_core,
    )  # fmt: skip
    pages.write("statistics", "Statistics", body)


def main() -> None:
    """Measures and writes the page, or is what is measured."""
    if sys.argv[1:] == ["--serve"]:
        packs = Packs(*(pack(merchant) for merchant in MERCHANTS))
        run(lambda: build(content=packs))
    count = int(sys.argv[1]) if sys.argv[1:] else MESSAGES
    with tempfile.TemporaryDirectory() as folder:
        page(asyncio.run(measure(Path(folder), count)))


if __name__ == "__main__":
    main()
