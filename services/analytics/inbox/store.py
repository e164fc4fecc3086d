"""Samples in analytics' store: written with the counts, read only where many share them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pymongo import ReplaceOne

from libs.contracts.content import RETENTION_DAYS
from libs.kit import mongo
from libs.kit.clock import Now
from libs.kit.mongo import Client, Document, Index, Session, alive, database, in_transaction
from services.analytics.inbox.phrases import Phrase
from services.analytics.inbox.sampling import Sample, hashed

SAMPLES = mongo.Collection(
    "samples",
    expiring=True,
    indexes=(Index(("conversation",)), Index(("merchant_id", "hour"))),
    required={
        "merchant_id": "string", "conversation": "string", "text": "string", "hour": "date",
        "is_open": "bool",
    },
    lives=timedelta(days=RETENTION_DAYS),
    born="hour",
)  # fmt: skip
"""Questions that the bot was unsure of, strictly masked, under keyed hashes of their ids."""

MOST = 1000
"""So many of a shop's newest samples are put before people: bringing them together takes a second."""


class Samples:
    """The samples of all shops; `key` makes the hashes."""

    def __init__(self, client: Client, now: Now, key: bytes) -> None:
        self._client = client
        self._now = now
        self._key = key
        self._rows = database(client, "analytics")[SAMPLES.name]

    async def keep(self, session: Session, samples: Iterable[Sample]) -> None:
        """Keeps samples, hidden until enough conversations have some; a repeated one is one."""
        rows = [self._row(sample) for sample in samples]
        keeping = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        if keeping:
            await self._rows.bulk_write(keeping, ordered=False, session=session)

    async def drop(self, session: Session, conversation_id: str) -> int:
        """Deletes what is kept of a conversation; how much that was."""
        mine = {"conversation": self._name(conversation_id)}
        return (await self._rows.delete_many(mine, session=session)).deleted_count

    async def open(self, merchant_id: str, k: int) -> None:
        """Puts what waits before people, once at least `k` conversations have something that waits.

        Whoever looks at every moment sees them come together, and never one of them.
        """

        async def work(session: Session) -> None:
            waits = {"merchant_id": merchant_id, "is_open": False} | alive(self._now())
            waiting = [row async for row in self._rows.find(waits, session=session)]
            if len({row["conversation"] for row in waiting}) >= k:
                ids = {"_id": {"$in": [row["_id"] for row in waiting]}}
                await self._rows.update_many(ids, {"$set": {"is_open": True}}, session=session)

        await in_transaction(self._client, work)

    async def newest(self, merchant_id: str, since: datetime) -> list[Phrase]:
        """The newest samples of a shop that people may see and nobody has put away."""
        wanted = {"merchant_id": merchant_id, "is_open": True, "away": None}
        wanted |= {"hour": {"$gte": since}} | alive(self._now())
        return [_phrase(row) async for row in self._rows.find(wanted).sort("hour", -1).limit(MOST)]

    async def has_put_away(self, merchant_id: str) -> bool:
        """Whether anything of a shop is put away."""
        away = {"merchant_id": merchant_id, "away": {"$ne": None}} | alive(self._now())
        return await self._rows.find_one(away) is not None

    async def put_away(self, merchant_id: str, ids: Collection[str]) -> str:
        """Takes samples out of sight; by what is returned they can be brought back."""
        name = uuid4().hex
        await self._set(merchant_id, {"_id": {"$in": [*ids]}}, {"$set": {"away": name}})
        return name

    async def bring_back(self, merchant_id: str, name: str) -> None:
        """Brings back what was put away under this name."""
        await self._set(merchant_id, {"away": name}, {"$unset": {"away": ""}})

    async def _set(self, merchant_id: str, which: Document, change: Document) -> None:
        async def work(session: Session) -> None:
            mine = {"merchant_id": merchant_id} | which
            await self._rows.update_many(mine, change, session=session)

        await in_transaction(self._client, work)

    def _name(self, conversation_id: str) -> str:
        return hashed(self._key, f"conversation|{conversation_id}").hex()

    def _row(self, sample: Sample) -> dict[str, Any]:
        return {
            "_id": hashed(self._key, f"question|{sample.question_id}").hex(),
            "merchant_id": sample.merchant_id,
            "conversation": self._name(sample.conversation_id),
            "text": sample.text, "language": sample.language, "guess": sample.guess,
            "hour": sample.hour, "is_open": False, "expires_at": sample.until,
        }  # fmt: skip


def _phrase(row: Document) -> Phrase:
    return Phrase(row["_id"], row["conversation"], row["text"], row["language"], row["guess"])
