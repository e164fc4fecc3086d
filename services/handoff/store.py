"""What handoff keeps: cases with their sealed intake, and which events it has dealt with already.

Every change of a case and the events that tell of it are written in one transaction. All of these
transactions take a number from the outbox's counter, so they happen one after another: positions in
a queue that are computed inside one are true when it commits.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from libs.contracts.envelope import Event
from libs.contracts.sealed import Sealed
from libs.contracts.visitor import CaseRated
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Client, Session, alive, database, ensure, in_transaction
from libs.kit.outbox import COUNTERS, OUTBOX, Outbox
from services.handoff.case import Case, Change, NotAllowed, Status
from services.handoff.ending import rate
from services.handoff.figures import Figures, queue_of
from services.handoff.given import GIVEN, MENTIONED, Given
from services.handoff.marks import MARKS, Marks
from services.handoff.notes import Note, Notes
from services.handoff.queue import Queue
from services.handoff.reads import CaseReads, open_in
from services.handoff.routing import Seat
from services.handoff.rows import CASES, from_row, to_row
from services.handoff.speech import retold
from services.handoff.waiting import Forecast

COLLECTIONS = (CASES, OUTBOX, COUNTERS)

ResultT = TypeVar("ResultT")
Decide = Callable[[Case, Sequence[Case]], Change]
"""A domain rule: from a case and the queue it stands in, or is to enter, to the change made."""


class Beside(Protocol):
    """What else is written in the transactions of changes, beside the outbox."""

    async def tell(self, session: Session, case: Case, events: Sequence[Event]) -> None:
        """A case has changed, and these events say so."""

    async def forget(self, session: Session, conversation_id: str) -> Mapping[str, int]:
        """A conversation is erased; what was deleted of it, by collection."""


class CaseStore(CaseReads):
    """Cases in the store; reads never show what has expired.

    `also` hear of every change and of every erasure in its transaction.
    """

    def __init__(
        self, client: Client, outbox: Outbox, now: Now = utc_now, also: Sequence[Beside] = ()
    ) -> None:
        self._client = client
        self._db = database(client, "handoff")
        super().__init__(self._db, now)
        self.notes = Notes(client, now)
        self.figures = Figures(client, now)
        self.given = Given(client, now)
        self._also = also
        self._marks = Marks(self._db, now)
        self._outbox = outbox
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (*COLLECTIONS, *MARKS, GIVEN, MENTIONED))
        await self.notes.prepare()
        await self.figures.prepare()

    async def add(
        self, case: Case, event_id: UUID, decide: Decide, marks: Sequence[str] = ()
    ) -> bool:
        """Puts a new case in the queue, unless the event was seen, one is open, or it is erased.

        By `marks` its conversation is found again.
        """

        async def work(session: Session) -> bool:
            if await self._marks.seen(session, event_id) or not await self._may_open(session, case):
                return False
            queue = await self._queue(session, case.merchant_id, case.skill)
            change = decide(case, queue)
            await self._cases.insert_one(to_row(change.case), session=session)
            await self.given.replace(session, change.case, marks)
            await self._say(session, change)
            return True

        return await self._speak(work)

    async def change(
        self, case_id: UUID, decide: Decide, once: UUID | None = None, *,
        into: str | None = None, note: Note | None = None, room: Seat | None = None,
    ) -> Case:  # fmt: skip
        """Changes a case as `decide` says; with `once`, a second time with that id does nothing.

        `into` is the skill whose queue it may enter; `note` is kept with the change; `room` is an
        agent who must have a free place. Raises NotAllowed: from the rule, for an unknown case, where
        there is no room, and when somebody else was faster.
        """

        async def work(session: Session) -> Case:
            case = await self._one({"_id": str(case_id)}, session)
            if case is None:
                raise NotAllowed("unknown_case")
            if once is not None and await self._marks.seen(session, once):
                return case
            if room is not None:
                await self._check_room(session, case, room)
            change = decide(case, await self._beside(session, case, into))
            await self._replace(session, case, change)
            if note is not None:
                await self.notes.add(session, replace(note, expires_at=change.case.expires_at))
            return change.case

        return await self._speak(work)

    async def retell(
        self, merchant_id: str, skill: str, forecast: Forecast, now: datetime, pause: timedelta
    ) -> bool:
        """Reckons with another forecast from now on, and tells everybody who waits."""

        async def work(session: Session) -> bool:
            queue = queue_of(merchant_id, skill)
            if not await self.figures.replace(session, queue, forecast, now, pause):
                return False
            waiting = Queue(await self._queued(session, merchant_id, skill), forecast)
            await self._outbox.add(session, *retold(waiting, now))
            return True

        return await self._speak(work)

    async def rate(self, event: CaseRated) -> Case | None:
        """Keeps a rating with the closed case of its conversation, once."""

        async def work(session: Session) -> Case | None:
            own = {"_id": str(event.case_id), "conversation_id": event.conversation_id}
            case = await self._one(own, session)
            if case is None:
                return None
            rated = rate(case, event).case
            if rated == case:
                return None
            await self._cases.replace_one({"_id": own["_id"]}, to_row(rated), session=session)
            return rated

        return await in_transaction(self._client, work)

    async def visitor_wrote(
        self, conversation_id: str, at: datetime, keep_until: datetime
    ) -> Case | None:
        """Marks the conversation's open case, if any, unread and keeps it longer."""

        async def work(session: Session) -> Case | None:
            case = await self._one(open_in(conversation_id), session)
            if case is not None:
                marks = {"$max": {"visitor_wrote_at": at, "expires_at": keep_until}}
                await self._cases.update_one({"_id": str(case.case_id)}, marks, session=session)
                await self._keep(session, replace(case, expires_at=keep_until))
            return case

        return await in_transaction(self._client, work)

    async def visitor_seen(self, conversation_id: str, at: datetime) -> None:
        """Remembers a sign of life of a visitor in the queue."""

        async def work(session: Session) -> None:
            seen = {"$max": {"visitor_seen_at": at}}
            waiting = {"conversation_id": conversation_id, "status": Status.QUEUED}
            await self._cases.update_one(waiting, seen, session=session)

        await in_transaction(self._client, work)

    async def correct(self, case: Case, intake: Sealed, marks: Sequence[str]) -> Case:
        """Keeps a corrected form, and what its conversation is found by then.

        Raises NotAllowed when the case is not there any more.
        """

        async def work(session: Session) -> Case:
            current = await self._one({"_id": str(case.case_id)}, session)
            if current is None:
                raise NotAllowed("unknown_case")
            corrected = replace(current, intake=intake)
            found = {"_id": str(case.case_id)}
            await self._cases.replace_one(found, to_row(corrected), session=session)
            await self.given.replace(session, corrected, marks)
            return corrected

        return await self._speak(work)

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
            if await self._marks.seen(session, event_id):
                # Whoever asks again has not heard the answer.
                nothing = dict.fromkeys(("cases", "notes", GIVEN.name, MENTIONED.name), 0)
                await self._outbox.add(session, acknowledge(nothing))
                return []
            found = {"conversation_id": conversation_id}
            cases = [from_row(doc) async for doc in self._cases.find(found, session=session)]
            # First what was told before: the last word that a case is over goes out all the same.
            deleted: dict[str, int] = {}
            for one in self._also:
                deleted |= await one.forget(session, conversation_id)
            for case in cases:
                await self._say(session, decide(case, await self._beside(session, case)))
            await self._cases.delete_many(found, session=session)
            deleted["notes"] = await self.notes.erase(session, conversation_id)
            deleted |= await self.given.erase(session, conversation_id)
            await self._marks.erase(session, conversation_id)
            await self._outbox.add(session, acknowledge({"cases": len(cases)} | deleted))
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
        saved = await self._cases.replace_one(
            unchanged | alive(self._now()), to_row(change.case), session=session
        )
        if not saved.matched_count:
            raise NotAllowed("case_taken")
        await self._say(session, change)
        if change.handled is not None:
            await self.figures.note(session, before, change.handled)
        if change.case.expires_at > before.expires_at:
            await self._keep(session, change.case)

    async def _keep(self, session: Session, case: Case) -> None:
        """What belongs to a case ends with it, not before."""
        await self.notes.keep(session, case)
        await self.given.keep(session, case)

    async def _say(self, session: Session, change: Change) -> None:
        await self._outbox.add(session, *change.events)
        for one in self._also:
            await one.tell(session, change.case, change.events)

    async def _check_room(self, session: Session, case: Case, seat: Seat) -> None:
        # Changes happen one after another (see above): what is counted here is true at the commit.
        others = alive(self._now()) | {
            "agent_id": seat.agent_id, "status": Status.ASSIGNED, "_id": {"$ne": str(case.case_id)},
        }  # fmt: skip
        if await self._cases.count_documents(others, session=session) >= seat.capacity:
            raise NotAllowed("capacity_full")

    async def _beside(
        self, session: Session, case: Case, into: str | None = None
    ) -> Sequence[Case]:
        """The queue that a case stands in, or is to enter."""
        if case.status is not Status.QUEUED and into is None:
            return ()
        return await self._queue(session, case.merchant_id, into or case.skill)

    async def _queue(self, session: Session, merchant_id: str, skill: str) -> Queue:
        waiting = await self._queued(session, merchant_id, skill)
        return Queue(waiting, await self.figures.forecast(merchant_id, skill, session))

    async def _may_open(self, session: Session, case: Case) -> bool:
        """Whether the conversation may get a case: none is open and it is not erased."""
        asked = await self._marks.ask(session, case.conversation_id, case.expires_at)
        return asked and await self._one(open_in(case.conversation_id), session) is None
