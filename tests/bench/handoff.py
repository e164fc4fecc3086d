"""The human half: agents who race for cases on the real store, and days of invented visitors.

`python -m tests.bench.handoff [CASES AGENTS]` writes docs/figures/handoff.md.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from typing import Any

from deploy.local.places import Places
from deploy.local.stack import Stack
from deploy.simulation import report
from deploy.simulation.day import Plan
from deploy.simulation.run import Run
from libs.kit.mongo import connect, database
from libs.kit.outbox import Outbox
from services.handoff.floor import Pace
from services.handoff.store import CaseStore
from tests.bench import pages
from tests.builders import NoBus
from tests.claim_race import Race, claim_race, one_each

CASES, AGENTS = 1000, 50
DAYS = (
    Plan(seed=1), Plan(seed=2), Plan(seed=3), Plan(chats=3000, agents=20, seed=1),
    Plan(chats=1000, agents=9, seed=1),
)  # fmt: skip

BODY = """\
## Who gets a case

{agents} agents claim each of {cases:,} cases at the same time, through two connections to the real store
({stack}): **{right:,} of {cases:,} races ended with exactly one owner**,
everybody else was told `case_taken`. The winner's claim took {p50:.0f} ms (p99 {p99:.0f} ms)
with {losers} others in its way; all {claims:,} claims together {seconds:.0f} s.

## Days of invented visitors

Visitors come in two humps between 07 and 23 and ask for three skills in five languages; agents of different
skills and languages come in three shifts, have breaks, one in ten vanishes without a word; a chat takes
7 minutes on the average (log-normal), some are given back or sent on. All that happens to cases is
decided by handoff's own rules, in virtual time. The error is that of the middle of the range told on
entering the queue, as a share of the real wait, over all who waited (1 s or longer). Far from the head of
a long queue an estimate can be near; the next departure alone is as good as unpredictable, and small
houses have short queues: there the bar of 30 % is not kept, and the range says so by its width.

{days}
### The first of these days

{lines}

```text
{drawing}
```
"""


async def race(folder: Path, cases: int, agents: int) -> tuple[Race, str]:
    """The race on a store of its own."""
    places = Places.at(folder)
    places.create()
    stack = Stack(places)
    await stack.start()
    clients = [connect(stack.store.url) for _ in range(2)]
    try:
        stores = [CaseStore(one, Outbox(database(one, "handoff"), NoBus())) for one in clients]
        await stores[0].prepare()
        return await claim_race(stores, cases, agents), stack.sentence
    finally:
        for client in clients:
            client.close()
        await stack.stop()


def day_row(found: dict[str, Any]) -> list[object]:
    """A day in the table."""
    plan = found["plan"]
    return [
        f"{plan['chats']:,}", plan["agents"], plan["seed"], f"{found['waited']:,}",
        f"{found['median_wait']:.0f} s", f"{100 * found['median_error']:.1f} %",
        f"{100 * found['inside_range']:.0f} %", found["idle_while_waiting"], found["overtaken"],
    ]  # fmt: skip


def main() -> None:
    """Measures and writes the page."""
    cases, agents = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (CASES, AGENTS)
    with tempfile.TemporaryDirectory() as folder:
        raced, stack = asyncio.run(race(Path(folder), cases, agents))
    outcomes = [Run(plan, Pace().share).run() for plan in DAYS]
    found = [report.figures(outcome) for outcome in outcomes]
    head = ["visitors", "agents", "seed", "waited", "median wait", "median error", "inside",
            "idle while waiting", "overtaken"]  # fmt: skip
    cuts = quantiles(raced.winners, n=100)
    body = BODY.format(
        cases=cases, agents=agents, claims=cases * agents, losers=agents - 1, stack=stack,
        right=raced.outcomes[one_each(agents)], seconds=raced.seconds,
        p50=1000 * cuts[49], p99=1000 * cuts[98],
        days=pages.table(head, [day_row(one) for one in found]),
        lines="\n".join(f"- {line.strip()}" for line in report.lines(found[0])),
        drawing="\n".join(report.drawing(outcomes[0].waits)),
    )  # fmt: skip
    pages.write("handoff", "The human half", body)


if __name__ == "__main__":
    main()
