"""Counts of tries in a service's own database, under hashes of who tried."""

from datetime import datetime, timedelta
from hashlib import sha256

from libs.kit.mongo import Client, Collection, Session, database, in_transaction

TRIES = Collection(
    "log_in_tries", expiring=True, lives=timedelta(days=1), required={"count": "int"}
)


class TryCounts:
    """How often somebody tried something, for all processes of a service."""

    def __init__(self, client: Client, service: str) -> None:
        self._client = client
        self._tries = database(client, service)[TRIES.name]

    async def count_try(self, key: str, expires_at: datetime) -> int:
        """Counts one more try under `key`; how many there were, this one included."""

        async def work(session: Session) -> int:
            row = await self._tries.find_one_and_update(
                {"_id": _hash(key)},
                {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": expires_at}},
                upsert=True, return_document=True, session=session,
            )  # fmt: skip
            count: int = row["count"]
            return count

        return await in_transaction(self._client, work)

    async def forget_tries(self, key: str) -> None:
        """Starts counting anew, after a try that succeeded."""

        async def work(session: Session) -> None:
            await self._tries.delete_one({"_id": _hash(key)}, session=session)

        await in_transaction(self._client, work)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
