"""Notices for shops' own help desks, kept until they are delivered; in order per conversation.

A notice is written in the transaction of the event that it tells of. A conversation with waiting
notices has a lane, which one worker at a time holds by a lease that ends: whoever is killed in the
middle is followed by somebody who sends the same notice, under the same id, again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from libs.contracts.case import CaseEvent
from libs.kit.clock import LONG_AGO, Now, utc_now
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
from services.handoff.webhook_lanes import KEPT, LANES, Lane, Lanes, in_turn
from services.handoff.webhook_notice import is_last

DELIVERIES = Collection(
    "deliveries",
    expiring=True,
    indexes=(Index(("conversation_id", "state", "_id")), Index(("state", "merchant_id"))),
    required={"event_id": "string", "merchant_id": "string", "state": "string", "body": "string"},
    lives=KEPT,
)
STOPS = Collection("delivery_stops", expiring=False, required={"url": "string"})
COLLECTIONS = (DELIVERIES, LANES, STOPS, COUNTERS)

DELIVERED_KEPT = timedelta(days=7)

LAST_KEPT = timedelta(days=7)
"""So long the notice that a case was erased waits for a help desk that does not answer; delivered, it
goes at once.
"""

AT_A_TIME = 20
"""So many notices of a conversation are read at a time."""

OPEN_KNOWN = timedelta(seconds=5)
"""So long an address that has not stopped is taken for open: another process may have heard that it has."""

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


Notice = tuple[CaseEvent, str]
"""An event and what is said of it."""


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


class WebhookStore:
    """Notices in the store; reads never show what has expired."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        db = database(client, "handoff")
        self._db = db
        self._rows, self.lanes = db[DELIVERIES.name], Lanes(db, now)
        self._stops, self._counters = db[STOPS.name], db[COUNTERS.name]
        self._now = now
        self.turn = self.lanes.turn
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
            await self.lanes.open(session, event.conversation_id, event.merchant_id)

    async def forget(self, session: Session, conversation_id: str) -> int:
        """Deletes every notice of an erased conversation; its lane is looked into at once, and goes."""
        mine = {"conversation_id": conversation_id}
        gone = await self._rows.delete_many(mine, session=session)
        await self.lanes.stir(session, conversation_id)
        return gone.deleted_count

    @in_turn
    async def waiting(self, lane: Lane) -> list[Delivery]:
        """The oldest waiting notices of a conversation, in order, `AT_A_TIME` at most."""
        found = {"conversation_id": lane.conversation_id, "state": WAITING} | alive(self._now())
        cursor = self._rows.find(found).sort("_id", 1).limit(AT_A_TIME)
        return [_delivery(row) async for row in cursor]

    @in_turn
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

    async def stop(self, merchant_id: str, url: str) -> None:
        """Remembers that an address answered 410: it is not asked again."""
        row = {"url": url, "at": self._now()}
        await self._stops.replace_one({"_id": merchant_id}, row, upsert=True)
        self._open_at.pop((merchant_id, url), None)

    @in_turn
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
            await self.lanes.open(session, delivery.conversation_id, delivery.merchant_id)
            await self.lanes.stir(session, delivery.conversation_id)
            await self._stops.delete_one({"_id": delivery.merchant_id}, session=session)

        await in_transaction(self._client, work)

    def _row(self, number: int, event: CaseEvent, body: str) -> Document:
        last = is_last(event)
        return {
            "_id": number, "event_id": str(event.event_id), "merchant_id": event.merchant_id,
            "conversation_id": event.conversation_id, "case_id": str(event.case_id),
            "type": type(event).__name__, "state": WAITING, "tries": 0, "problem": None,
            "created_at": self._now(), "tried_at": None, "body": body,
            "is_last": last, "expires_at": self._now() + _kept(WAITING, is_last=last),
        }  # fmt: skip

    async def _reserve(self, session: Session, count: int) -> int:
        counter = await self._counters.find_one_and_update(
            {"_id": "deliveries"}, {"$inc": {"value": count}},
            upsert=True, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        value: int = counter["value"]
        return value


def _kept(state: str, *, is_last: bool) -> timedelta:
    if is_last:
        return LAST_KEPT
    return DELIVERED_KEPT if state == DELIVERED else KEPT


def _delivery(row: Document) -> Delivery:
    fields: dict[str, Any] = {name: row[name] for name in Delivery.__annotations__ if name in row}
    return Delivery(number=row["_id"], **fields)
