"""What handoff keeps: cases with their sealed intake, and which events it has dealt with already.

Every change of a case and the events that tell of it are written in one transaction. All of these
transactions take a number from the outbox's counter, so they happen one after another: positions in
a queue that are computed inside one are true when it commits.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pymongo import ReturnDocument

from libs.contracts.envelope import Event
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
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from services.handoff.case import Case, Change, NotAllowed, Status
from services.handoff.rows import from_row, to_row

CASES = Collection(
    "cases",
    expiring=True,
    indexes=(
        Index(("merchant_id", "status", "skill", "queued_at")),
        Index(("conversation_id", "status")),
        Index(("agent_id", "status")),
    ),
    required={
        "merchant_id": "string", "conversation_id": "string", "status": "string",
        "version": "int", "queued_at": "date", "intake": "object",
    },
)  # fmt: skip
CONVERSATIONS = Collection("conversations", expiring=True, required={"erased": "bool"})
"""One row per conversation that asked for a person; `erased` refuses cases from late events."""

INBOX = Collection("inbox", expiring=True)
COLLECTIONS = (CASES, CONVERSATIONS, INBOX, OUTBOX, COUNTERS)

INBOX_KEPT = timedelta(days=10)
"""Longer than any replay: the topics keep three days, dead letters seven."""

ERASED_KEPT = timedelta(days=30)
"""So long do late events of an erased conversation find its mark; the bus forgets them before."""

ResultT = TypeVar("ResultT")
Decide = Callable[[Case, Sequence[Case]], Change]
"""A domain rule: from a case and the queue it stands in to the change that is made."""


class CaseStore:
    """Cases in the store; reads never show what has expired."""

    def __init__(self, client: Client, outbox: Outbox, now: Now = utc_now) -> None:
        self._client = client
        self._db = database(client, "handoff")
        self._cases = self._db[CASES.name]
        self._conversations = self._db[CONVERSATIONS.name]
        self._inbox = self._db[INBOX.name]
        self._outbox = outbox
        self._now = now
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, COLLECTIONS)

    async def get(self, case_id: UUID) -> Case | None:
        """The case, or None when it is unknown, expired or erased."""
        return await self._one({"_id": str(case_id)})

    async def open_in(self, conversation_id: str) -> Case | None:
        """The open case of a conversation, or None."""
        return await self._one(_open_in(conversation_id))

    async def waiting(self, merchants: Iterable[str]) -> list[Case]:
        """Every waiting case of the merchants."""
        return await self._all({"merchant_id": {"$in": [*merchants]}, "status": Status.QUEUED})

    async def owned_by(self, agent_id: str) -> list[Case]:
        """The open cases of an agent, oldest first."""
        return await self._all({"agent_id": agent_id, "status": Status.ASSIGNED})

    async def add(self, case: Case, event_id: UUID, decide: Decide) -> bool:
        """Puts a new case in the queue, unless the event was seen, one is open, or it is erased."""

        async def work(session: Session) -> bool:
            if await self._seen(session, event_id) or not await self._may_open(session, case):
                return False
            change = decide(case, await self._queue(session, case))
            await self._cases.insert_one(to_row(change.case), session=session)
            await self._outbox.add(session, *change.events)
            return True

        return await self._speak(work)

    async def change(self, case_id: UUID, decide: Decide, once: UUID | None = None) -> Case:
        """Changes a case as `decide` says; with `once`, a second time with that id does nothing.

        Raises NotAllowed: from the rule, for an unknown case, and when somebody else was faster.
        """

        async def work(session: Session) -> Case:
            case = await self._one({"_id": str(case_id)}, session)
            if case is None:
                raise NotAllowed("unknown_case")
            if once is not None and await self._seen(session, once):
                return case
            change = decide(case, await self._queue(session, case))
            await self._replace(session, case, change)
            return change.case

        return await self._speak(work)

    async def visitor_wrote(
        self, conversation_id: str, at: datetime, keep_until: datetime
    ) -> Case | None:
        """Marks the conversation's open case, if any, unread and keeps it longer."""

        async def work(session: Session) -> Case | None:
            case = await self._one(_open_in(conversation_id), session)
            if case is not None:
                marks = {"$max": {"visitor_wrote_at": at, "expires_at": keep_until}}
                await self._cases.update_one({"_id": str(case.case_id)}, marks, session=session)
            return case

        return await in_transaction(self._client, work)

    async def mark_read(self, case: Case, until: datetime) -> None:
        """Remembers that the owner has seen what the visitor wrote until then."""

        async def work(session: Session) -> None:
            seen = {"$max": {"read_at": until}}
            await self._cases.update_one({"_id": str(case.case_id)}, seen, session=session)

        await in_transaction(self._client, work)

    async def erase(
        self, conversation_id: str, event_id: UUID, decide: Decide,
        acknowledge: Callable[[dict[str, int]], Event],
    ) -> list[Case]:  # fmt: skip
        """Deletes and returns every case of a conversation, marks it erased, acknowledges."""

        async def work(session: Session) -> list[Case]:
            if await self._seen(session, event_id):
                return []
            found = {"conversation_id": conversation_id}
            cases = [from_row(doc) async for doc in self._cases.find(found, session=session)]
            for case in cases:
                change = decide(case, await self._queue(session, case))
                await self._outbox.add(session, *change.events)
            await self._cases.delete_many(found, session=session)
            await self._mark_erased(session, conversation_id)
            await self._outbox.add(session, acknowledge({"cases": len(cases)}))
            return cases

        return await self._speak(work)

    async def _speak(self, work: Callable[[Session], Coroutine[Any, Any, ResultT]]) -> ResultT:
        # They would only get in each other's way and be repeated: here they wait for their turn,
        # and a transaction conflicts with those of other processes only.
        async with self._turn:
            result = await in_transaction(self._client, work)
        self._outbox.wake()
        return result

    async def _replace(self, session: Session, before: Case, change: Change) -> None:
        """Compare-and-set: writes only while status and version are those that were decided on."""
        if change.case == before:
            return
        unchanged = {"_id": str(before.case_id), "status": before.status, "version": before.version}
        saved = await self._cases.find_one_and_replace(
            unchanged | alive(self._now()), to_row(change.case), session=session
        )
        if saved is None:
            raise NotAllowed("case_taken")
        await self._outbox.add(session, *change.events)

    async def _may_open(self, session: Session, case: Case) -> bool:
        """Whether the conversation may get a case: none is open and it is not erased.

        Writing the row makes an erasure that happens at the same time conflict with this one.
        """
        row = await self._conversations.find_one_and_update(
            {"_id": case.conversation_id},
            {
                "$setOnInsert": {"erased": False}, "$inc": {"requests": 1},
                "$max": {"expires_at": case.expires_at},
            },
            upsert=True, return_document=ReturnDocument.AFTER, session=session,
        )  # fmt: skip
        is_open = await self._one(_open_in(case.conversation_id), session)
        return not row["erased"] and is_open is None

    async def _mark_erased(self, session: Session, conversation_id: str) -> None:
        mark = {"erased": True, "expires_at": self._now() + ERASED_KEPT}
        await self._conversations.replace_one(
            {"_id": conversation_id}, mark, upsert=True, session=session
        )

    async def _seen(self, session: Session, event_id: UUID) -> bool:
        row: Document = {"_id": str(event_id)}
        if await self._inbox.find_one(row, session=session):
            return True
        row["expires_at"] = self._now() + INBOX_KEPT
        await self._inbox.insert_one(row, session=session)
        return False

    async def _queue(self, session: Session, case: Case) -> list[Case]:
        if case.status is not Status.QUEUED:
            return []
        same = {"merchant_id": case.merchant_id, "status": Status.QUEUED, "skill": case.skill}
        return await self._all(same, session)

    async def _one(self, found: Document, session: Session | None = None) -> Case | None:
        document = await self._cases.find_one(found | alive(self._now()), session=session)
        return from_row(document) if document else None

    async def _all(self, found: Document, session: Session | None = None) -> list[Case]:
        cursor = self._cases.find(found | alive(self._now()), session=session)
        return [
            from_row(document) async for document in cursor.sort([("queued_at", 1), ("_id", 1)])
        ]


def _open_in(conversation_id: str) -> Document:
    return {"conversation_id": conversation_id, "status": {"$ne": Status.CLOSED}}
