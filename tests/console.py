"""An agent without a browser: speaks the console's API as docs/console-api.md describes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import chain
from typing import Any

import httpx

from deploy.demo.runner import DemoHouse
from tests.visitor import NOBODY

KARI = "kari@fjellbekk.example"
PATIENCE_SECONDS = 90


@asynccontextmanager
async def agent(house: DemoHouse) -> AsyncIterator[httpx.AsyncClient]:
    """An agent's browser that is logged in."""
    console = house.layout.url("handoff")
    headers = {"x-prat-console": "1", "origin": console}
    async with httpx.AsyncClient(base_url=console, headers=headers, verify=NOBODY) as browser:
        form = {"email": KARI, "password": house.passwords[KARI]}
        (await browser.post("/api/login", json=form)).raise_for_status()
        yield browser


async def sent(browser: httpx.AsyncClient, method: str, path: str, **body: Any) -> Any:
    """The answer, asked for again while nobody answers: as the console does."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await browser.request(method, path, json=body)
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return answer.raise_for_status().json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


async def cases(browser: httpx.AsyncClient) -> set[str]:
    """The ids of all cases that the agent is shown, in whichever list."""
    lists = await sent(browser, "GET", "/api/queue")
    return {one["case_id"] for one in chain(*filter(is_list, lists.values()))}


def is_list(value: object) -> bool:
    return isinstance(value, list)


async def case_of(browser: httpx.AsyncClient, known: set[str]) -> str:
    """The one case that is new."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (fresh := await cases(browser) - known):
            await asyncio.sleep(0.2)
    (case_id,) = fresh
    return case_id
