"""The scan of everything that a house has written, byte by byte."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.canaries import Canaries, found_in

KINDS = (
    ("data/kafka/prat.dlq.", "dead letters"), ("data/kafka/", "Kafka segments"),
    ("data/store", "store files"), ("logs/", "logs"), ("metrics/", "metrics"),
    ("backup/documents", "backup: documents"), ("backup/keys", "backup: wrapped keys"),
)  # fmt: skip
"""What a file is, by where it lies in the house's folder; the first that fits."""

ELSE = "everything else"


@dataclass
class Row:
    """What was read of one kind, and what was found in clear: the places where it was planted."""

    kind: str
    files: int = 0
    bytes: int = 0
    with_id: int = 0
    leaks: dict[str, list[str]] = field(default_factory=dict)


def scan(root: Path, canaries: Canaries, conversation_id: str) -> list[Row]:
    """Reads every file below `root`; `with_id` counts those with the conversation's id, a control."""
    needles = canaries.needles()
    control = {"id": (conversation_id.encode(),)}
    rows: dict[str, Row] = {kind: Row(kind) for _, kind in KINDS}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        row = rows.setdefault(_kind(name), Row(_kind(name)))
        found = found_in(path, needles | control)
        row.files += 1
        row.bytes += path.stat().st_size
        row.with_id += "id" in found
        for place in sorted(found - {"id"}):
            row.leaks.setdefault(place, []).append(name)
    return list(rows.values())


def leaks(rows: list[Row]) -> dict[str, list[str]]:
    """Every canary that was found in clear, by where it was planted, with the files."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for place, files in row.leaks.items():
            found[place] += files
    return dict(found)


def _kind(name: str) -> str:
    return next((kind for start, kind in KINDS if name.startswith(start)), ELSE)
