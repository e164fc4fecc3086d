"""What handoff keeps of who is there: presence by agent, and what was last said of the staffing."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from pymongo import ReturnDocument

from libs.contracts.case import StaffingChanged
from libs.kit.clock import LONG_AGO, Now, utc_now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Session,
    alive,
    database,
    ensure,
    in_transaction,
)
from libs.kit.outbox import Outbox
from services.handoff.presence import Presence, State, grants_of
from services.handoff.rights import Agent

CHOICE_KEPT = timedelta(days=30)
"""So long is remembered what an agent chose, and the name that colleagues see."""

PRESENCE = Collection(
    "presence", expiring=True, required={"seen_at": "date", "state": "string", "capacity": "int"},
    lives=CHOICE_KEPT,
)  # fmt: skip
STAFFING = Collection("staffing", expiring=False, required={"online": "object"})

LOOK_STEP = timedelta(seconds=8)
"""A look so soon after the last one at the same case is not worth a write."""


FRESH_SECONDS = 0.5
"""What other processes note is seen so late at most; what this one notes at once."""

SAID_KNOWN = timedelta(seconds=10)
"""So long nobody looks whether another process has said something else of the staffing."""


@dataclass(frozen=True)
class _Read:
    """Everybody, as read when this process had written so often."""

    people: Sequence[Presence]
    written: int
    began: float


class Roster:
    """Agents as last seen; who is silent for longer than `silence` is not there.

    `capacity` is how many cases an agent takes at a time who has not said otherwise.
    """

    def __init__(
        self, client: Client, outbox: Outbox, *, capacity: int = 4,
        silence: timedelta = timedelta(seconds=45), now: Now = utc_now,
    ) -> None:  # fmt: skip
        self.silence = silence
        self.capacity = capacity
        self._client = client
        self._outbox = outbox
        self._db = database(client, "handoff")
        self._rows = self._db[PRESENCE.name]
        self._staffing = self._db[STAFFING.name]
        self._now = now
        self._written = 0
        self._read: _Read | None = None
        self._known: dict[str, tuple[Mapping[str, int], datetime]] = {}

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (PRESENCE, STAFFING))

    async def beat(self, agent: Agent) -> bool:
        """A sign of life, and whether the agent was not there before; a newcomer is online."""
        return await self._write(agent, {}, self._usual(agent))

    async def keep(self, agent_ids: Iterable[str]) -> None:
        """One sign of life of everybody whose console is open here."""
        now = self._now()
        seen = {"$set": {"seen_at": now, "expires_at": now + CHOICE_KEPT}}
        await self._rows.update_many({"_id": {"$in": [*agent_ids]}}, seen)
        self._written += 1

    async def choose(
        self, agent: Agent, state: State, *, capacity: int | None = None,
        languages: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        """What the agent chose; None leaves it as it was."""
        chosen: Document = {"state": state}
        if capacity is not None:
            chosen["capacity"] = capacity
        if languages is not None:
            chosen["languages"] = [*languages]
        await self._write(agent, chosen, self._usual(agent))

    async def look(self, agent: Agent, case_id: str) -> bool:
        """Notes that the agent looks at a case; whether that is new."""
        known, now = await self.one(agent.agent_id), self._now()
        same = known is not None and known.looking_at == case_id and known.is_looking(now)
        if same and known and known.looked_at and known.looked_at > now - LOOK_STEP:
            return False
        looks = {"looking_at": case_id, "looked_at": now}
        await self._write(agent, looks, self._usual(agent))
        return not same

    async def one(self, agent_id: str) -> Presence | None:
        """An agent as last seen; None for one who has not been there for weeks."""
        row = await self._rows.find_one({"_id": agent_id} | alive(self._now()))
        return _presence(row) if row else None

    async def everybody(self) -> list[Presence]:
        """All who were seen in the last weeks; what other processes noted is seen a little later."""
        written, began = self._written, time.monotonic()
        read = self._read
        if read is None or read.written < written or began - read.began >= FRESH_SECONDS:
            cursor = self._rows.find(alive(self._now())).sort("_id", 1)
            read = self._read = _Read([_presence(row) async for row in cursor], written, began)
        return [*read.people]

    async def there(self) -> list[Presence]:
        """Those whose console was heard of just now, whether they take cases or are away."""
        now = self._now()
        return [one for one in await self.everybody() if one.is_there(now, self.silence)]

    async def online(self) -> list[Presence]:
        """Those who are there and take cases."""
        return [one for one in await self.there() if one.state == "online"]

    async def tell_staffing(self, merchant_id: str, online: Mapping[str, int]) -> bool:
        """Says how many are online, if that is not what was said last."""
        now = self._now()
        known, since = self._known.get(merchant_id, ({}, LONG_AGO))
        if known == online and now - since < SAID_KNOWN:
            return False
        is_news = await self._said(merchant_id) != online and await self._say(merchant_id, online)
        self._known[merchant_id] = online, now
        return is_news

    async def _say(self, merchant_id: str, online: Mapping[str, int]) -> bool:
        event = StaffingChanged(
            event_id=uuid4(), merchant_id=merchant_id, occurred_at=self._now(), online=dict(online)
        )

        async def work(session: Session) -> bool:
            if await self._said(merchant_id, session) == online:
                return False
            row: Document = {"online": dict(online)}
            await self._staffing.replace_one(
                {"_id": merchant_id}, row, upsert=True, session=session
            )
            await self._outbox.add(session, event)
            return True

        said = await in_transaction(self._client, work)
        self._outbox.wake()
        return said

    async def _said(self, merchant_id: str, session: Session | None = None) -> dict[str, int]:
        row = await self._staffing.find_one({"_id": merchant_id}, session=session)
        return row["online"] if row else {}

    def _usual(self, agent: Agent) -> Document:
        return {"state": "online", "capacity": self.capacity, "languages": [*agent.languages]}

    async def _write(self, agent: Agent, chosen: Document, usual: Document) -> bool:
        now = self._now()
        # Merchants as values, not as names of fields: a name may hold a dot.
        grants = [
            {"merchant_id": merchant_id, "skills": sorted(skills)}
            for merchant_id, skills in grants_of(agent).items()
        ]
        seen: Document = {
            "name": agent.name, "grants": grants, "seen_at": now, "expires_at": now + CHOICE_KEPT,
        }  # fmt: skip
        otherwise = {name: value for name, value in usual.items() if name not in chosen}
        before = await self._rows.find_one_and_update(
            {"_id": agent.agent_id}, {"$set": seen | chosen, "$setOnInsert": otherwise},
            upsert=True, return_document=ReturnDocument.BEFORE,
        )  # fmt: skip
        self._written += 1
        return before is None or not _presence(before).is_there(now, self.silence)


def _presence(row: Document) -> Presence:
    grants = {grant["merchant_id"]: frozenset(grant["skills"]) for grant in row["grants"]}
    return Presence(
        row["_id"], row["name"], grants, row["seen_at"], row["state"], row["capacity"],
        frozenset(row["languages"]), row.get("looking_at"), row.get("looked_at"),
    )  # fmt: skip
