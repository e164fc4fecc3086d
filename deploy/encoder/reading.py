"""Reads the demo shops' examples with the encoder ahead of time: a first start need not wait for it."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path

from deploy.encoder.places import VERSION
from deploy.local.places import ROOT

MERCHANT_FOLDERS = ROOT / "deploy" / "demo" / "merchants"
STARTER = ROOT / "services" / "nlu" / "packs"
NOTE = "examples.json"
"""Says which content was read, by what, and into which file: the next time nothing is opened."""

AT_A_TIME = 64

Progress = Callable[[int, int], None]
"""Hears how many lines of how many are read."""


def nobody(_done: int, _of: int) -> None:
    """Hears nothing."""


def read_examples(encoder: Path, learned: Path, progress: Progress = nobody) -> int:
    """Keep the vectors of all their lines in `learned`; returns how many lines there are."""
    note, content = learned / NOTE, _digest()
    known = _known(note, content)
    if known is not None:
        return known
    count, file = _read(encoder, learned, progress)
    with suppress(OSError):  # a read-only place: it is all read again the next time
        kept = {"content": content, "lines": count, "file": file.name, "bytes": file.stat().st_size}
        note.write_text(json.dumps(kept), "utf-8")
    return count


def _known(note: Path, content: str) -> int | None:
    """How many lines were read before, if it was this content and what was read is still there."""
    try:
        kept = json.loads(note.read_text("utf-8"))
        size = (note.parent / kept["file"]).stat().st_size
        is_whole = kept["content"] == content and size >= kept["bytes"]
        return int(kept["lines"]) if is_whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest() -> str:
    digest = sha256(VERSION.encode())
    for path in sorted(chain(STARTER.rglob("*.yaml"), MERCHANT_FOLDERS.rglob("*.yaml"))):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(encoder: Path, learned: Path, progress: Progress) -> tuple[int, Path]:
    # Imported late: where everything is read already, nothing of it is needed.
    from services.nlu.content.packs import load_folder
    from services.nlu.understanding.brain import examples_of, tests_of
    from services.nlu.understanding.embeddings import FILE, Embeddings
    from services.nlu.understanding.encoder import Encoder

    packs = load_folder(MERCHANT_FOLDERS, {}, datetime.now(UTC))
    lines = sorted(
        {text for pack in packs for text, _ in (*examples_of(pack.topics), *tests_of(pack.topics))}
    )
    network = Encoder(encoder)
    embeddings = Embeddings(network, learned, threads=os.cpu_count() or 1)
    for start in range(0, len(lines), AT_A_TIME):
        progress(start, len(lines))
        embeddings.vectors(lines[start : start + AT_A_TIME])
    return len(lines), learned / FILE.format(version=network.version)
