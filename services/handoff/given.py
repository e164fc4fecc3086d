"""The blind index: which conversations an e-mail address or an order number was given in.

Only keyed marks are kept (`blind.py`): as long as the case whose form they were given in, and, of what was
mentioned to the bot, as long as the conversation.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from libs.contracts.content import CASE_CAP_DAYS, RETENTION_DAYS
from libs.kit.clock import Now
from libs.kit.mongo import Client, Collection, Index, Session, alive, database, in_transaction
from services.handoff.case import Case
from services.handoff.marks import Marks

FOUND_BY = (Index(("merchant_id", "mark", "expires_at")), Index(("conversation_id",)))
MARKED = {"merchant_id": "string", "mark": "string", "conversation_id": "string"}

GIVEN = Collection(
    "given", expiring=True, indexes=(*FOUND_BY, Index(("case_id",))),
    required=MARKED | {"case_id": "string"}, lives=timedelta(days=CASE_CAP_DAYS),
)  # fmt: skip
MENTIONED = Collection(
    "mentioned", expiring=True, indexes=FOUND_BY, required=MARKED,
    lives=timedelta(days=RETENTION_DAYS),
)  # fmt: skip

WORTH_A_WRITE = timedelta(minutes=1)
"""A mark's end is moved in steps of this length, as the end of its conversation's key is."""


class Given:
    """Marks in the store; reads never show what has expired."""

    def __init__(self, client: Client, now: Now) -> None:
        db = database(client, "handoff")
        self._client = client
        self._rows, self._mentioned = db[GIVEN.name], db[MENTIONED.name]
        self._marks = Marks(db, now)
        self._now = now

    async def replace(self, session: Session, case: Case, marks: Iterable[str]) -> None:
        """Keeps these marks of a case, and no others, in the transaction that writes the case."""
        await self._rows.delete_many({"case_id": str(case.case_id)}, session=session)
        rows = [
            {
                "_id": f"{case.case_id}:{mark}", "merchant_id": case.merchant_id, "mark": mark,
                "case_id": str(case.case_id), "conversation_id": case.conversation_id,
                "expires_at": case.expires_at,
            }
            for mark in marks
        ]  # fmt: skip
        if rows:
            await self._rows.insert_many(rows, session=session)

    async def keep(self, session: Session, case: Case) -> None:
        """Keeps a case's marks as long as the case."""
        longer = {"$max": {"expires_at": case.expires_at}}
        await self._rows.update_many({"case_id": str(case.case_id)}, longer, session=session)

    async def mention(
        self, merchant_id: str, conversation_id: str, marks: Iterable[str], until: datetime
    ) -> None:
        """Keeps these marks of a conversation, and those that it has, until its new end; nothing of one
        that is erased or past that end.
        """
        found = {"conversation_id": conversation_id} | alive(self._now())
        known = {row["mark"]: row["expires_at"] async for row in self._mentioned.find(found)}
        kept = {*known, *marks}
        is_news = any(mark not in known or until - known[mark] >= WORTH_A_WRITE for mark in kept)
        if not is_news or until <= self._now():
            return

        async def work(session: Session) -> None:
            if not await self._marks.ask(session, conversation_id, until):
                return
            about = {"merchant_id": merchant_id, "conversation_id": conversation_id}
            for mark in sorted(kept):
                row = {"$setOnInsert": about | {"mark": mark}, "$max": {"expires_at": until}}
                await self._mentioned.update_one(
                    {"_id": f"{conversation_id}:{mark}"}, row, upsert=True, session=session
                )

        await in_transaction(self._client, work)

    async def erase(self, session: Session, conversation_id: str) -> Mapping[str, int]:
        """Deletes every mark of a conversation; how many there were, by collection."""
        mine = {"conversation_id": conversation_id}
        given = await self._rows.delete_many(mine, session=session)
        mentioned = await self._mentioned.delete_many(mine, session=session)
        return {GIVEN.name: given.deleted_count, MENTIONED.name: mentioned.deleted_count}

    async def conversations(self, merchant_id: str, mark: str) -> tuple[str, ...]:
        """The conversations at a shop in which this was given or mentioned."""
        found = {"merchant_id": merchant_id, "mark": mark} | alive(self._now())
        rows = [
            row["conversation_id"]
            for collection in (self._rows, self._mentioned)
            async for row in collection.find(found).sort("_id", 1)
        ]
        return tuple(dict.fromkeys(rows))
