"""The secret files of a house: made once, readable by their owner only, never overwritten."""

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

KEY_BYTES = 32
KEYS = (
    "kek-dialogue.key", "kek-case.key", "ledger.key", "accounts.key", "audit.key", "receipt.key",
    "index.key",
)  # fmt: skip
AGENTS = "agent-passwords.json"
EDITORS = "editor-passwords.json"


def create_secrets(folder: Path, merchants: Iterable[str]) -> list[str]:
    """Make every secret that is missing; returns the names of the new files."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return [name for name, text in _all(merchants) if _write_new(folder / name, text)]


def agent_passwords(folder: Path, agents: Iterable[str]) -> dict[str, str]:
    """Each demo agent's password, by e-mail address; random, and the same at every start."""
    return _passwords(folder / AGENTS, agents)


def editor_passwords(folder: Path, editors: Iterable[str]) -> dict[str, str]:
    """Each demo editor's password, by e-mail address; random, and the same at every start."""
    return _passwords(folder / EDITORS, editors)


def new_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(12)


def new_key() -> str:
    """32 random bytes, as key files hold them."""
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _passwords(path: Path, people: Iterable[str]) -> dict[str, str]:
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [person for person in people if person not in known]
    if missing:
        known |= {person: new_password() for person in missing}
        path.unlink(missing_ok=True)
        _write_new(path, json.dumps(known, indent=2))
    return known


def store_password(folder: Path, user: str) -> str:
    """A user's password in the store: random, and the same at every start."""
    path = folder / f"store-{user}.password"
    folder.mkdir(parents=True, exist_ok=True)
    _write_new(path, secrets.token_hex(KEY_BYTES))
    return path.read_text().strip()


def secret_names(merchants: Iterable[str]) -> list[str]:
    """The files that a complete secrets folder has."""
    return [name for name, _ in _all(merchants)]


def statistics_token(folder: Path, merchant: str) -> str:
    """The token that opens one merchant's statistics page."""
    return (folder / f"stats-{merchant}.token").read_text().strip()


def _all(merchants: Iterable[str]) -> list[tuple[str, str]]:
    files = [(name, new_key()) for name in KEYS]
    files.append(("internal.token", secrets.token_hex(KEY_BYTES)))
    for merchant in merchants:
        # The form that Standard Webhooks prescribes for a signing secret.
        files.append((f"webhook-{merchant}.secret", f"whsec_{new_key()}"))
        files.append((f"stats-{merchant}.token", secrets.token_urlsafe(24)))
        files.append((f"identity-{merchant}.keys", f"first {secrets.token_urlsafe(KEY_BYTES)}"))
    return files


def _write_new(path: Path, text: str) -> bool:
    """Write a file that did not exist; an existing one is only closed to others."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return False
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
    return True
