"""What time removes is counted by whoever keeps it: each service tells, once a day, how much was left of what
was to end on that day, and how much is to end on the next. Numbers only, in the house's journal.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from pymongo.errors import DuplicateKeyError

from libs.kit.clock import Now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    PyMongoError,
    Session,
    database,
    ensure,
    ensured,
    in_transaction,
)

DAY = timedelta(days=1)

TOLD_KEPT = 10 * DAY
TOLD = Collection(
    "expiry", expiring=True, lives=TOLD_KEPT,
    required={"service": "string", "day": "string", "left": "object", "ahead": "object"},
)  # fmt: skip
"""One a day and service; the signed statement of the day has its numbers for longer."""

SETTLED = timedelta(minutes=15)
"""So long after midnight the store's sweep has been, and the one that comes behind it (`drift.py`)."""

LOOK_SECONDS = 600.0


@dataclass(frozen=True)
class Told:
    """What a service says of a day: by collection, what is left of what was to end on it, and how much
    is to end on the day after the one on which it was counted.
    """

    left: Mapping[str, int]
    ahead: Mapping[str, int]


class Tally:
    """Counts what ends in the service's own database; whichever of its processes is first."""

    def __init__(self, client: Client, service: str, now: Now) -> None:
        self._client = client
        self._service = service
        self._now = now
        self._db = database(client, "journal")

    async def prepare(self) -> None:
        """Creates and verifies the collection; called once at start."""
        await ensure(self._db, (TOLD,))

    async def go(self) -> None:
        """Looks whether a day is over, until cancelled; started once per process."""
        while True:
            try:
                await self.once()
            except PyMongoError as error:
                log = structlog.get_logger()
                log.warning("The day's count waits.", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> None:
        """Tells of yesterday, if nobody has."""
        midnight = midnight_before(self._now())
        day = (midnight - DAY).date()
        own = {"_id": f"{self._service}|{day}"}
        if self._now() < midnight + SETTLED or await self._db[TOLD.name].find_one(own):
            return
        row = own | {
            "service": self._service, "day": day.isoformat(),
            "left": await self._ending(midnight - DAY), "ahead": await self._ending(midnight + DAY),
            "expires_at": self._now() + TOLD_KEPT,
        }  # fmt: skip

        async def work(session: Session) -> None:
            await self._db[TOLD.name].insert_one(row, session=session)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            return  # another process was faster

    async def _ending(self, begins: datetime) -> dict[str, int]:
        own = database(self._client, self._service).name
        return {
            rules.name: await db[rules.name].count_documents(ending_on(begins))
            for db, rules in ensured(self._client)
            if rules.expiring and db.name == own
        }


async def told(client: Client, day: date) -> dict[str, Told]:
    """What was told of a day, by service."""
    rows = database(client, "journal")[TOLD.name].find({"day": day.isoformat()})
    return {row["service"]: Told(row["left"], row["ahead"]) async for row in rows}


def ending_on(begins: datetime) -> Document:
    """The condition for what ends on the day that begins then."""
    return {"expires_at": {"$gte": begins, "$lt": begins + DAY}}


def midnight_before(now: datetime) -> datetime:
    """When the day (UTC) began."""
    return datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
