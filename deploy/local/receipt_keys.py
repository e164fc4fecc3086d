"""The keys that sign receipts: what a house publishes, and how it changes its key."""

import json
import os
from pathlib import Path
from typing import Any

from deploy.local.secrets import new_key
from services.retention.receipts import Signer
from services.retention.settings import RECEIPT_KEY, RETIRED_KEYS, RetentionSettings


def own_keys(secrets: Path) -> dict[str, Any]:
    """The list of keys as the gateway publishes it."""
    return _signer(secrets).published()


def rotate_key(secrets: Path) -> tuple[str, str]:
    """Puts a new key in the old one's place; the ids of both. The old one is noted first."""
    before = own_keys(secrets)
    _replace(secrets / RETIRED_KEYS, json.dumps(before, indent=2))
    _replace(secrets / RECEIPT_KEY, new_key())
    return before["keys"][0]["key_id"], own_keys(secrets)["keys"][0]["key_id"]


def _signer(secrets: Path) -> Signer:
    settings = RetentionSettings(secrets_dir=secrets)
    return Signer(settings.key(RECEIPT_KEY), settings.retired_receipt_keys())


def _replace(path: Path, text: str) -> None:
    """Writes a private file so that a crash leaves the old or the new one, never half of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
