"""Nothing outlives its end unnoticed: TTL indexes, dates and the store's sweep are watched as long as a
service runs, and what the sweep leaves lying is deleted here.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pymongo.errors import OperationFailure

from libs.kit.clock import LONG_AGO, Now, utc_now
from libs.kit.metrics import Reading
from libs.kit.mongo import (
    TTL,
    UNAUTHORIZED,
    Client,
    Collection,
    Database,
    Document,
    PyMongoError,
    Session,
    drifted,
    ensured,
    in_transaction,
    store_time,
)

ROUND = timedelta(minutes=5)
"""How often it is swept after the store."""

LOOK = timedelta(hours=1)
"""How often dates that nothing would ever delete are looked for."""

FRESH = timedelta(seconds=15)
"""Readiness believes its last look at the indexes for so long."""

GRACE = timedelta(minutes=10)
"""The store sweeps each minute: what lies so long past its end was not swept."""

APART = timedelta(minutes=5)
"""A clock that is so far from the store's is told of."""

SLACK = timedelta(days=1)
"""Between the longest life of a document and an end that cannot be meant."""

BATCH = 500

OTHER_TYPES = ["string", "int", "long", "double", "decimal", "bool", "object", "array"]


@dataclass
class Watched:
    """A collection that expires, and what was last seen of it."""

    db: Database
    rules: Collection
    lag: float = 0
    age: float | None = None
    strays: int = 0

    @property
    def name(self) -> str:
        """Its full name."""
        return f"{self.db.name}.{self.rules.name}"

    def lost(self, now: datetime) -> Document:
        """The condition for documents whose date would keep them for ever, or almost."""
        never = [{"expires_at": None}, {"expires_at": {"$type": OTHER_TYPES}}]
        return {"$or": [*never, {"expires_at": {"$gt": now + self.rules.lives + SLACK}}]}


class Drift:
    """Watches every expiring collection that this process has ensured."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        self._now = now
        self._watched: dict[str, Watched] = {}
        self._looked_at = self._indexes_at = LONG_AGO
        self._index_problem: str | None = None
        self._apart = 0.0
        self._log = structlog.get_logger()

    async def watch(self) -> None:
        """Makes rounds until cancelled; started once per process."""
        while True:
            try:
                await self.once()
            except PyMongoError as error:
                self._log.warning("The watch over ends waits.", error=type(error).__name__)
            await asyncio.sleep(ROUND.total_seconds())

    async def once(self) -> None:
        """One round: measures, sweeps, and once an hour looks for dates that nothing would delete."""
        now = await self._surely_past()
        for one in self._all():
            await self._measure(one, now)
            try:
                await self._sweep(one, now - GRACE)
            except OperationFailure as error:
                # Keys are read by some and swept by those who write them.
                if error.code != UNAUTHORIZED:
                    raise
        if self._now() - self._looked_at >= LOOK:
            await self._look(now)
            self._looked_at = self._now()

    async def problem(self) -> str | None:
        """What is wrong with a TTL index, for readiness: without it nothing ends by itself."""
        if self._now() - self._indexes_at >= FRESH:
            self._index_problem = await self._first_problem()
            self._indexes_at = self._now()
        return self._index_problem

    async def alarm(self) -> str | None:
        """What else is wrong: ends that cannot be meant, a sweep that lags, a clock that is apart."""
        told = [
            f"{one.strays} documents of {one.name} without an end"
            for one in self._all()
            if one.strays
        ]
        told += [f"{one.name} swept {one.lag:.0f} s late" for one in self._all() if _is_late(one)]
        if abs(self._apart) >= APART.total_seconds():
            told.append(f"this clock is {self._apart:.0f} s ahead of the store's")
        return "; ".join(told) or None

    async def readings(self) -> list[Reading]:
        """The figures of the last round."""
        return [reading for one in self._all() for reading in _readings(one)]

    def _all(self) -> Iterable[Watched]:
        for db, rules in ensured(self._client):
            if rules.expiring:
                one = Watched(db, rules)
                self._watched.setdefault(one.name, one)
        return self._watched.values()

    async def _surely_past(self) -> datetime:
        """The earlier of this clock and the store's: one that runs ahead never deletes too early."""
        stores = await store_time(self._client)
        self._apart = (self._now() - stores).total_seconds()
        return min(self._now(), stores)

    async def _first_problem(self) -> str | None:
        for one in self._all():
            if problem := await drifted(one.db, one.rules, (TTL,)):
                self._log.error("A TTL index has drifted.", problem=problem)
                return f"the TTL index {problem}: drop it if it exists, then restart"
        return None

    async def _measure(self, one: Watched, now: datetime) -> None:
        documents = one.db[one.rules.name]
        past = {"expires_at": {"$lte": now}}
        due = await documents.find_one(past, {"expires_at": 1}, sort=[("expires_at", 1)])
        one.lag = _seconds(due["expires_at"], now) if due else 0
        if one.rules.born:
            oldest = await documents.find_one(
                {one.rules.born: {"$gt": LONG_AGO}}, {one.rules.born: 1}, sort=[(one.rules.born, 1)]
            )
            one.age = _seconds(oldest[one.rules.born], now) if oldest else 0

    async def _sweep(self, one: Watched, bound: datetime) -> None:
        """Deletes what lies too long past its end; in transactions, which no dead process can stop."""
        past, documents, swept = {"expires_at": {"$lte": bound}}, one.db[one.rules.name], 0
        while ids := [row["_id"] async for row in documents.find(past, {"_id": 1}).limit(BATCH)]:

            async def work(session: Session, ids: list[object] = ids) -> int:
                these = {"_id": {"$in": ids}} | past
                return (await documents.delete_many(these, session=session)).deleted_count

            gone = await in_transaction(self._client, work)
            swept += gone
            if not gone:
                break
        if swept:
            self._log.error(
                "The store's sweep left documents lying; they are deleted.",
                collection=one.name, count=swept, seconds=round(one.lag),
            )  # fmt: skip

    async def _look(self, now: datetime) -> None:
        for one in self._all():
            one.strays = await one.db[one.rules.name].count_documents(one.lost(now))
            if one.strays:
                self._log.error(
                    "Documents have no end that can be meant.",
                    collection=one.name, count=one.strays,
                )  # fmt: skip


def _is_late(one: Watched) -> bool:
    return one.lag >= GRACE.total_seconds()


def _seconds(since: object, now: datetime) -> float:
    return (now - since).total_seconds() if isinstance(since, datetime) else 0


def _readings(one: Watched) -> list[Reading]:
    where = {"collection": one.name}
    told = [
        Reading("ttl_lag_seconds", "How long the document most past its end lies.", one.lag, where),
        Reading("endless_documents", "Documents with an end that cannot be meant.", one.strays, where),
    ]  # fmt: skip
    if one.age is not None:
        meaning = "Age of the oldest record with personal data."
        told.append(Reading("oldest_personal_record_age_seconds", meaning, one.age, where))
    return told
