"""The outbox: events written in the transaction of the change they tell of, published afterwards.

Whoever changes state and then speaks calls `Outbox.add` inside the transaction. The relay publishes what
has one key in the order of writing, then marks the rows as sent; one relay at a time, by a lease. A crash
between publishing and marking repeats events (their ids show that), never loses one.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from libs.contracts.envelope import Event
from libs.contracts.topics import TOPICS, topic_for
from libs.kit.bus import AWAY, Publisher
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Collection, Database, Document, Index, Session

SENT_ROWS_KEPT = timedelta(days=10)
"""As long as the topics keep (3 days) plus a week; rows hold sealed fields only."""

OUTBOX = Collection(
    "outbox", expiring=True, indexes=(Index(("sent", "_id")),), required={"event": "string"},
    lives=SENT_ROWS_KEPT,
)  # fmt: skip
COUNTERS = Collection("outbox_counters", expiring=False)

LEASE = timedelta(seconds=10)
"""A relay that stops renewing is replaced after this time."""

RENEWED_SECONDS = 3.0
"""So long after it was renewed a lease is not renewed again: each time is a write before the words."""

IDLE_SECONDS = 1.0
"""A relay that was not told of new rows looks for them this often."""

BATCH = 100
"""So many rows are published side by side, then marked in one write."""


Lane = Callable[[Event], str]
"""What keeps its order: events of one lane are published one after the other."""


def key_of(event: Event) -> str:
    """The usual lane: the event's key."""
    return event.key


class Outbox:
    """A service's outbox: `add` in a transaction, `relay` in the background."""

    def __init__(
        self,
        db: Database,
        bus: Publisher,
        now: Now = utc_now,
        owner: str | None = None,
        *,
        lane: Lane = key_of,
    ) -> None:
        self._rows = db[OUTBOX.name]
        self._counters = db[COUNTERS.name]
        self._bus = bus
        self._now = now
        self._lane = lane
        # A named process that was killed takes its own lease again without waiting for its end.
        self._owner = owner or uuid4().hex
        self._news = asyncio.Event()
        self._held_at: float | None = None
        self._log = structlog.get_logger()

    async def add(self, session: Session, *events: Event) -> None:
        """Writes `events` in the caller's transaction; they leave after it commits."""
        if not events:
            return
        last = await self._reserve(session, len(events))
        first = last - len(events) + 1
        rows = [self._row(first + n, event) for n, event in enumerate(events)]
        await self._rows.insert_many(rows, session=session)

    def wake(self) -> None:
        """Tells the relay that a transaction with events has committed."""
        self._news.set()

    async def relay(self) -> None:
        """Publishes rows in order until cancelled; started once per process by `app.py`."""
        try:
            await self._relay_for_ever()
        finally:
            self._held_at = None
            await self._counters.delete_one({"_id": "lease", "owner": self._owner})

    async def _relay_for_ever(self) -> None:
        while True:
            try:
                sent = await self._relay_once() if await self._hold_lease() else 0
            except AWAY as error:
                self._log.warning("The outbox waits.", error=type(error).__name__)
                sent = 0
            if sent < BATCH:
                await self._wait_for_news()

    async def _wait_for_news(self) -> None:
        try:
            # Unlike wait_for of Python 3.11, never loses a cancellation that comes with the news.
            async with asyncio.timeout(IDLE_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _relay_once(self) -> int:
        rows = await self._rows.find({"sent": False}).sort("_id", 1).to_list(BATCH)
        said: list[int] = []
        try:
            await self._say(rows, said)
        finally:
            if said:
                await self._rows.update_many({"_id": {"$in": said}}, {"$set": {"sent": True}})
        return len(rows)

    async def _say(self, rows: list[Document], said: list[int]) -> None:
        """Of one lane each after the one before; lanes side by side, as the topics keep keys apart."""
        lanes: dict[str, list[tuple[int, Event]]] = {}
        for row in rows:
            event = _event_of(row)
            lanes.setdefault(self._lane(event), []).append((row["_id"], event))
        tries = [self._say_in_order(lane, said) for lane in lanes.values()]
        ends = await asyncio.gather(*tries, return_exceptions=True)
        for fault in filter(None, ends):
            raise fault

    async def _say_in_order(self, lane: list[tuple[int, Event]], said: list[int]) -> None:
        for number, event in lane:
            await self._bus.publish(event)
            said.append(number)

    async def _reserve(self, session: Session, count: int) -> int:
        counter = await self._counters.find_one_and_update(
            {"_id": "sequence"}, {"$inc": {"value": count}},
            upsert=True, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        value: int = counter["value"]
        return value

    async def _hold_lease(self) -> bool:
        began = asyncio.get_running_loop().time()
        if self._held_at is not None and began - self._held_at < RENEWED_SECONDS:
            return True
        self._held_at = began if await self._take_lease(self._now()) else None
        return self._held_at is not None

    async def _take_lease(self, now: datetime) -> bool:
        try:
            await self._counters.update_one(
                {"_id": "lease", "$or": [{"owner": self._owner}, {"until": {"$lt": now}}]},
                {"$set": {"owner": self._owner, "until": now + LEASE}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return True

    def _row(self, number: int, event: Event) -> Document:
        return {
            "_id": number, "sent": False, "topic": topic_for(event).name,
            "event": event.model_dump_json(exclude_none=True),
            "expires_at": self._now() + SENT_ROWS_KEPT,
        }  # fmt: skip


ADAPTERS = {topic.name: topic.adapter() for topic in TOPICS}


def _event_of(row: Document) -> Event:
    return ADAPTERS[row["topic"]].validate_json(row["event"])
