"""Retention makes a signed statement of every day that is over; whichever process is first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo.errors import DuplicateKeyError

from libs.contracts.topics import SERVICES
from libs.kit import keystore
from libs.kit.bus import AWAY
from libs.kit.clock import Now
from libs.kit.expiry import DAY, Told, ending_on, midnight_before, told
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Session,
    database,
    ensure,
    in_transaction,
)
from services.retention.ledger import ERASURES
from services.retention.statements import FORMAT, DayFacts, Stock, added_up, digest, ended
from services.retention.store import CONVERSATIONS, MESSAGES

STATEMENTS_KEPT = timedelta(days=400)
STATEMENTS = Collection(
    "statements", expiring=True, required={"made_at": "date", "signed": "object"},
    lives=STATEMENTS_KEPT,
)  # fmt: skip
"""One a day."""

WATCHED = (
    ("retention", MESSAGES),
    ("retention", CONVERSATIONS),
    ("retention", ERASURES),
    ("keys", keystore.KEYS),
)
"""What retention may look into: its own, and the keys of all."""

LOOK_SECONDS = 600.0
PATIENCE = timedelta(hours=1)
"""So long after a day's end the services are waited for that have not told what ended in their stores."""

PAST_END_AFTER = timedelta(minutes=10)
"""The store's sweep has so much time; what lies longer is told."""

Alarm = Callable[[], Awaitable[str | None]]


class Daily:
    """Makes the statements, and keeps them."""

    def __init__(
        self, client: Client, sign: Callable[[Mapping[str, Any]], dict[str, Any]],
        alarms: Mapping[str, Alarm], now: Now,
    ) -> None:  # fmt: skip
        self._client = client
        self._sign = sign
        self._alarms = alarms
        self._now = now
        self._db = database(client, "retention")
        self._rows = self._db[STATEMENTS.name]

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (STATEMENTS,))

    async def go(self) -> None:
        """Looks whether a day is over, until cancelled; started once per process by `app.py`."""
        while True:
            try:
                await self.once()
            except AWAY as error:
                structlog.get_logger().warning(
                    "The day's statement waits.", error=type(error).__name__
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> dict[str, Any] | None:
        """The statement of yesterday, if nobody has made it yet and every service has told of it, or
        was waited for.
        """
        now = self._now()
        begins = midnight_before(now) - DAY
        day = begins.date()
        if await self._rows.find_one({"_id": day.isoformat()}, {"_id": 1}):
            return None
        heard = await told(self._client, day)
        if {*SERVICES} - {*heard} and now < begins + DAY + PATIENCE:
            return None
        signed = self._sign((await self._facts(begins, heard)).model_dump(mode="json"))
        row = {
            "_id": day.isoformat(), "made_at": now, "expires_at": now + STATEMENTS_KEPT,
            "signed": signed,
        }  # fmt: skip

        async def work(session: Session) -> None:
            await self._rows.insert_one(row, session=session)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            return None
        structlog.get_logger().info("The day's statement is signed.", day=day.isoformat())
        return signed

    async def _facts(self, begins: datetime, heard: Mapping[str, Told]) -> DayFacts:
        day, rows = begins.date(), self._db[ERASURES.name]
        finished = {"completed_at": {"$gte": begins, "$lt": begins + DAY}}
        deleted = [row["deleted"] async for row in rows.find(finished, {"deleted": 1})]
        before = await self._rows.find_one({"_id": {"$lt": day.isoformat()}}, sort=[("_id", -1)])
        counted = await self._rows.find_one({"_id": (day - 2 * DAY).isoformat()})
        due = counted["signed"].get("ahead", {}) if counted else {}
        left = _named({service: one.left for service, one in heard.items()})
        ahead = _named({service: one.ahead for service, one in heard.items()})
        return DayFacts(
            format=FORMAT, day=day, made_at=self._now(), erasures=len(deleted),
            erased=added_up(deleted),
            unfinished=await rows.count_documents({"completed_at": None}),
            stock={f"{where}.{kept.name}": await self._stock(where, kept) for where, kept in WATCHED},
            expired=ended(due, left | await self._ending(begins)),
            silent=tuple(one for one in SERVICES if one not in heard),
            ahead=ahead | await self._ending(begins + 2 * DAY),
            alarms=tuple([said for ask in self._alarms.values() if (said := await ask())]),
            previous=digest(before["signed"]) if before else None,
        )  # fmt: skip

    async def _ending(self, begins: datetime) -> dict[str, int]:
        """How many documents there are whose end is on a day, by collection."""
        return {
            f"{where}.{kept.name}": await database(self._client, where)[kept.name].count_documents(
                ending_on(begins)
            )
            for where, kept in WATCHED
        }

    async def _stock(self, where: str, kept: Collection) -> Stock:
        rows, now = database(self._client, where)[kept.name], self._now()
        odd: Document = {
            "$or": [{"expires_at": None}, {"expires_at": {"$gt": now + kept.lives + DAY}}]
        }
        return Stock(
            documents=await rows.count_documents({}),
            past_end=await rows.count_documents({"expires_at": {"$lte": now - PAST_END_AFTER}}),
            without_end=await rows.count_documents(odd), oldest=await self._oldest(rows, kept),
        )  # fmt: skip

    async def _oldest(self, rows: Any, kept: Collection) -> datetime | None:
        if kept.born is None:
            return None
        row = await rows.find_one({}, {kept.born: 1}, sort=[(kept.born, 1)])
        at: datetime | None = row.get(kept.born) if row else None
        return at


def _named(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The counts of all services, by the full names of their collections."""
    return {f"{one}.{name}": n for one, own in counts.items() for name, n in own.items()}
