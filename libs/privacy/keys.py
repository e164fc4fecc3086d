"""The ring of conversation keys: minted once, cached briefly, destroyed for good."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from os import urandom
from typing import Protocol, TypeVar

from pydantic import BaseModel

from libs.contracts.sealed import Purpose, Sealed
from libs.privacy.sealing import KEY_BYTES, KeyGone, Place, WrongKey, seal, unseal, unwrap, wrap

BodyT = TypeVar("BodyT", bound=BaseModel)

CACHE_SECONDS = 60
"""A key erased elsewhere is forgotten here within this time even if the erasure event is late."""

CACHE_SIZE = 20_000
"""Conversations whose keys are kept in memory per process."""


@dataclass(frozen=True)
class StoredKey:
    """A wrapped key as it lies in the store."""

    wrapped: bytes
    expires_at: datetime


class KeyStore(Protocol):
    """Where wrapped keys live; implemented by `libs.kit.keystore`."""

    async def insert(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, key: StoredKey
    ) -> None:
        """Stores a key unless one, or the mark of a destroyed one, is there already."""

    async def find(self, conversation_id: str, purpose: Purpose) -> StoredKey | None:
        """The key, or None when it expired, was destroyed or never was."""

    async def find_many(
        self, conversation_ids: Collection[str], purpose: Purpose
    ) -> Mapping[str, StoredKey]:
        """Those of these conversations' keys that `find` would find, by conversation."""

    async def extend(self, conversation_id: str, purpose: Purpose, expires_at: datetime) -> None:
        """Moves the end of a living key forward, never back."""

    async def destroy(self, merchant_id: str, conversation_id: str, until: datetime) -> int:
        """Destroys the conversation's keys and leaves marks that refuse new ones until `until`."""


class KeyRing:
    """Seals and opens for the purposes whose key-encryption keys this service was given."""

    def __init__(
        self,
        store: KeyStore,
        keks: Mapping[Purpose, bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._keks = keks
        self._clock = clock
        self._cache: OrderedDict[tuple[str, Purpose], tuple[bytes, datetime, float]] = OrderedDict()

    async def mint(
        self, merchant_id: str, conversation_id: str, purpose: Purpose, expires_at: datetime
    ) -> None:
        """Makes the conversation's key for a purpose, if it has none; an erased one stays erased."""
        wrapped = wrap(self._kek(purpose), _key_place(conversation_id, purpose), urandom(KEY_BYTES))
        key = StoredKey(wrapped, expires_at)
        await self._store.insert(merchant_id, conversation_id, purpose, key)

    async def seal(self, place: Place, purpose: Purpose, body: BaseModel) -> Sealed:
        """Seals `body` for `place`; raises KeyGone after erasure or expiry."""
        return (await self.sealer(place, purpose))(body)

    async def sealer(self, place: Place, purpose: Purpose) -> Callable[[BaseModel], Sealed]:
        """What seals for `place` at once, if it comes to that; raises KeyGone as `seal` does."""
        key = await self._key(place.conversation_id, purpose)

        def sealed(body: BaseModel) -> Sealed:
            plaintext = body.model_dump_json(exclude_defaults=True).encode()
            return seal(key, purpose, place.associated_data(), plaintext)

        return sealed

    async def open(self, place: Place, sealed: Sealed, body: type[BodyT]) -> BodyT:
        """Opens what was sealed for `place`; raises KeyGone, or WrongKey where it may not read."""
        key = await self._key(place.conversation_id, sealed.purpose)
        return body.model_validate_json(unseal(key, place.associated_data(), sealed))

    async def seal_file(self, place: Place, purpose: Purpose, content: bytes) -> bytes:
        """Seals a file's bytes for `place`; raises KeyGone after erasure or expiry."""
        key = await self._key(place.conversation_id, purpose)
        return wrap(key, place.associated_data(), content)

    async def open_file(self, place: Place, purpose: Purpose, sealed: bytes) -> bytes:
        """Opens a file that was sealed for `place`; raises KeyGone or WrongKey as `open` does."""
        key = await self._key(place.conversation_id, purpose)
        return unwrap(key, place.associated_data(), sealed)

    async def fetch(self, conversation_ids: Collection[str], purpose: Purpose) -> None:
        """Gets the keys of many conversations at once: opening for them waits for nothing then."""
        unknown = {one for one in conversation_ids if self._cached(one, purpose) is None}
        found = await self._store.find_many(unknown, purpose) if unknown else {}
        for conversation_id, stored in found.items():
            self._take(conversation_id, purpose, stored)

    async def extend(self, conversation_id: str, purpose: Purpose, expires_at: datetime) -> None:
        """Keeps the key until `expires_at`; a step under a minute is not worth a write."""
        cached = self._cache.get((conversation_id, purpose))
        if cached and (expires_at - cached[1]).total_seconds() < CACHE_SECONDS:
            return
        await self._store.extend(conversation_id, purpose, expires_at)
        if cached:
            self._cache[conversation_id, purpose] = (cached[0], expires_at, cached[2])

    async def destroy(self, merchant_id: str, conversation_id: str, until: datetime) -> int:
        """Destroys every key of the conversation, everywhere; the count of keys that there were."""
        self.forget(conversation_id)
        return await self._store.destroy(merchant_id, conversation_id, until)

    def forget(self, conversation_id: str) -> None:
        """Drops cached keys; called at once when an erasure is heard of."""
        for purpose in Purpose:
            self._cache.pop((conversation_id, purpose), None)

    async def _key(self, conversation_id: str, purpose: Purpose) -> bytes:
        if key := self._cached(conversation_id, purpose):
            return key
        # Whoever holds no key-encryption key asks the store for nothing.
        self._kek(purpose)
        stored = await self._store.find(conversation_id, purpose)
        if stored is None:
            self.forget(conversation_id)
            raise KeyGone
        return self._take(conversation_id, purpose, stored)

    def _cached(self, conversation_id: str, purpose: Purpose) -> bytes | None:
        cached = self._cache.get((conversation_id, purpose))
        return cached[0] if cached and self._clock() - cached[2] < CACHE_SECONDS else None

    def _take(self, conversation_id: str, purpose: Purpose, stored: StoredKey) -> bytes:
        place = _key_place(conversation_id, purpose)
        key = unwrap(self._kek(purpose), place, stored.wrapped)
        self._remember(conversation_id, purpose, key, stored.expires_at)
        return key

    def _remember(
        self, conversation_id: str, purpose: Purpose, key: bytes, expires_at: datetime
    ) -> None:
        self._cache[conversation_id, purpose] = (key, expires_at, self._clock())
        self._cache.move_to_end((conversation_id, purpose))
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)

    def _kek(self, purpose: Purpose) -> bytes:
        if purpose not in self._keks:
            raise WrongKey
        return self._keks[purpose]


def _key_place(conversation_id: str, purpose: Purpose) -> bytes:
    return f"{conversation_id}|{purpose}".encode()
