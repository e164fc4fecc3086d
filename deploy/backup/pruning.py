"""Deletes copies of keys before they are older than the receipts promise."""

from datetime import datetime
from pathlib import Path

from deploy.backup.manifest import NAME, load
from deploy.backup.writing import KEYS_DATABASE
from deploy.local.errors import LocalFault


def pruned(folder: Path, key: bytes, now: datetime) -> tuple[list[Path], list[Path]]:
    """Copies of keys under `folder` that were too old and are deleted, and those of unknown age."""
    if not folder.is_dir():
        raise LocalFault(f"There is no folder {folder}", "Give the one where copies of keys lie.")
    gone: list[Path] = []
    unknown: list[Path] = []
    for one in sorted({path.parent for path in folder.rglob(f"{KEYS_DATABASE}.*.bson")}):
        try:
            manifest = load(one, key)
        except LocalFault:
            unknown.append(one)
            continue
        if manifest.is_too_old(now):
            for name in (*(file.name for file in manifest.files), NAME):
                (one / name).unlink(missing_ok=True)
            if not any(one.iterdir()):
                one.rmdir()
            gone.append(one)
    return gone, unknown
