"""Lanes of notices: conversations with something to send, each held by one worker at a time.

A lease ends by itself: whoever is killed in the middle is followed by somebody else.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import uuid4

from pymongo import ReturnDocument

from libs.kit.clock import LONG_AGO, Now
from libs.kit.mongo import Collection, Database, Document, Index, Session, alive

KEPT = timedelta(days=30)
"""So long a notice that was not delivered can be replayed; it holds ids and times only."""

LANES = Collection(
    "delivery_lanes", expiring=True, indexes=(Index(("due_at",)),),
    required={"merchant_id": "string", "due_at": "date", "leased_until": "date"}, lives=KEPT,
)  # fmt: skip

LEASE = timedelta(seconds=60)
"""Longer than a try may take; it is renewed before a try when half of it is over."""


Asked = ParamSpec("Asked")
OwnerT = TypeVar("OwnerT", bound="InTurn")
ResultT = TypeVar("ResultT")


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


class InTurn(Protocol):
    """Whose work on the store is done one after the other."""

    turn: asyncio.Lock


def in_turn(
    work: Callable[Concatenate[OwnerT, Asked], Coroutine[Any, Any, ResultT]],
) -> Callable[Concatenate[OwnerT, Asked], Coroutine[Any, Any, ResultT]]:
    """One after the other, however many lanes are being emptied.

    They have time; an agent's claim, which would have to wait behind all of them, has not.
    """

    @wraps(work)
    async def waits(self: OwnerT, /, *args: Asked.args, **kwargs: Asked.kwargs) -> ResultT:
        async with self.turn:
            return await work(self, *args, **kwargs)

    return waits


class Lanes:
    """Lanes in the store; reads never show what has expired."""

    def __init__(self, db: Database, now: Now) -> None:
        self._rows = db[LANES.name]
        self._now = now
        self.turn = asyncio.Lock()

    async def open(self, session: Session, conversation_id: str, merchant_id: str) -> None:
        """Makes the lane, or counts on: then a worker that finishes it meanwhile looks again."""
        new = {"merchant_id": merchant_id, "due_at": self._now(), "leased_until": LONG_AGO,
               "owner": None, "token": None}  # fmt: skip
        await self._rows.update_one(
            {"_id": conversation_id},
            {
                "$setOnInsert": new, "$inc": {"came": 1},
                "$max": {"expires_at": self._now() + KEPT},
            },
            upsert=True, session=session,
        )  # fmt: skip

    async def stir(self, session: Session, conversation_id: str) -> None:
        """Lets a lane, if there is one, be looked into at once."""
        now = {"$set": {"due_at": self._now()}, "$inc": {"came": 1}}
        await self._rows.update_one({"_id": conversation_id}, now, session=session)

    @in_turn
    async def due(self, busy: Iterable[str], most: int) -> list[Due]:
        """The lanes that wait longest, of no merchant in `busy`."""
        now = self._now()
        free = self._free(now) | {"merchant_id": {"$nin": [*busy]}} | alive(now)
        shown = {"merchant_id": 1, "came": 1}
        cursor = self._rows.find(free, shown).sort("due_at", 1).limit(most)
        return [Due(row["_id"], row["merchant_id"], row["came"]) async for row in cursor]

    @in_turn
    async def claim(self, owner: str, due: Due) -> Lane | None:
        """A lane that is due, for `owner` alone until its lease ends; None: somebody was faster."""
        now, token = self._now(), uuid4().hex
        # What came since the lane was seen is found when it is finished: an update that also gave the
        # lane back would cost the local store four times as much.
        taken = await self._rows.update_one(
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

    @in_turn
    async def renew(self, lane: Lane) -> Lane | None:
        """The lane with a new lease; None where it is no longer this worker's."""
        row = await self._rows.find_one_and_update(
            _held(lane), {"$set": {"leased_until": self._now() + LEASE}},
            return_document=ReturnDocument.AFTER,
        )  # fmt: skip
        if row is None:
            return None
        return replace(lane, came=row["came"], leased_until=row["leased_until"])

    @in_turn
    async def finish(self, lane: Lane) -> bool:
        """Removes a lane in which nothing waits; False if something came after its lease began."""
        # No transaction: one that is cancelled in the middle would stay open and keep others out.
        gone = await self._rows.delete_one(_held(lane) | {"came": lane.came})
        return gone.deleted_count == 1

    @in_turn
    async def postpone(self, lane: Lane, pause: timedelta) -> None:
        """Gives the lane back until the pause is over."""
        later = {"due_at": self._now() + pause, "leased_until": LONG_AGO}
        await self._rows.update_one(_held(lane), {"$set": later})

    async def release(self, owner: str) -> None:
        """Gives back what a worker holds: when it stops, or has come back after it was killed."""
        free = {"$set": {"leased_until": LONG_AGO}}
        await self._rows.update_many({"owner": owner}, free)

    @staticmethod
    def _free(now: datetime) -> Document:
        return {"due_at": {"$lte": now}, "leased_until": {"$lte": now}}


def _held(lane: Lane) -> Document:
    return {"_id": lane.conversation_id, "token": lane.token}
