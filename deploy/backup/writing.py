"""Writes a backup: every database of the services into one folder, the keys into another."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument

from deploy.backup.ledger import Bus
from deploy.backup.manifest import File, Manifest, Moment, digest, save
from deploy.kafka.groups import committed
from deploy.local.errors import LocalFault
from libs.kit.mongo import Client, raw_documents

KEYS_DATABASE = "prat_keys"
INBOX = "inbox"
"""Ids of handled events, under this name in every service that has one."""

LEFT_OUT = ("prat_journal",)
"""Nothing but counters of flushes."""

Say = Callable[[str], None]


async def write(client: Client, folder: Path, kept: Manifest, key: bytes, say: Say) -> Manifest:
    """Writes what `kept` says it holds into a new folder; the sealed manifest."""
    _make(folder)
    files = []
    for database, collection in await collections(client):
        if (database == KEYS_DATABASE) == (kept.holds == "keys"):
            files.append(await _write(client, folder, database, collection))
            say(f"{database}.{collection}: {files[-1].documents}")
    manifest = kept.model_copy(update={"files": tuple(files)}).sealed(key)
    save(folder, manifest)
    return manifest


def empty(holds: Any, now: datetime, bus: Moment) -> Manifest:
    """A manifest before its files are written."""
    return Manifest(holds=holds, made_at=now, bus=bus, files=())


async def collections(client: Client) -> list[tuple[str, str]]:
    """Every collection of every service's database, and those of the keys; inboxes first.

    An event that an inbox does not know is handled again after a restore. Were an inbox read last,
    it could know of an event whose effect was not there yet when its place was read: lost.
    """
    names = [name for name in await client.list_database_names() if name.startswith("prat_")]
    found = [
        (database, collection)
        for database in sorted(set(names) - {*LEFT_OUT})
        for collection in await client[database].list_collection_names()
        if not collection.startswith("system.")
    ]
    return sorted(found, key=lambda place: (place[1] != INBOX, place))


async def moment(bootstrap: str) -> Moment:
    """Where ledger and readers are; asked before the first document is read."""
    return Moment(ledger=await Bus(bootstrap).position(), groups=await committed(bootstrap))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        used = any(folder.iterdir())
    except OSError as error:
        raise LocalFault(
            f"The folder {folder} cannot be made ({error.strerror})", "Choose another folder."
        ) from None
    if used:
        raise LocalFault(f"The folder {folder} is not empty", "Give a new one to each backup.")


async def _write(client: Client, folder: Path, database: str, collection: str) -> File:
    path, count = folder / f"{database}.{collection}.bson", 0
    with path.open("xb") as file:
        path.chmod(0o600)
        document: RawBSONDocument
        async for document in raw_documents(client, database, collection).find():
            file.write(document.raw)
            count += 1
    hashed = await asyncio.to_thread(digest, path)
    return File(
        name=path.name, database=database, collection=collection, documents=count, sha256=hashed
    )
