"""What sealing a field costs: through the ring of keys, as services do it, with the key at hand."""

import time
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from statistics import median
from uuid import uuid4

from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.privacy.keys import KeyRing, StoredKey
from libs.privacy.sealing import KEY_BYTES, Place

TEXT = "Hei, pakken min skulle kommet på tirsdag, men jeg har ikke hørt noe. " * 4
"""Some 300 bytes: a long message."""

ROUNDS, PER_ROUND = 20, 2000
CONVERSATION = uuid4().hex


class OneKey:
    """A store with the keys of one conversation."""

    def __init__(self) -> None:
        self._keys: dict[Purpose, StoredKey] = {}

    async def insert(
        self, _merchant_id: str, _conversation_id: str, purpose: Purpose, key: StoredKey
    ) -> None:
        """Keeps it."""
        self._keys.setdefault(purpose, key)

    async def find(self, _conversation_id: str, purpose: Purpose) -> StoredKey | None:
        """The key."""
        return self._keys.get(purpose)

    async def find_many(
        self, conversation_ids: Collection[str], purpose: Purpose
    ) -> dict[str, StoredKey]:
        """The same key for each."""
        key = self._keys.get(purpose)
        return dict.fromkeys(conversation_ids, key) if key else {}

    async def extend(self, *_: object) -> None:
        """Nothing ends here."""

    async def destroy(self, _merchant_id: str, _conversation_id: str, _until: datetime) -> int:
        """Forgets all."""
        count = len(self._keys)
        self._keys.clear()
        return count


async def measure() -> dict[str, float]:
    """Microseconds of processor time for one field; the median of the rounds."""
    ring = KeyRing(OneKey(), {Purpose.DIALOGUE: bytes(KEY_BYTES)})
    await ring.mint("fjellbekk", CONVERSATION, Purpose.DIALOGUE, utc_now() + timedelta(days=1))
    place, body = Place("fjellbekk", CONVERSATION, uuid4()), MessageBody(text=TEXT)
    sealed = await ring.seal(place, Purpose.DIALOGUE, body)

    return {
        "seal": await _each(lambda: ring.seal(place, Purpose.DIALOGUE, body)),
        "open": await _each(lambda: ring.open(place, sealed, MessageBody)),
        "bytes": float(len(TEXT.encode())),
    }


async def _each(once: Callable[[], Awaitable[object]]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(PER_ROUND):
            await once()
        rounds.append((time.process_time() - began) / PER_ROUND * 1e6)
    return median(rounds)
