"""Reply latency at the visitor, beside a bare two-hop echo over the same broker in the same run."""

import asyncio
import os
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import quantiles

from deploy.demo.runner import DemoHouse, Options
from deploy.local.places import Places
from tests.bench.echo import Echo, echoing
from tests.visitor import Visitor

ROUNDS = 40
PER_ROUND = 10
WARM_UP = 50
PAUSE_SECONDS = 0.1
"""Between any two, so that neither waits for work that the one before left behind."""

QUESTION = "Hvordan kan jeg betale?"


async def measure(folder: Path) -> dict[str, object]:
    """Alternates echoes and questions, so that both see the same machine; milliseconds."""
    os.environ["PRAT_GATEWAY_MESSAGES_PER_SECOND"] = "1000"
    os.environ["PRAT_GATEWAY_MESSAGE_BURST"] = "1000"
    house = DemoHouse(Places.at(folder), Options(restart_dead=False, fixed_ports=False), environ={})
    await house.start()
    try:
        origin = house.layout.url("fjellbekk")
        visitor = Visitor(house.layout.url("gateway"), origin, "fjellbekk")
        async with visitor, echoing(house.kafka.bootstrap) as echo:
            return await _alternate(visitor, echo) | {"stack": house.stack.sentence}
    finally:
        await house.stop()


async def _alternate(visitor: Visitor, echo: Echo) -> dict[str, object]:
    for _ in range(WARM_UP):
        await echo.once()
        await _reply(visitor)
    echoes: list[float] = []
    replies: list[float] = []
    for _ in range(ROUNDS):
        echoes += [await _paced(echo.once()) for _ in range(PER_ROUND)]
        replies += [await _paced(_reply(visitor)) for _ in range(PER_ROUND)]
    bare, ours = _milliseconds(echoes), _milliseconds(replies)
    return {"echo": bare, "reply": ours, "ratio_p50": round(ours["p50"] / bare["p50"], 2)}


async def _paced(once: Awaitable[float]) -> float:
    seconds = await once
    await asyncio.sleep(PAUSE_SECONDS)
    return seconds


async def _reply(visitor: Visitor) -> float:
    began = time.perf_counter()
    await visitor.reply_to(QUESTION)
    return time.perf_counter() - began


def _milliseconds(seconds: list[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100)
    return {
        "p50": round(cuts[49] * 1000, 2), "p99": round(cuts[98] * 1000, 2), "count": len(seconds)
    }  # fmt: skip
