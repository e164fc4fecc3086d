"""Reply latency at the visitor, beside a bare two-hop echo over the same broker in the same run.

`python -m tests.bench.reply_latency` writes docs/figures/reply-latency.md.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import quantiles
from typing import Any

from deploy.demo.runner import DemoHouse, Options
from deploy.local.places import Places
from tests.bench import pages
from tests.bench.echo import Echo, echoing
from tests.visitor import Visitor

ROUNDS = 40
PER_ROUND = 10
WARM_UP = 50
PAUSE_SECONDS = 0.1
"""Between any two, so that neither waits for work that the one before left behind."""

QUESTION = "Hvordan kan jeg betale?"


BODY = """\
From the visitor's socket frame to the bot's turn at the same socket, beside a bare two-hop echo over
the same broker (two topics, another process, acks=all, idempotent producer, commit per record).
Both alternate in one run, {pause:.0f} ms apart.

{table}
Ratio of the medians: **{ratio_p50}**. {stack}.
"""


async def measure(folder: Path) -> dict[str, Any]:
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


async def _alternate(visitor: Visitor, echo: Echo) -> dict[str, Any]:
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


def main() -> None:
    """Measures and writes the page."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    titles = {"echo": "bare two-hop echo", "reply": "question to answer at the visitor"}
    rows = [[title, *figures[key].values()] for key, title in titles.items()]
    table = pages.table(["", "p50 ms", "p99 ms", "count"], rows)
    body = BODY.format(table=table, pause=PAUSE_SECONDS * 1000, **figures)
    pages.write("reply-latency", "Reply latency", body)


if __name__ == "__main__":
    main()
