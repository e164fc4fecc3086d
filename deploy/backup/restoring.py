"""Restores a backup before traffic: what was erased since, and what has ended, is never written at all."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import filterfalse
from pathlib import Path
from typing import Any

from bson import decode_file_iter
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from deploy.backup.manifest import File, Manifest, Moment, check_files, load
from deploy.backup.writing import KEYS_DATABASE, Say, collections
from deploy.kafka.groups import committed, listening, move, set_back
from deploy.local.errors import LocalFault
from libs.contracts.privacy import ErasureRecorded
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, raw_documents
from services.retention.ledger import ERASURES, MARK_KEPT, remember

BATCH = 200
FORGOTTEN_SECONDS = 15.0
"""Longer than the broker keeps the place of a service that is gone."""

LOOK_SECONDS = 0.5
AN_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""A conversation's id, wherever it stands in a document: as a field, in an id, in an event."""

ERASURE_ROWS = ("prat_retention", ERASURES.name)
"""The one collection that speaks of erased conversations for good: which they are, and their receipts."""


@dataclass(frozen=True)
class Source:
    """A backup that was checked: its folder and what lies in it."""

    folder: Path
    manifest: Manifest

    def documents(self, file: File) -> Iterator[RawBSONDocument]:
        """The documents of one file, as they were."""
        raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument, tz_aware=True)
        with (self.folder / file.name).open("rb") as opened:
            yield from decode_file_iter(opened, raw)


@dataclass
class Outcome:
    """What became of the documents."""

    restored: int = 0
    keys: int = 0
    expired: int = 0
    erased: int = 0
    erasures: int = 0
    by_collection: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Sieve:
    """Lets through what may come back."""

    erased: frozenset[bytes]
    now: datetime

    def why_not(self, document: RawBSONDocument, place: tuple[str, str]) -> str | None:
        """Why a document stays away: `expired`, `erased`, or None."""
        ends = document.get("expires_at")
        # Raw documents give times without a zone, in UTC.
        if isinstance(ends, datetime) and ends.replace(tzinfo=UTC) <= self.now:
            return "expired"
        if place != ERASURE_ROWS and not self.erased.isdisjoint(AN_ID.findall(document.raw)):
            return "erased"
        return None


def opened(folder: Path, holds: str, key: bytes, now: datetime) -> Source:
    """A backup of the expected kind, whole and unchanged; LocalFault for anything else."""
    manifest = load(folder, key)
    if manifest.holds != holds:
        raise LocalFault(
            f"{folder} holds {manifest.holds}, not {holds}",
            "Give the folder of the documents, and that of the keys as --keys.",
        )
    if manifest.is_too_old(now):
        raise LocalFault(
            f"The keys in {folder} are older than 7 days: they could open what was erased",
            "Take newer keys, or restore without --keys; delete these with `prat backup prune`.",
        )
    check_files(folder, manifest)
    return Source(folder, manifest)


async def check_quiet(bootstrap: str, patience: float = FORGOTTEN_SECONDS) -> None:
    """LocalFault while a service listens to the bus: it would write into what is restored.

    One that has just gone keeps its place for a while: so long it is waited for.
    """
    deadline = time.monotonic() + patience
    while groups := await listening(bootstrap):
        if time.monotonic() > deadline:
            raise LocalFault(
                f"Services still run: the bus is read by {', '.join(groups)}",
                "Stop them all, on every machine, then repeat.",
            )
        await asyncio.sleep(LOOK_SECONDS)


async def check_empty(client: Client) -> None:
    """LocalFault where there is a document already."""
    for database, collection in await collections(client):
        if await client[database][collection].find_one({}):
            raise LocalFault(
                f"The store is not empty: there are documents in {database}.{collection}",
                "Restore into an empty store, or give --over to replace everything in it.",
            )


async def clear(client: Client) -> None:
    """Forgets everything that the store has."""
    for database, collection in await collections(client):
        await client[database].drop_collection(collection)


async def rewind(bootstrap: str, then: Moment) -> None:
    """Lets every service read again what came since the backup; all of it may be handled twice.

    Done before the first document is written: then nothing is missed, whenever this is cut off.
    """
    for group, places in set_back(await committed(bootstrap), then.groups).items():
        await move(bootstrap, group, places)


async def restore(
    client: Client, sources: Iterable[Source], erasures: list[ErasureRecorded],
    now: datetime, say: Say,
) -> Outcome:  # fmt: skip
    """Writes what may come back, and marks every conversation of the ledger as erased.

    The marks come first: whatever ends this half way, no erased conversation can be written to.
    """
    # Of the keys some services may only read: they would find no index, and not start.
    await MongoKeyStore(client).prepare()
    outcome = Outcome(erasures=len(erasures))
    sieve = Sieve(frozenset(event.conversation_id.encode() for event in erasures), now)
    files = [(source, file) for source in sources for file in source.manifest.files]
    for source, file in filter(_is_of_erasures, files):
        await _restore(client, source, file, sieve, outcome)
    await mark(client, erasures)
    for source, file in filterfalse(_is_of_erasures, files):
        await _restore(client, source, file, sieve, outcome)
        say(f"{file.database}.{file.collection}: {file.documents}")
    return outcome


async def mark(client: Client, erasures: Iterable[ErasureRecorded]) -> None:
    """Marks conversations as erased and their keys as destroyed; retention asks all services again."""
    keys = MongoKeyStore(client)
    for event in erasures:
        until = event.occurred_at + MARK_KEPT
        await keys.destroy(event.merchant_id, event.conversation_id, until)
        await remember(client, event)


def _is_of_erasures(one: tuple[Source, File]) -> bool:
    return (one[1].database, one[1].collection) == ERASURE_ROWS


async def _restore(
    client: Client, source: Source, file: File, sieve: Sieve, outcome: Outcome
) -> None:
    place = (file.database, file.collection)
    target = raw_documents(client, *place)
    batch: list[Mapping[str, Any]] = []
    for document in source.documents(file):
        if why := sieve.why_not(document, place):
            setattr(outcome, why, getattr(outcome, why) + 1)
            continue
        batch.append(document)
        outcome.by_collection[".".join(place)] += 1
        if file.database == KEYS_DATABASE:
            outcome.keys += 1
        else:
            outcome.restored += 1
        if len(batch) == BATCH:
            await target.insert_many(batch)
            batch = []
    if batch:
        await target.insert_many(batch)
