"""How cases are found in the store; what has expired is never shown."""

from collections.abc import Iterable
from uuid import UUID

from libs.kit.clock import Now
from libs.kit.mongo import Database, Document, Session, alive
from services.handoff.case import Case, Status
from services.handoff.rows import CASES, from_row


class CaseReads:
    """The questions that are asked of the cases."""

    def __init__(self, db: Database, now: Now) -> None:
        self._cases = db[CASES.name]
        self._now = now

    async def get(self, case_id: UUID) -> Case | None:
        """The case, or None when it is unknown, expired or erased."""
        return await self._one({"_id": str(case_id)})

    async def open_in(self, conversation_id: str) -> Case | None:
        """The open case of a conversation, or None."""
        return await self._one(open_in(conversation_id))

    async def of_conversation(self, merchant_id: str, conversation_id: str) -> list[Case]:
        """Every case of a conversation, the first one first."""
        return await self._all({"conversation_id": conversation_id, "merchant_id": merchant_id})

    async def waiting(self, merchants: Iterable[str]) -> list[Case]:
        """Every case of the merchants that stands in a queue."""
        return await self._all(_of(merchants, Status.QUEUED))

    async def filed(self, merchants: Iterable[str]) -> list[Case]:
        """Every left message of the merchants that nobody has taken."""
        return await self._all(_of(merchants, Status.FILED))

    async def assigned(self, merchants: Iterable[str]) -> list[Case]:
        """Every case of the merchants that an agent has."""
        return await self._all(_of(merchants, Status.ASSIGNED))

    async def owned_by(self, agent_id: str) -> list[Case]:
        """The open cases of an agent, oldest first."""
        return await self._all({"agent_id": agent_id, "status": Status.ASSIGNED})

    async def _queued(self, session: Session, merchant_id: str, skill: str) -> list[Case]:
        same = {"status": Status.QUEUED, "merchant_id": merchant_id, "skill": skill}
        return await self._all(same, session)

    async def _one(self, found: Document, session: Session | None = None) -> Case | None:
        document = await self._cases.find_one(found | alive(self._now()), session=session)
        return from_row(document) if document else None

    async def _all(self, found: Document, session: Session | None = None) -> list[Case]:
        cursor = self._cases.find(found | alive(self._now()), session=session)
        return [
            from_row(document) async for document in cursor.sort([("queued_at", 1), ("_id", 1)])
        ]


def open_in(conversation_id: str) -> Document:
    """The condition of a conversation's open case."""
    return {"conversation_id": conversation_id, "status": {"$ne": Status.CLOSED}}


def _of(merchants: Iterable[str], status: Status) -> Document:
    # In this order: the local store looks up the first of these clauses that an index begins with.
    return {"status": status, "merchant_id": {"$in": [*merchants]}}
