"""Every pack that was published, as it came over the bus: the list of versions, and the way back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from libs.contracts.content import PackPublished
from libs.kit.mongo import (
    AWAY_ERRORS,
    Client,
    Collection,
    Document,
    Index,
    database,
    ensure,
)
from services.nlu.content.merchant_rules import PREVIEW

PACKS = Collection(
    "packs", expiring=False, indexes=(Index(("merchant_id",)),),
    required={"merchant_id": "string", "content": "string"},
)  # fmt: skip
PUBLICATIONS = Collection(
    "publications", expiring=False, indexes=(Index(("merchant_id", "published_at")),),
    required={"merchant_id": "string", "version": "string", "published_at": "date"},
)  # fmt: skip

KEPT = 200
"""Publications of a merchant that can be returned to; older ones are forgotten."""

FROM_FILES = "files"
"""Who published what came without a name: `prat content publish` from somebody's files."""

PAUSE_SECONDS = 2.0
"""A store that is away is asked again after this time."""


@dataclass(frozen=True)
class Publication:
    """One time that content was published; rolling back is one more of them."""

    merchant_id: str
    version: str
    published_at: datetime
    who: str
    note: str


class Versions:
    """The published packs in nlu's store; nothing in them is personal."""

    def __init__(self, client: Client, kept: int = KEPT) -> None:
        self._db = database(client, "nlu")
        self._packs = self._db[PACKS.name]
        self._publications = self._db[PUBLICATIONS.name]
        self._kept = kept

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (PACKS, PUBLICATIONS))

    async def announce(self, pack: PackPublished, who: str, note: str) -> None:
        """Notes who is about to publish, and why; it counts once the event has come."""
        row = _row(pack, who, note) | {"confirmed": False}
        await self._publications.replace_one({"_id": _id(pack)}, row, upsert=True)

    async def record(self, pack: PackPublished) -> None:
        """Keeps a published pack; the same event again changes nothing, nor does equal content."""
        content = {"merchant_id": pack.merchant_id, "content": pack.model_dump_json()}
        await self._packs.replace_one({"_id": _pack_id(pack)}, content, upsert=True)
        if await self._confirm(pack) or await self._was_there(pack):
            return
        row = _row(pack, FROM_FILES, "") | {"confirmed": True}
        await self._publications.update_one({"_id": _id(pack)}, {"$setOnInsert": row}, upsert=True)
        await self._trim(pack.merchant_id)

    async def list(self, merchant_id: str) -> list[Publication]:
        """The merchant's publications, the newest first."""
        query = {"merchant_id": merchant_id, "confirmed": True}
        rows = self._publications.find(query).sort([("published_at", -1), ("_id", -1)])
        return [_publication(row) async for row in rows.limit(self._kept)]

    async def pack(self, merchant_id: str, version: str) -> PackPublished | None:
        """A kept version, or None."""
        found = await self._packs.find_one({"_id": f"{merchant_id}:{version}"})
        return PackPublished.model_validate_json(found["content"]) if found else None

    async def _confirm(self, pack: PackPublished) -> bool:
        confirmed = {"$set": {"confirmed": True}}
        return (
            await self._publications.update_one({"_id": _id(pack)}, confirmed)
        ).matched_count == 1

    async def _was_there(self, pack: PackPublished) -> bool:
        """Whether the publication before this one had the same content."""
        earlier = {
            "merchant_id": pack.merchant_id, "confirmed": True,
            "published_at": {"$lte": pack.occurred_at},
        }  # fmt: skip
        before = await self._publications.find_one(earlier, sort=[("published_at", -1)])
        return before is not None and before["version"] == pack.pack_version

    async def _trim(self, merchant_id: str) -> None:
        mine = {"merchant_id": merchant_id}
        rows = self._publications.find(mine).sort([("published_at", -1), ("_id", -1)])
        old = [row["_id"] async for row in rows.skip(self._kept)]
        if not old:
            return
        await self._publications.delete_many({"_id": {"$in": old}})
        versions = await self._publications.distinct("version", mine)
        needed = [f"{merchant_id}:{version}" for version in versions]
        await self._packs.delete_many(mine | {"_id": {"$nin": needed}})


class Recorder:
    """Keeps what the bus brings, in order, however long the store is away."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[PackPublished] = asyncio.Queue()
        self._log = structlog.get_logger()

    def take(self, pack: PackPublished) -> None:
        """Takes a pack to keep; previews are nobody's version."""
        if not pack.merchant_id.endswith(PREVIEW):
            self._waiting.put_nowait(pack)

    async def keep(self, versions: Versions) -> None:
        """Stores what was taken, until cancelled."""
        while True:
            await self._store(await self._waiting.get(), versions)

    async def _store(self, pack: PackPublished, versions: Versions) -> None:
        while True:
            try:
                return await versions.record(pack)
            except AWAY_ERRORS as error:
                self._log.warning("A version waits to be kept.", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)


def again(pack: PackPublished, now: datetime) -> PackPublished:
    """The event of publishing kept content once more."""
    return pack.model_copy(update={"occurred_at": now})


def _row(pack: PackPublished, who: str, note: str) -> Document:
    return {
        "merchant_id": pack.merchant_id, "version": pack.pack_version,
        "published_at": pack.occurred_at, "who": who, "note": note,
    }  # fmt: skip


def _id(pack: PackPublished) -> str:
    return f"{_pack_id(pack)}:{pack.occurred_at.isoformat()}"


def _pack_id(pack: PackPublished) -> str:
    return f"{pack.merchant_id}:{pack.pack_version}"


def _publication(row: Document) -> Publication:
    return Publication(
        row["merchant_id"], row["version"], row["published_at"], row["who"], row["note"]
    )
