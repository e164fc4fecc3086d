"""Questions in the making: a message and its answer come on two topics, and are told as one fact."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from pymongo import ReplaceOne

from libs.contracts.bodies import Body
from libs.contracts.content import RETENTION_DAYS
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Sealed
from libs.kit import mongo
from libs.kit.clock import Now
from libs.kit.mongo import Client, Document, Index, Session, alive, database, in_transaction
from libs.kit.outbox import Outbox
from services.analytics import domain
from services.analytics.domain import MessageFacts, Side, TurnFacts
from services.analytics.inbox.sampling import Sample
from services.analytics.inbox.store import Samples

PENDING_KEPT = timedelta(hours=1)
"""A half whose other half does not come in this time is dropped."""

PENDING = mongo.Collection(
    "pending",
    expiring=True,
    indexes=(Index(("conversation_id",)),),
    required={"conversation_id": "string", "side": "string", "sealed": "object"},
    lives=PENDING_KEPT,
)

OBJECTIONS = mongo.Collection(
    "objections", expiring=True, required={"since": "date"}, lives=timedelta(days=RETENTION_DAYS)
)
"""Conversations whose questions are not to improve anything; each as long as it is heard of."""


@dataclass(frozen=True)
class Half:
    """One side of a question: facts of the message, or of the bot's turn; `seal` is for those that wait."""

    question_id: UUID
    merchant_id: str
    conversation_id: str
    side: Side
    facts: MessageFacts | TurnFacts
    seal: Callable[[Body], Sealed]

    def with_other(self, other: MessageFacts | TurnFacts) -> QuestionCounted:
        """The question of this half and the other one, under an id that nothing leads to."""
        return domain.question(uuid4(), self.merchant_id, *self._sides(other))

    def sample(self, other: MessageFacts | TurnFacts) -> Sample | None:
        """What of the question is kept to improve the bot; None where the bot was sure, and mostly."""
        message, turn = self._sides(other)
        if message.phrase is None or turn.until is None:
            return None
        return Sample(
            self.question_id, self.merchant_id, self.conversation_id, message.phrase,
            turn.language, turn.topic, turn.hour, turn.until,
        )  # fmt: skip

    def _sides(self, other: MessageFacts | TurnFacts) -> tuple[MessageFacts, TurnFacts]:
        message, turn = (self.facts, other) if self.side == "message" else (other, self.facts)
        assert isinstance(message, MessageFacts)
        assert isinstance(turn, TurnFacts)
        return message, turn


Join = Callable[[Half, Sealed], Awaitable[MessageFacts | TurnFacts | None]]
"""Opens the other half of a half; None when it cannot be opened any more."""


class Halves:
    """Halves that wait, and who does not want questions to be made."""

    def __init__(self, client: Client, outbox: Outbox, now: Now, samples: Samples) -> None:
        self._client = client
        self._outbox = outbox
        self._samples = samples
        self._now = now
        db = database(client, "analytics")
        self._pending = db[PENDING.name]
        self._objections = db[OBJECTIONS.name]

    async def tell(
        self, session: Session, halves: Iterable[Half], join: Join, objecting: Collection[str]
    ) -> None:
        """Tells the questions whose halves meet, keeps samples, and the other halves for an hour."""
        wanted = await self._wanted(session, [*halves], objecting)
        pairs, single = paired(wanted)
        met = [(one, other.facts) for one, other in pairs]
        met += await self._meet(session, single, join)
        await self._outbox.add(session, *(half.with_other(facts) for half, facts in met))
        samples = [half.sample(facts) for half, facts in met]
        await self._samples.keep(session, [sample for sample in samples if sample])

    async def erase(self, session: Session, conversation_id: str) -> dict[str, int]:
        """Deletes what waits of a conversation, and its objection; how many of what."""
        pending = await self._drop(session, conversation_id)
        samples = await self._samples.drop(session, conversation_id)
        mark = await self._objections.delete_one({"_id": conversation_id}, session=session)
        return {"pending": pending, "samples": samples, "objections": mark.deleted_count}

    async def raise_objection(self, conversation_id: str, since: datetime) -> None:
        """From now on no question is made of a conversation; what was begun, or kept, is dropped."""
        mark = {"$max": {"since": since, "expires_at": self._heard_of()}}

        async def work(session: Session) -> None:
            await self._objections.update_one(
                {"_id": conversation_id}, mark, upsert=True, session=session
            )
            await self._drop(session, conversation_id)
            await self._samples.drop(session, conversation_id)

        await in_transaction(self._client, work)

    async def withdraw_objection(self, conversation_id: str, at: datetime) -> None:
        """Questions may be made again, unless a later objection is known already."""
        before = {"_id": conversation_id, "since": {"$lte": at}}

        async def work(session: Session) -> None:
            await self._objections.delete_one(before, session=session)

        await in_transaction(self._client, work)

    async def _wanted(
        self, session: Session, halves: Sequence[Half], objecting: Collection[str]
    ) -> list[Half]:
        """Those whose visitors do not object; objections live as long as they are heard of."""
        ids = {half.conversation_id for half in halves} - {*objecting}
        known = self._objections.find({"_id": {"$in": [*ids]}}, {"_id": 1}, session=session)
        found = {row["_id"] async for row in known}
        if found:
            longer = {"$max": {"expires_at": self._heard_of()}}
            await self._objections.update_many({"_id": {"$in": [*found]}}, longer, session=session)
        return [half for half in halves if half.conversation_id in ids - found]

    async def _meet(
        self, session: Session, halves: Sequence[Half], join: Join
    ) -> list[tuple[Half, MessageFacts | TurnFacts]]:
        """Those whose other half waits, with it; the others begin to wait."""
        mine = {str(half.question_id): half for half in halves}
        if not mine:
            return []
        rows = self._pending.find({"_id": {"$in": [*mine]}} | alive(self._now()), session=session)
        waiting = {
            row["_id"]: Sealed.model_validate(row["sealed"])
            async for row in rows
            if row["side"] != mine[row["_id"]].side
        }
        if waiting:
            await self._pending.delete_many({"_id": {"$in": [*waiting]}}, session=session)
        await self._keep(session, [half for one, half in mine.items() if one not in waiting])
        joined = [(mine[one], await join(mine[one], sealed)) for one, sealed in waiting.items()]
        return [(half, facts) for half, facts in joined if facts]

    async def _keep(self, session: Session, halves: Sequence[Half]) -> None:
        keeping = [
            ReplaceOne({"_id": str(one.question_id)}, self._row(one), upsert=True) for one in halves
        ]
        if keeping:
            await self._pending.bulk_write(keeping, ordered=False, session=session)

    async def _drop(self, session: Session, conversation_id: str) -> int:
        mine = {"conversation_id": conversation_id}
        return (await self._pending.delete_many(mine, session=session)).deleted_count

    def _row(self, half: Half) -> Document:
        return {
            "_id": str(half.question_id),
            "conversation_id": half.conversation_id,
            "side": half.side,
            "sealed": half.seal(half.facts).model_dump(mode="json"),
            "expires_at": self._now() + PENDING_KEPT,
        }

    def _heard_of(self) -> datetime:
        return self._now() + timedelta(days=RETENTION_DAYS)


def paired(halves: Iterable[Half]) -> tuple[list[tuple[Half, Half]], list[Half]]:
    """Halves of one question, and those without their other half."""
    pairs: list[tuple[Half, Half]] = []
    single: dict[UUID, Half] = {}
    for half in halves:
        other = single.get(half.question_id)
        if other and other.side != half.side:
            pairs.append((single.pop(half.question_id), half))
        else:
            single[half.question_id] = half
    return pairs, [*single.values()]
