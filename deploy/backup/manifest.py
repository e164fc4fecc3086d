"""What a backup says of itself: times, counts, versions and hashes, sealed with a key of the house."""

import hmac
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from deploy.kafka.groups import Places
from deploy.local.errors import LocalFault

NAME = "manifest.json"
FORMAT: Literal["prat-backup/1"] = "prat-backup/1"
"""Name and version of the form; a change of meaning is a new version."""

KEYS_KEPT = timedelta(days=7)
"""Older keys could open what was erased since: the receipts promise that there are none."""


class Ledger(BaseModel):
    """How far the ledger of erasures had come on the bus: its cluster, and the end of each partition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: str
    ends: tuple[int, ...]


class Moment(BaseModel):
    """Where the bus was just before the first document was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ledger: Ledger
    groups: dict[str, Places]


class File(BaseModel):
    """One collection, as BSON documents one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    database: str
    collection: str
    documents: int
    sha256: str


class Manifest(BaseModel):
    """The table of contents of a backup; it holds no secret and nothing that a visitor wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["prat-backup/1"] = FORMAT
    holds: Literal["documents", "keys"]
    made_at: AwareDatetime
    made_by: str = f"prat {version('prat')}"
    bus: Moment
    files: tuple[File, ...]
    seal: str = ""

    @property
    def documents(self) -> int:
        """How many documents there are in all files."""
        return sum(file.documents for file in self.files)

    def sealed(self, key: bytes) -> "Manifest":
        """The same with its seal: an HMAC, so that nobody without the key can make or change one."""
        return self.model_copy(update={"seal": self._mac(key)})

    def is_genuine(self, key: bytes) -> bool:
        """Whether it is what was sealed with this key."""
        return hmac.compare_digest(self.seal, self._mac(key))

    def is_too_old(self, now: datetime) -> bool:
        """Whether these are keys that must not exist any more."""
        return self.holds == "keys" and now - self.made_at >= KEYS_KEPT

    def _mac(self, key: bytes) -> str:
        plain = self.model_dump_json(exclude={"seal"}).encode()
        return hmac.new(key, b"backup manifest\n" + plain, sha256).hexdigest()


def save(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, as the last file of a backup: a folder without one is no backup."""
    (folder / NAME).write_text(manifest.model_dump_json(indent=2) + "\n")


def load(folder: Path, key: bytes) -> Manifest:
    """The genuine manifest of a backup; LocalFault for anything else."""
    path = folder / NAME
    if not path.is_file():
        raise LocalFault(
            f"{folder} holds no backup: there is no {NAME}",
            "Give the folder that `prat backup` wrote; one without it was never finished.",
        )
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise LocalFault(
            f"The manifest in {folder} is not of the form {FORMAT}",
            "Restore with the version of Prat that wrote it, or take another backup.",
        ) from None
    if not manifest.is_genuine(key):
        raise LocalFault(
            f"The manifest in {folder} was changed, or is of another house",
            "Take another backup, or the secrets folder that was there when it was made.",
        )
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """LocalFault where a file is missing or is not what was written."""
    for file in manifest.files:
        path = folder / file.name
        if path.parent != folder or not path.is_file() or digest(path) != file.sha256:
            raise LocalFault(
                f"The file {file.name} of the backup is missing or was changed",
                "Take another backup: nothing was restored from this one.",
            )


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
