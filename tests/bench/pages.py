"""Pages of figures: every page says when, where and by which command it was made."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIGURES = Path("docs/figures")


def machine() -> str:
    """What measured: the day, cores, system, Python, and how busy the machine was meanwhile."""
    parts = (
        f"{datetime.now(UTC):%Y-%m-%d}", f"{os.cpu_count()} cores ({platform.machine()})",
        platform.system(), f"Python {platform.python_version()}", f"load {os.getloadavg()[1]:.1f}",
    )  # fmt: skip
    return ", ".join(parts)


def write(name: str, title: str, body: str, *, options: str = "") -> None:
    """The page of one measurement."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    made = f"Made by `python -m tests.bench {name}{options}`. {machine()}."
    (FIGURES / f"{name}.md").write_text(f"# {title}\n\n{made}\n\n{body.strip()}\n", "utf-8")


def table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def apart(module: str, *arguments: str) -> Any:
    """What a module says last on its output, as JSON; it has a process, and memory, of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return json.loads(answer.stdout.splitlines()[-1])
