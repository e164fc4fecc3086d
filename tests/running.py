"""Runs services inside a test's own process: real ports, real broker, real store."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import httpx

from deploy.local.light import light_program
from libs.kit.mongo import connect
from libs.kit.service import Service, serve_until
from services.retention.ledger import ERASURES, UNFINISHED

READY_SECONDS = 60.0

LIGHT = {"PRAT_BROKER": "light"} if light_program() else {}
"""For a house whose broker is not what is asked about: Kafka takes four seconds to start."""


@contextmanager
def environment(env: Mapping[str, str]) -> Iterator[None]:
    """Sets variables of this process for a while."""
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


@asynccontextmanager
async def given_up(mongo_url: str) -> AsyncIterator[None]:
    """Forgets the erasures that are unfinished at the end, as not all services run in the house.

    Retention would pursue them in whichever test starts it next.
    """
    yield
    client = connect(mongo_url)
    await client["prat_retention"][ERASURES.name].delete_many(dict(UNFINISHED))
    client.close()


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Starts the services, waits until each is ready, stops them at the end."""
    async with AsyncExitStack() as stack:
        for service in services:
            await stack.enter_async_context(_one(service))
        yield


@asynccontextmanager
async def _one(service: Service) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(serve_until(service, stopping))
    try:
        await _ready(service, task)
        yield
    finally:
        stopping.set()
        await task


async def _ready(service: Service, task: asyncio.Task[int]) -> None:
    port = service.listeners[-1].port
    async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient() as client:
        while True:
            if task.done():
                task.result()
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                    return
            except httpx.HTTPError:
                pass  # it does not listen yet
            await asyncio.sleep(0.05)
