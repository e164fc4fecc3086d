"""The shops' keys to statistics and inbox: kept as hashes, each with its rights and its end.

A key is 256 random bits. Nobody finds one by trying, so a plain hash hides it as well as a slow one would,
and a request costs one look by that hash.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from libs.kit import mongo
from libs.kit.clock import Now
from libs.kit.mongo import Client, Document, Index, Session, alive, database, ensure, in_transaction

LONGEST = mongo.LONGEST_LIFE
"""No key lives longer: one that everybody has forgotten ends by itself."""

PREFIX = "prat_"
"""What every key begins with, for those who look for secrets in texts."""

KEY_BYTES = 32

KEYS = mongo.Collection(
    "statistics_keys",
    expiring=True,
    indexes=(Index(("merchant_id",)),),
    required={"merchant_id": "string", "name": "string", "rights": "array", "made_on": "string"},
    lives=LONGEST,
)
"""Documents `{_id: hash of the key, merchant_id, name, rights, made_on, used_on, expires_at}`."""


class Right(StrEnum):
    """What a key may do."""

    READ = "read"
    INBOX = "inbox"


@dataclass(frozen=True)
class Key:
    """A key without its secret."""

    merchant_id: str
    name: str
    rights: frozenset[Right]
    made_on: date
    used_on: date | None
    ends_at: datetime


class Keys:
    """The keys of all shops."""

    def __init__(self, client: Client, now: Now) -> None:
        self._client = client
        self._now = now
        self._db = database(client, "analytics")
        self._rows = self._db[KEYS.name]

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (KEYS,))

    async def create(
        self, merchant_id: str, name: str, rights: Collection[Right], ends_at: datetime
    ) -> str | None:
        """Makes a key and returns it, the only time; None where the shop has a living one of this name."""
        secret = PREFIX + token_urlsafe(KEY_BYTES)
        row = {
            "_id": _hash(secret), "merchant_id": merchant_id, "name": name,
            "rights": sorted(rights), "made_on": self._today().isoformat(), "used_on": None,
            "expires_at": ends_at,
        }  # fmt: skip

        async def work(session: Session) -> str | None:
            same = {"merchant_id": merchant_id, "name": name} | alive(self._now())
            if await self._rows.find_one(same, session=session):
                return None
            await self._rows.insert_one(row, session=session)
            return secret

        return await in_transaction(self._client, work)

    async def revoke(self, merchant_id: str, name: str) -> bool:
        """Deletes a key; whether there was one."""

        async def work(session: Session) -> bool:
            mine = {"merchant_id": merchant_id, "name": name}
            return (await self._rows.delete_many(mine, session=session)).deleted_count > 0

        return await in_transaction(self._client, work)

    async def all(self, merchant_id: str = "") -> list[Key]:
        """The living keys of a shop, or of all."""
        mine = {"merchant_id": merchant_id} if merchant_id else {}
        found = self._rows.find(mine | alive(self._now()))
        rows = found.sort([("merchant_id", 1), ("name", 1)])
        return [_key(row) async for row in rows]

    async def find(self, secret: str) -> Key | None:
        """The living key that this is, or None."""
        row = await self._rows.find_one({"_id": _hash(secret)} | alive(self._now()))
        return _key(row) if row else None

    async def use(self, secret: str) -> None:
        """Notes that a key was used today; of the time of day nothing is kept."""

        async def work(session: Session) -> None:
            today: dict[str, Any] = {"$set": {"used_on": self._today().isoformat()}}
            await self._rows.update_one({"_id": _hash(secret)}, today, session=session)

        await in_transaction(self._client, work)

    def _today(self) -> date:
        return self._now().date()


def _key(row: Document) -> Key:
    used = row["used_on"]
    return Key(
        row["merchant_id"], row["name"], frozenset(map(Right, row["rights"])),
        date.fromisoformat(row["made_on"]), date.fromisoformat(used) if used else None,
        row["expires_at"],
    )  # fmt: skip


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
