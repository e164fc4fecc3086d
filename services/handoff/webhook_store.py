"""Notices for shops' own help desks, kept until they are delivered; in order per conversation.

A notice is written in the transaction of the event that it tells of. A conversation with waiting
notices has a lane, which one worker at a time holds by a lease that ends: whoever is killed in the
middle is followed by somebody who sends the same notice, under the same id, again.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

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
from services.handoff.webhook_notice import is_last

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

LAST_KEPT = timedelta(days=7)
"""So long the notice that a case was erased waits for a help desk that does not answer; delivered, it
goes at once.
"""

LEASE = timedelta(seconds=60)
"""Longer than a try may take; it is renewed before a try when half of it is over."""

AT_A_TIME = 20
"""So many notices of a conversation are read at a time."""

OPEN_KNOWN = timedelta(seconds=5)
"""So long an address that has not stopped is taken for open: another process may have heard that it has."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


Asked = ParamSpec("Asked")
ResultT = TypeVar("ResultT")
Notice = tuple[CaseEvent, str]
"""An event and what is said of it."""


@dataclass(frozen=True)
class Due:
    """A lane that waits for somebody; `came` is how many notices have come into it so far."""

    conversation_id: str
    merchant_id: str
    came: int


@dataclass(frozen=True)
class Lane:
    """A conversation whose next notices this worker may send until its lease ends.

    `token` is new with each claim: who has lost a lease does not hold the next one of the same process.
    `came` is how many notices had come into the lane when it was seen or renewed.
    """

    conversation_id: str
    merchant_id: str
    token: str
    came: int
    leased_until: datetime


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
    is_last: bool = False


def _in_turn(
    work: Callable[Concatenate["WebhookStore", Asked], Coroutine[Any, Any, ResultT]],
) -> Callable[Concatenate["WebhookStore", Asked], Coroutine[Any, Any, ResultT]]:
    """One after the other, however many lanes are being emptied.

    They have time; an agent's claim, which would have to wait behind all of them, has not.
    """

    @wraps(work)
    async def waits(self: "WebhookStore", /, *args: Asked.args, **kwargs: Asked.kwargs) -> ResultT:
        async with self.turn:
            return await work(self, *args, **kwargs)

    return waits


class WebhookStore:
    """Notices in the store; reads never show what has expired."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        db = database(client, "handoff")
        self._db = db
        self._rows, self._lanes = db[DELIVERIES.name], db[LANES.name]
        self._stops, self._counters = db[STOPS.name], db[COUNTERS.name]
        self._now = now
        self.turn = asyncio.Lock()
        self._open_at: dict[tuple[str, str], datetime] = {}

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

    async def forget(self, session: Session, conversation_id: str) -> int:
        """Deletes every notice of an erased conversation; its lane is looked into at once, and goes."""
        mine = {"conversation_id": conversation_id}
        gone = await self._rows.delete_many(mine, session=session)
        now = {"$set": {"due_at": self._now()}, "$inc": {"came": 1}}
        await self._lanes.update_one({"_id": conversation_id}, now, session=session)
        return gone.deleted_count

    @_in_turn
    async def due(self, busy: Iterable[str], most: int) -> list[Due]:
        """The lanes that wait longest, of no merchant in `busy`."""
        now = self._now()
        free = self._free(now) | {"merchant_id": {"$nin": [*busy]}} | alive(now)
        shown = {"merchant_id": 1, "came": 1}
        cursor = self._lanes.find(free, shown).sort("due_at", 1).limit(most)
        return [Due(row["_id"], row["merchant_id"], row["came"]) async for row in cursor]

    @_in_turn
    async def claim(self, owner: str, due: Due) -> Lane | None:
        """A lane that is due, for `owner` alone until its lease ends; None: somebody was faster."""
        now, token = self._now(), uuid4().hex
        # What came since the lane was seen is found when it is finished: an update that also gave the
        # lane back would cost the local store four times as much.
        taken = await self._lanes.update_one(
            {"_id": due.conversation_id} | self._free(now) | alive(now),
            {"$set": {"leased_until": now + LEASE, "owner": owner, "token": token}},
        )
        if not taken.matched_count:
            return None
        return Lane(due.conversation_id, due.merchant_id, token, due.came, now + LEASE)

    async def hold(self, lane: Lane) -> Lane | None:
        """The lane for another try, renewed where less than half of its lease is left; or None."""
        fresh = lane.leased_until - self._now() > LEASE / 2
        return lane if fresh else await self.renew(lane)

    @_in_turn
    async def renew(self, lane: Lane) -> Lane | None:
        """The lane with a new lease; None where it is no longer this worker's."""
        row = await self._lanes.find_one_and_update(
            _held(lane), {"$set": {"leased_until": self._now() + LEASE}},
            return_document=ReturnDocument.AFTER,
        )  # fmt: skip
        if row is None:
            return None
        return replace(lane, came=row["came"], leased_until=row["leased_until"])

    @_in_turn
    async def waiting(self, lane: Lane) -> list[Delivery]:
        """The oldest waiting notices of a conversation, in order, `AT_A_TIME` at most."""
        found = {"conversation_id": lane.conversation_id, "state": WAITING} | alive(self._now())
        cursor = self._rows.find(found).sort("_id", 1).limit(AT_A_TIME)
        return [_delivery(row) async for row in cursor]

    @_in_turn
    async def finish(self, lane: Lane) -> bool:
        """Removes a lane in which nothing waits; False if something came after its lease began."""
        # No transaction: one that is cancelled in the middle would stay open and keep others out.
        gone = await self._lanes.delete_one(_held(lane) | {"came": lane.came})
        return gone.deleted_count == 1

    @_in_turn
    async def note(self, delivery: Delivery, state: str, problem: str | None = None) -> None:
        """Remembers how a try ended; of an erased case's last notice, only that it is still to come."""
        if delivery.is_last and state == DELIVERED:
            await self._rows.delete_one({"_id": delivery.number})
            return
        now = self._now()
        ends = now + _kept(state, is_last=delivery.is_last)
        outcome = {"state": state, "problem": problem, "tried_at": now, "expires_at": ends}
        change = {"$set": outcome, "$inc": {"tries": 1}}
        await self._rows.update_one({"_id": delivery.number}, change)

    @_in_turn
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
        self._open_at.pop((merchant_id, url), None)

    @_in_turn
    async def stopped(self, merchant_id: str, url: str) -> bool:
        """Whether this very address wants to hear no more; that it does not is known for a while."""
        now = self._now()
        if now - self._open_at.get((merchant_id, url), LONG_AGO) < OPEN_KNOWN:
            return False
        if await self._stops.find_one({"_id": merchant_id, "url": url}) is not None:
            return True
        self._open_at[merchant_id, url] = now
        return False

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
            ends = self._now() + _kept(WAITING, is_last=delivery.is_last)
            anew = {"state": WAITING, "tries": 0, "problem": None, "expires_at": ends}
            await self._rows.update_one({"_id": delivery.number}, {"$set": anew}, session=session)
            await self._open_lane(session, delivery.conversation_id, delivery.merchant_id)
            due = {"$set": {"due_at": self._now()}}
            await self._lanes.update_one({"_id": delivery.conversation_id}, due, session=session)
            await self._stops.delete_one({"_id": delivery.merchant_id}, session=session)

        await in_transaction(self._client, work)

    @staticmethod
    def _free(now: datetime) -> Document:
        return {"due_at": {"$lte": now}, "leased_until": {"$lte": now}}

    def _row(self, number: int, event: CaseEvent, body: str) -> Document:
        last = is_last(event)
        return {
            "_id": number, "event_id": str(event.event_id), "merchant_id": event.merchant_id,
            "conversation_id": event.conversation_id, "case_id": str(event.case_id),
            "type": type(event).__name__, "state": WAITING, "tries": 0, "problem": None,
            "created_at": self._now(), "tried_at": None, "body": body,
            "is_last": last, "expires_at": self._now() + _kept(WAITING, is_last=last),
        }  # fmt: skip

    async def _open_lane(self, session: Session, conversation_id: str, merchant_id: str) -> None:
        """Makes the lane, or counts on: then a worker that finishes it meanwhile looks again."""
        new = {"merchant_id": merchant_id, "due_at": self._now(), "leased_until": LONG_AGO,
               "owner": None, "token": None}  # fmt: skip
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
    return {"_id": lane.conversation_id, "token": lane.token}


def _kept(state: str, *, is_last: bool) -> timedelta:
    if is_last:
        return LAST_KEPT
    return DELIVERED_KEPT if state == DELIVERED else KEPT


def _delivery(row: Document) -> Delivery:
    fields: dict[str, Any] = {name: row[name] for name in Delivery.__annotations__ if name in row}
    return Delivery(number=row["_id"], **fields)
