"""A bare two-hop echo over the same broker: what a reply would cost if nothing were done on the way."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

THERE, BACK = "bench.echo.there", "bench.echo.back"


@asynccontextmanager
async def _client(kind: type, *topics: str, **options: object) -> AsyncIterator[Any]:
    client = kind(*topics, bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"], **options)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def answer() -> None:
    """The other side: sends back what it gets; a process of its own."""
    safe = {"acks": "all", "enable_idempotence": True}
    async with (
        _client(AIOKafkaConsumer, THERE, group_id="bench.echo", enable_auto_commit=False) as inbox,
        _client(AIOKafkaProducer, **safe) as outbox,
    ):
        sys.stdout.write("up\n")
        sys.stdout.flush()
        async for record in inbox:
            await outbox.send_and_wait(BACK, record.value, key=record.key)
            await inbox.commit()


class Echo:
    """Round trips over two topics through another process."""

    def __init__(self, inbox: AIOKafkaConsumer, outbox: AIOKafkaProducer) -> None:
        self._inbox = inbox
        self._outbox = outbox

    async def once(self) -> float:
        """Seconds from send to the echo's arrival."""
        began = time.perf_counter()
        await self._outbox.send_and_wait(THERE, b"x" * 300, key=b"bench")
        await self._inbox.getone()
        return time.perf_counter() - began


@asynccontextmanager
async def echoing(bootstrap: str) -> AsyncIterator[Echo]:
    """Both topics, the answering process, and this side of the echo."""
    os.environ["KAFKA_BOOTSTRAP"] = bootstrap
    await _create_topics(bootstrap)
    answering = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.echo", stdout=asyncio.subprocess.PIPE
    )
    assert answering.stdout
    await answering.stdout.readline()
    safe = {"acks": "all", "enable_idempotence": True}
    try:
        async with (
            _client(AIOKafkaConsumer, BACK) as inbox,
            _client(AIOKafkaProducer, **safe) as outbox,
        ):
            yield Echo(inbox, outbox)
    finally:
        answering.kill()
        await answering.wait()


async def _create_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1) for name in (THERE, BACK)])
    await admin.close()


if __name__ == "__main__":
    asyncio.run(answer())
