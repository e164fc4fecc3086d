"""A download of 10,000 messages from the real store: how long, and how much memory.

`python -m tests.bench.export [MESSAGES]` writes docs/figures/export.md.
"""

import asyncio
import gc
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import StreamingResponse

from deploy.local.places import Places
from deploy.local.stack import Stack
from libs.contracts.bodies import MessageBody
from libs.contracts.casefile import CaseFile
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, connect
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.retention.attachments import AttachmentStore
from services.retention.customers import Customers
from services.retention.downloads import Downloads
from services.retention.receipts import Signer
from services.retention.store import RetentionStore
from tests.bench import pages
from tests.builders import conversation_id, pack

MESSAGES, ROUNDS = 10_000, 5
TEXT = "Hei, jeg lurer på hvor pakken min er. " * 8
"""Some 300 bytes, as a long message has."""

BODY = """\
A conversation of {messages:,} messages of some 300 bytes lies sealed in the real store ({stack}).
It is read, opened, written and signed page by page, as retention does for the gateway, in one process;
{rounds} rounds each, the store's time included. Handoff is not asked. CPU is retention's own. Memory is
what Python holds at most while the file is written (`tracemalloc`, in a round of its own).

{table}

The bars are 2 seconds and 50 MB. The store is a Python process here and takes most of the time.
"""


@dataclass(frozen=True)
class Alone:
    """Handoff, which has no case."""

    async def of(self, *_: str) -> CaseFile:
        """Nothing."""
        return CaseFile()


async def fill(client: Client, ring: KeyRing, conversation: str, messages: int) -> None:
    """A conversation in the store, as if it had been said."""
    now = utc_now()
    ends = now + timedelta(days=90)
    await ring.mint("fjellbekk", conversation, Purpose.DIALOGUE, ends)
    rows = [await _row(ring, conversation, seq, now, ends) for seq in range(1, messages + 1)]
    db = client.get_database("prat_retention")
    await db["messages"].insert_many(rows)
    await db["conversations"].insert_one(
        {"_id": conversation, "merchant_id": "fjellbekk", "seq": messages, "expires_at": ends,
         "erased_at": None}
    )  # fmt: skip


async def _row(
    ring: KeyRing, conversation: str, seq: int, now: datetime, ends: datetime
) -> dict[str, Any]:
    event_id = uuid4()
    place = Place("fjellbekk", conversation, event_id, "message")
    sealed = await ring.seal(place, Purpose.DIALOGUE, MessageBody(text=f"{seq} {TEXT}"))
    return {
        "_id": str(event_id), "merchant_id": "fjellbekk", "conversation_id": conversation,
        "seq": seq, "author": "visitor" if seq % 2 else "bot", "kind": "message",
        "sealed": sealed.model_dump(mode="json"), "offer_topic": None, "sent_at": now,
        "expires_at": ends,
    }  # fmt: skip


async def download(downloads: Downloads, conversation: str, form: str) -> int:
    """Takes the whole file, piece by piece; its bytes."""
    answer = await downloads.export(Request({
        "type": "http", "method": "GET", "path": "/", "path_params": {"conversation_id": conversation},
        "headers": [(b"authorization", b"Bearer token")],
        "query_string": f"merchant_id=fjellbekk&locale=nb&format={form}".encode(),
    }))  # fmt: skip
    assert isinstance(answer, StreamingResponse)
    return sum([len(piece) async for piece in answer.body_iterator])


async def rounds(downloads: Downloads, conversation: str, form: str) -> list[object]:
    """The row of one form."""
    seconds, cpu = [], time.process_time()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        size = await download(downloads, conversation, form)
        seconds.append(time.perf_counter() - begun)
    own = (time.process_time() - cpu) / ROUNDS
    gc.collect()
    tracemalloc.start()
    await download(downloads, conversation, form)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    seconds.sort()
    return [form, f"{size / 1e6:.1f} MB", f"{seconds[ROUNDS // 2]:.2f} s", f"{seconds[-1]:.2f} s",
            f"{own:.2f} s", f"{most / 1e6:.1f} MB"]  # fmt: skip


async def measure(folder: Path, messages: int) -> tuple[list[list[object]], str]:
    """The rows, from a store of its own."""
    places = Places.at(folder)
    places.create()
    stack = Stack(places)
    await stack.start()
    client = connect(stack.store.url)
    try:
        keys, store = MongoKeyStore(client), RetentionStore(client, utc_now)
        for part in (keys, store):
            await part.prepare()
        ring, conversation = KeyRing(keys, {Purpose.DIALOGUE: bytes(32)}), conversation_id()
        await fill(client, ring, conversation, messages)
        alone: Any = Alone()
        downloads = Downloads(
            store,
            Customers(client, ring, utc_now),
            AttachmentStore(client, utc_now),
            alone,
            Signer(bytes(32)),
            Packs(pack()),
            ring,
            "token",
            utc_now,
        )
        return [await rounds(downloads, conversation, form) for form in ("json", "html")], (
            stack.sentence
        )
    finally:
        client.close()
        await stack.stop()


def main() -> None:
    """Measures and writes the page."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    with tempfile.TemporaryDirectory() as folder:
        rows, stack = asyncio.run(measure(Path(folder), messages))
    head = ["form", "file", "median", "slowest", "CPU", "memory"]
    body = BODY.format(messages=messages, rounds=ROUNDS, stack=stack, table=pages.table(head, rows))
    pages.write("export", "The download", body)


if __name__ == "__main__":
    main()
