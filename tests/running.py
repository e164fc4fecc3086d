"""Runs services inside a test's own process: real ports, real broker, real store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from libs.kit.service import Service, serve_until

READY_SECONDS = 60.0


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
