"""Wrapped conversation keys in the store: they expire with the conversation, or are destroyed."""

from collections.abc import Collection as Many
from contextlib import suppress
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from libs.contracts.sealed import Purpose
from libs.kit.clock import Now, utc_now
from libs.kit.errors import Unavailable
from libs.kit.mongo import Client, Collection, alive, database, ensure
from libs.privacy.keys import StoredKey

KEYS = Collection(
    "conversation_keys",
    expiring=True,
    required={"merchant_id": "string", "conversation_id": "string", "purpose": "string"},
)


TRIES = 5
"""So often a mark is written until it is seen to lie there."""


class MongoKeyStore:
    """Implements `libs.privacy.keys.KeyStore`; a destroyed key leaves a mark without key material."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._db = database(client, "keys")
        self._keys = self._db[KEYS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies collection and TTL index; called once at start."""
        await ensure(self._db, (KEYS,))

    async def insert(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, key: StoredKey
    ) -> None:
        """Stores a key unless one, or the mark of a destroyed one, is there already."""
        fresh = {
            "merchant_id": merchant_id, "conversation_id": conversation_id, "purpose": purpose.value,
            "wrapped": key.wrapped, "expires_at": key.expires_at,
        }  # fmt: skip
        await self._keys.update_one(
            {"_id": _id(conversation_id, purpose)}, {"$setOnInsert": fresh}, upsert=True
        )

    async def find(self, conversation_id: str, purpose: Purpose) -> StoredKey | None:
        """The key, or None when it expired, was destroyed or never was."""
        return (await self.find_many((conversation_id,), purpose)).get(conversation_id)

    async def find_many(
        self, conversation_ids: Many[str], purpose: Purpose
    ) -> dict[str, StoredKey]:
        """Those of these conversations' keys that `find` would find, by conversation."""
        wanted = {"_id": {"$in": [_id(one, purpose) for one in conversation_ids]}}
        rows = self._keys.find(wanted | {"wrapped": {"$ne": None}} | alive(self._now()))
        return {
            row["_id"].partition(":")[0]: StoredKey(bytes(row["wrapped"]), row["expires_at"])
            async for row in rows
        }

    async def extend(self, conversation_id: str, purpose: Purpose, expires_at: datetime) -> None:
        """Moves the end of a living key forward, never back."""
        living = {"_id": _id(conversation_id, purpose), "wrapped": {"$ne": None}}
        await self._keys.update_one(
            living | alive(self._now()), {"$max": {"expires_at": expires_at}}
        )

    async def destroy(self, merchant_id: str, conversation_id: str, until: datetime) -> int:
        """Overwrites every key of the conversation with a mark; the count of keys that there were.

        The marks remember it: a repeat after a crash counts the same.
        """
        return sum(
            [await self._destroy(merchant_id, conversation_id, one, until) for one in Purpose]
        )

    async def _destroy(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, until: datetime
    ) -> bool:
        place, gone = {"_id": _id(conversation_id, purpose)}, {"wrapped": None, "expires_at": until}
        about = {
            "merchant_id": merchant_id, "conversation_id": conversation_id,
            "purpose": purpose.value, "was_key": False,
        }  # fmt: skip
        for _ in range(TRIES):
            living = place | {"wrapped": {"$ne": None}}
            await self._keys.update_one(living, {"$set": gone | {"was_key": True}})
            # Two who make the mark at once may get in each other's way: what counts is what lies there.
            with suppress(DuplicateKeyError):
                await self._keys.update_one(
                    place, {"$set": gone, "$setOnInsert": about}, upsert=True
                )
            mark = await self._keys.find_one(place)
            if mark and mark.get("wrapped") is None:
                return bool(mark.get("was_key"))
        raise Unavailable("key mark")


def _id(conversation_id: str, purpose: Purpose) -> str:
    return f"{conversation_id}:{purpose}"
