"""`python -m tests.bench [NAME…]`: measures, each in a process of its own, and writes docs/figures.

`--list` says what there is; without names all are measured. DATA is a folder of public sets, and may stand
among the names: what is not in it, or not given, is left out of the pages.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.pages import FIGURES


@dataclass(frozen=True)
class Measurement:
    """One page of figures; its module is run with the folder of public sets where it reads any."""

    name: str
    about: str
    reads_public: bool = False
    page: str = ""
    has_quick: bool = False

    @property
    def file(self) -> str:
        """The page's file name."""
        return self.page or f"{self.name}.md"

    @property
    def module(self) -> str:
        """What is run."""
        return f"tests.bench.{self.name.replace('-', '_')}"


MEASUREMENTS = (
    Measurement("crowd", "500 chats and 50 agents: how soon visitors see their agent and place"),
    Measurement("entities", "F1 of facts in messages, on formats that were not developed on"),
    Measurement("export", "a download of 10,000 messages: time and memory"),
    Measurement(
        "handoff", "1,000 cases raced for by 50 agents; waits told and real on invented days"
    ),
    Measurement("language", "share of short lines whose language is right", reads_public=True),
    Measurement(
        "masking", "personal data left, harmless messages damaged, beside others", reads_public=True
    ),
    Measurement("orders", "10,000 random orders of what visitors, agents and the bus do"),
    Measurement("privacy", "sealing a field; 1,000 erasures while others write", has_quick=True),
    Measurement("products", "a catalogue of 100,000 products: building, memory, searches"),
    Measurement("reply-latency", "question to answer at the visitor, beside a bare echo"),
    Measurement("statistics", "messages counted a second per core, with masking"),
    Measurement(
        "understanding",
        "topics, out of scope, wrong answers, speed",
        reads_public=True,
        page="nlu.md",
    ),
)

INDEX = """# Figures

Everything here can be measured again: `make bench` makes all pages, `python -m tests.bench NAME` one,
each in a process of its own. Every page names its day, machine and load. Nothing outside this
repository is needed; `DATA=FOLDER make bench` adds the public sets that are in the folder.

| page | what was measured | made again by |
|---|---|---|
{rows}
| [erasure-proof](erasure-proof.md) | what bytes are left after erasure and expiry | `make prove-erasure` |
"""


def index() -> str:
    """The page that names all pages."""
    rows = [
        f"| [{one.file.removesuffix('.md')}]({one.file}) | {one.about} | `python -m tests.bench {one.name}"
        f"{' --data FOLDER' if one.reads_public else ''}` |"
        for one in MEASUREMENTS
    ]
    return INDEX.format(rows="\n".join(rows))


def run(one: Measurement, data: Path | None, *, quick: bool = False) -> int:
    """Measure one thing, shorter where it can be; its exit code."""
    options = [str(data)] if data and one.reads_public else []
    options += ["--quick"] if quick and one.has_quick else []
    sys.stderr.write(f"{one.name}: measuring\n")
    return subprocess.run(
        [sys.executable, "-m", one.module, *options],
        check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    ).returncode  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Measures what is named, and writes the index; 1 when any of it failed."""
    names = [one.name for one in MEASUREMENTS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--data", type=Path, default=os.environ.get("DATA") or None)
    parser.add_argument(
        "--quick", action="store_true", help="less of it, where there is a short way"
    )
    asked = parser.parse_args(arguments)
    folders = [name for name in asked.names if Path(name).is_dir()]
    asked.names = [name for name in asked.names if name not in folders]
    data = Path(folders[-1]) if folders else asked.data
    if unknown := set(asked.names) - set(names):
        parser.error(f"no measurement {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if asked.list:
        sys.stdout.writelines(f"{one.name:15}{one.about}\n" for one in MEASUREMENTS)
        return 0
    wanted = [one for one in MEASUREMENTS if one.name in (asked.names or names)]
    failed = [one.name for one in wanted if run(one, data, quick=asked.quick)]
    (FIGURES / "README.md").write_text(index(), "utf-8")
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
