"""What privacy costs: sealing a field, and erasures while others write.

`python -m tests.bench.privacy [--quick]` writes docs/figures/privacy.md; quick: 50 erasures beside 10
messages a second, instead of 1,000 beside 50.
"""

import asyncio
import sys
from statistics import quantiles
from typing import Any

from tests.bench import erasing, pages, sealing

FULL = erasing.Plan(count=1000, erasures_per_second=4, messages_per_second=50)
QUICK = erasing.Plan(count=50, erasures_per_second=2, messages_per_second=10)

BODY = """\
## Sealing a field

AES-256-GCM under the conversation's key, through the ring of keys as every service does it, key at hand,
JSON and base64 included; a message of {bytes:.0f} bytes; processor time, the median of {rounds} rounds
of {each}.

{sealing}
## Erasures under load

{count} conversations of a question and its answer are erased, {erasures:.1f} a second, while {talkers} other
visitors ask and the bot answers: {rate:.0f} messages a second, {answered} of {asked} answered by then.
The demo's house as processes ({stack}); the visitors are one more process on the same machine.

{table}

- *The call*: from the DELETE until it is accepted: the keys are destroyed, and nothing of the conversation is
  shown or stored any more.
- *Unreadable everywhere, with the receipt*: from the moment when it was asked for until all five services had
  forgotten the keys that they remembered (for a minute at most), deleted, acknowledged, and the receipt was
  signed.
"""


def main() -> None:
    """Measures and writes the page."""
    is_quick = "--quick" in sys.argv
    cost = asyncio.run(sealing.measure())
    found = asyncio.run(erasing.measure(QUICK if is_quick else FULL))
    pages.write("privacy", "What privacy costs", body(cost, found), options=" --quick" * is_quick)


def body(cost: dict[str, float], found: dict[str, Any]) -> str:
    """The page's text."""
    costs = [(name, f"{cost[name]:.1f}", "10 µs") for name in ("seal", "open")]
    rows = [
        _row("the call", found["calls"], ""),
        _row("unreadable everywhere, with the receipt", found["took"], "p99 5 s, receipt 10 s"),
    ]
    return BODY.format(
        sealing=pages.table(["", "µs per field", "bar"], costs), count=len(found["took"]),
        table=pages.table(["", "p50 s", "p99 s", "longest s", "bar"], rows),
        bytes=cost["bytes"], rounds=sealing.ROUNDS, each=sealing.PER_ROUND,
        talkers=erasing.TALKERS,
        **{name: found[name] for name in ("rate", "erasures", "answered", "asked", "stack")},
    )  # fmt: skip


def _row(title: str, seconds: list[float], bar: str) -> list[object]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return [title, f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{max(seconds):.2f}", bar]


if __name__ == "__main__":
    main()
