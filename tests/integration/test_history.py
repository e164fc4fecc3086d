"""A demo's past: invented visitors talk to the real house, and statistics and inbox fill by themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.demo.history.talking import Answered, receive
from deploy.demo.history.visits import visits_of
from deploy.demo.runner import DemoHouse
from libs.kit.clock import utc_now

SHOP = "havsro"
PATIENCE = 60.0


async def asked(house: DemoHouse, path: str, **choice: str) -> Any:
    """What the statistics' origin answers the shop."""
    headers = {"authorization": f"Bearer {house.statistics_tokens[SHOP]}"}
    async with httpx.AsyncClient(base_url=house.layout.url("analytics"), headers=headers) as client:
        answer = await client.get(path, params={"merchant": SHOP, **choice})
    return answer.raise_for_status().json()


@pytest.mark.connected
@pytest.mark.asyncio(loop_scope="session")
async def test_visitors_talk_and_the_figures_and_the_inbox_fill(demo_house: DemoHouse) -> None:
    visits = visits_of(SHOP)
    progress: list[tuple[int, int]] = []
    done = await receive(demo_house.layout, visits, lambda left, of: progress.append((left, of)))
    assert done == Answered(len(visits), len(visits))
    assert progress[-1] == (len(visits), len(visits))
    days = {"from": f"{utc_now() - timedelta(days=1):%F}", "to": f"{utc_now():%F}"}
    async with asyncio.timeout(PATIENCE):
        while not (clusters := (await asked(demo_house, "/api/inbox"))["clusters"]):
            await asyncio.sleep(0.2)
        while not (await asked(demo_house, "/api/statistics", **days))["totals"]["chats"]:
            await asyncio.sleep(0.2)
    assert {"text": "Kan jag boka en inredare?"} in clusters[0]["phrases"][0]
