"""The blind index: which conversations an e-mail address or an order number was given in.

Only keyed marks are kept (`blind.py`), as long as the case that they were given in.
"""

from collections.abc import Iterable
from datetime import timedelta

from libs.contracts.content import CASE_CAP_DAYS
from libs.kit.clock import Now
from libs.kit.mongo import Collection, Database, Index, Session, alive
from services.handoff.case import Case

GIVEN = Collection(
    "given", expiring=True,
    indexes=(Index(("merchant_id", "mark", "expires_at")), Index(("case_id",)), Index(("conversation_id",))),
    required={"merchant_id": "string", "mark": "string", "case_id": "string",
              "conversation_id": "string"},
    lives=timedelta(days=CASE_CAP_DAYS),
)  # fmt: skip


class Given:
    """Marks in the store; reads never show what has expired."""

    def __init__(self, db: Database, now: Now) -> None:
        self._rows = db[GIVEN.name]
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

    async def erase(self, session: Session, conversation_id: str) -> int:
        """Deletes every mark of a conversation; how many there were."""
        gone = await self._rows.delete_many({"conversation_id": conversation_id}, session=session)
        return int(gone.deleted_count)

    async def conversations(self, merchant_id: str, mark: str) -> tuple[str, ...]:
        """The conversations at a shop in which this was given."""
        found = {"merchant_id": merchant_id, "mark": mark} | alive(self._now())
        rows = [row["conversation_id"] async for row in self._rows.find(found).sort("_id", 1)]
        return tuple(dict.fromkeys(rows))
