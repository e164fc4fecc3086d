"""What visitors, agents, clocks and the bus do, in 10,000 random orders, against the real rules.

`python -m tests.bench.orders [ORDERS]` writes docs/figures/orders.md.
"""

import sys
import time
from collections import Counter
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from libs.contracts.sealed import Purpose
from tests.bench import pages
from tests.unit.handoff.test_model import STEPS, Handoffs

ORDERS = 10_000

BODY = """\
Three visitors, two agents, two skills, opening hours, clocks that differ by seconds, and a bus that is
late and repeats: in each order up to {steps} things happen, at random. What is decided is decided by
handoff's and the gateway's own rules. After every step everything is checked that must hold: the bot is
silent while people have the say, what visitors then write is for people and unread until they see it, a
form comes before its case, one case is open per conversation and has one owner, everybody in a queue
knows the true place. One failure ends the run. CI tries some hundreds of orders (`test_model.py`).

| | |
| --- | --- |
{rows}
"""


class Counted(Handoffs):
    """The model of the tests, which says what it has tried."""

    tried: ClassVar[Counter[str]] = Counter()

    @invariant()
    def a_step_is_counted(self) -> None:
        """Once after every step."""
        self.tried["steps, each checked"] += 1

    def teardown(self) -> None:
        """Counts what came of the order, once all has arrived and been checked."""
        super().teardown()
        self.tried.update(counts(self))


def counts(order: Handoffs) -> Counter[str]:
    """What happened in one order; the last must be 0."""
    house, chats = order.house, order.house.chats.values()
    written = [event.message.purpose for chat in chats for event in chat.written]
    stretches = [(chat, *stretch) for chat in chats for stretch in house.stretches(chat)]
    spoken = sum(
        began <= at and (ended is None or at < ended)
        for chat, began, ended in stretches
        for at in chat.shown
    )
    return Counter({
        "orders": 1,
        "cases": len(house.said),
        "facts told about them": sum(map(len, house.said.values())),
        "conversations erased": len(house.erased),
        "messages of visitors": len(written),
        "of these to people": written.count(Purpose.CASE),
        "stretches in which people had the say": len(stretches),
        "messages of the bot that were shown": sum(len(chat.shown) for chat in chats),
        "messages of the bot that came too late and were held back": sum(
            len(chat.held) for chat in chats
        ),
        "**messages of the bot shown while people had the say**": spoken,
    })  # fmt: skip


def main() -> None:
    """Tries the orders and writes the page."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    began = time.process_time()
    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=orders, stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )  # fmt: skip
    rows = [f"| {what} | {count:,} |" for what, count in sorted_counts(Counted.tried)]
    body = BODY.format(steps=STEPS, rows="\n".join(rows))
    seconds = f"\nSeconds of the processor: {time.process_time() - began:.0f}.\n"
    pages.write("orders", "In any order", body + seconds)


def sorted_counts(tried: Counter[str]) -> list[tuple[str, int]]:
    """In the order in which they were counted, orders and steps first."""
    first = ["orders", "steps, each checked"]
    return [(what, tried[what]) for what in [*first, *(key for key in tried if key not in first)]]


if __name__ == "__main__":
    main()
