"""Notices for shops' own help desks, kept until they are delivered; in order per conversation.

A notice is written in the transaction of the event that it tells of. A conversation with waiting
notices has a lane, which one worker at a time holds by a lease that ends: whoever is killed in the
middle is followed by somebody who sends the same notice, under the same id, again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from libs.contracts.case import CaseEvent
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Index,
    Session,
    alive,
    database,
    ensure,
    in_transaction,
)
from libs.kit.outbox import COUNTERS

KEPT = timedelta(days=30)
"""So long a notice that was not delivered can be replayed; it holds ids and times only."""

DELIVERIES = Collection(
    "deliveries",
    expiring=True,
    indexes=(Index(("conversation_id", "state", "_id")), Index(("state", "merchant_id"))),
    required={"event_id": "string", "merchant_id": "string", "state": "string", "body": "string"},
    lives=KEPT,
)
LANES = Collection(
    "delivery_lanes", expiring=True, indexes=(Index(("due_at",)),),
    required={"merchant_id": "string", "due_at": "date", "leased_until": "date"}, lives=KEPT,
)  # fmt: skip
STOPS = Collection("delivery_stops", expiring=False, required={"url": "string"})
COLLECTIONS = (DELIVERIES, LANES, STOPS, COUNTERS)

DELIVERED_KEPT = timedelta(days=7)

LEASE = timedelta(seconds=60)
"""Longer than a try may take; it is renewed before each."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


Notice = tuple[CaseEvent, str]
"""An event and what is said of it."""


@dataclass(frozen=True)
class Lane:
    """A conversation whose next notice this worker may send."""

    conversation_id: str
    merchant_id: str
    owner: str


@dataclass(frozen=True)
class Delivery:
    """A notice, and how it fared."""

    number: int
    event_id: str
    merchant_id: str
    conversation_id: str
    case_id: str
    type: str
    state: str
    tries: int
    problem: str | None
    created_at: datetime
    tried_at: datetime | None
    body: str


class WebhookStore:
    """Notices in the store; reads never show what has expired."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        db = database(client, "handoff")
        self._db = db
        self._rows, self._lanes = db[DELIVERIES.name], db[LANES.name]
        self._stops, self._counters = db[STOPS.name], db[COUNTERS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, COLLECTIONS)

    async def add(self, session: Session, notices: Sequence[Notice]) -> None:
        """Writes notices in the transaction of the events that they tell of."""
        number = await self._reserve(session, len(notices)) - len(notices)
        for event, body in notices:
            number += 1
            row = self._row(number, event, body)
            await self._rows.insert_one(row, session=session)
            await self._open_lane(session, event.conversation_id, event.merchant_id)

    async def claim(self, owner: str, busy: Iterable[str]) -> Lane | None:
        """A lane that is due, for `owner` alone until its lease ends; none of the merchants `busy`."""
        now = self._now()
        due = {"due_at": {"$lte": now}, "leased_until": {"$lte": now},
               "merchant_id": {"$nin": [*busy]}}  # fmt: skip
        mine = {"$set": {"leased_until": now + LEASE, "owner": owner}}
        row = await self._lanes.find_one_and_update(due | alive(now), mine, sort=[("due_at", 1)])
        return Lane(row["_id"], row["merchant_id"], owner) if row else None

    async def renew(self, lane: Lane) -> int | None:
        """How often something came into the lane; None where it is no longer this worker's."""
        until = {"$set": {"leased_until": self._now() + LEASE}}
        row = await self._lanes.find_one_and_update(_held(lane), until)
        return row["came"] if row else None

    async def first(self, lane: Lane) -> Delivery | None:
        """The oldest waiting notice of a conversation."""
        found = {"conversation_id": lane.conversation_id, "state": WAITING} | alive(self._now())
        row = await self._rows.find_one(found, sort=[("_id", 1)])
        return _delivery(row) if row else None

    async def finish(self, lane: Lane, came: int) -> bool:
        """Removes a lane in which nothing waits; False if something came after it was renewed."""
        # No transaction: one that is cancelled in the middle would stay open and keep others out.
        gone = await self._lanes.delete_one(_held(lane) | {"came": came})
        return gone.deleted_count == 1

    async def note(self, delivery: Delivery, state: str, problem: str | None = None) -> None:
        """Remembers how a try ended."""
        now = self._now()
        ends = now + (DELIVERED_KEPT if state == DELIVERED else KEPT)
        outcome = {"state": state, "problem": problem, "tried_at": now, "expires_at": ends}
        change = {"$set": outcome, "$inc": {"tries": 1}}
        await self._rows.update_one({"_id": delivery.number}, change)

    async def postpone(self, lane: Lane, pause: timedelta) -> None:
        """Gives the lane back until the pause is over."""
        later = {"due_at": self._now() + pause, "leased_until": LONG_AGO}
        await self._lanes.update_one(_held(lane), {"$set": later})

    async def release(self, owner: str) -> None:
        """Gives back what a worker holds: when it stops, or has come back after it was killed."""
        free = {"$set": {"leased_until": LONG_AGO}}
        await self._lanes.update_many({"owner": owner}, free)

    async def stop(self, merchant_id: str, url: str) -> None:
        """Remembers that an address answered 410: it is not asked again."""
        row = {"url": url, "at": self._now()}
        await self._stops.replace_one({"_id": merchant_id}, row, upsert=True)

    async def stopped(self, merchant_id: str, url: str) -> bool:
        """Whether this very address wants to hear no more."""
        return await self._stops.find_one({"_id": merchant_id, "url": url}) is not None

    async def find(self, merchant_id: str | None, states: Iterable[str]) -> list[Delivery]:
        """The notices in some states, oldest first."""
        found: Document = {"state": {"$in": [*states]}} | alive(self._now())
        if merchant_id is not None:
            found["merchant_id"] = merchant_id
        return [_delivery(row) async for row in self._rows.find(found).sort("_id", 1)]

    async def get(self, number: int) -> Delivery | None:
        """One notice, or None."""
        row = await self._rows.find_one({"_id": number} | alive(self._now()))
        return _delivery(row) if row else None

    async def replay(self, delivery: Delivery) -> None:
        """Lets a notice be sent anew, under its old id; an address that had stopped is asked again."""

        async def work(session: Session) -> None:
            anew = {"state": WAITING, "tries": 0, "problem": None, "expires_at": self._now() + KEPT}
            await self._rows.update_one({"_id": delivery.number}, {"$set": anew}, session=session)
            await self._open_lane(session, delivery.conversation_id, delivery.merchant_id)
            due = {"$set": {"due_at": self._now()}}
            await self._lanes.update_one({"_id": delivery.conversation_id}, due, session=session)
            await self._stops.delete_one({"_id": delivery.merchant_id}, session=session)

        await in_transaction(self._client, work)

    def _row(self, number: int, event: CaseEvent, body: str) -> Document:
        return {
            "_id": number, "event_id": str(event.event_id), "merchant_id": event.merchant_id,
            "conversation_id": event.conversation_id, "case_id": str(event.case_id),
            "type": type(event).__name__, "state": WAITING, "tries": 0, "problem": None,
            "created_at": self._now(), "tried_at": None, "body": body,
            "expires_at": self._now() + KEPT,
        }  # fmt: skip

    async def _open_lane(self, session: Session, conversation_id: str, merchant_id: str) -> None:
        """Makes the lane, or counts on: then a worker that finishes it meanwhile looks again."""
        new = {"merchant_id": merchant_id, "due_at": self._now(), "leased_until": LONG_AGO,
               "owner": None}  # fmt: skip
        await self._lanes.update_one(
            {"_id": conversation_id},
            {
                "$setOnInsert": new, "$inc": {"came": 1},
                "$max": {"expires_at": self._now() + KEPT},
            },
            upsert=True, session=session,
        )  # fmt: skip

    async def _reserve(self, session: Session, count: int) -> int:
        counter = await self._counters.find_one_and_update(
            {"_id": "deliveries"}, {"$inc": {"value": count}},
            upsert=True, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        value: int = counter["value"]
        return value


def _held(lane: Lane) -> Document:
    return {"_id": lane.conversation_id, "owner": lane.owner}


def _delivery(row: Document) -> Delivery:
    fields: dict[str, Any] = {name: row[name] for name in Delivery.__annotations__ if name in row}
    return Delivery(number=row["_id"], **fields)
