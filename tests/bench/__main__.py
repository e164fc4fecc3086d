"""`make bench`: measures and writes docs/figures/reply-latency.md."""

import asyncio
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench.reply_latency import measure

REPORT = Path("docs/figures/reply-latency.md")

PAGE = """# Reply latency

From the visitor's socket frame to the bot's turn at the same socket, beside a bare two-hop echo over
the same broker (two topics, another process, acks=all, idempotent producer, commit per record).
Both alternate in one run, 100 ms apart; `make bench` repeats it.

| | p50 ms | p99 ms | count |
|---|---|---|---|
| bare two-hop echo | {echo[p50]} | {echo[p99]} | {echo[count]} |
| question to answer at the visitor | {reply[p50]} | {reply[p99]} | {reply[count]} |

Ratio of the medians: **{ratio_p50}**. {stack}. {machine}.
"""


def main() -> None:
    """Runs the benchmark and writes its report."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(PAGE.format(**figures, machine=machine))


main()
