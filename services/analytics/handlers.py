"""What analytics does with each event: strip in memory, count, forget the text."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog

from libs.contracts.bodies import Body, MessageBody
from libs.contracts.bot import BotTurn, HandoffOffered, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseQueued
from libs.contracts.content import PackPublished
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.privacy.keys import KeyRing
from libs.privacy.masking import OVERSIZE, mask
from libs.privacy.sealing import Place, WrongKey
from services.analytics import domain
from services.analytics.domain import Cell, Hour, MessageFacts, Side, TurnFacts
from services.analytics.store import AnalyticsStore, Half

FALLBACK_ZONE = "UTC"
"""For a merchant whom nobody has published."""


@dataclass(frozen=True)
class AnalyticsHandlers:
    """One short method per event; every one of them may run twice and counts once."""

    bus: Publisher
    store: AnalyticsStore
    content: MerchantContent
    ring: KeyRing
    now: Now

    def table(self) -> HandlerTable:
        """Who reacts to what."""
        return {
            MessageReceived: self.message_received,
            ReplyComposed: self.turn_taken,
            HandoffOffered: self.turn_taken,
            CaseQueued: self.case_queued,
            CaseAssigned: self.case_assigned,
            CaseClosed: self.case_closed,
            ErasureRequested: self.erasure_requested,
            ObjectionRaised: self.objection_raised,
            ObjectionWithdrawn: self.objection_withdrawn,
        }

    async def message_received(self, event: MessageReceived) -> None:
        """A visitor wrote to the bot: of the text, its length and the kinds of things in it remain."""
        if event.message.purpose is not Purpose.DIALOGUE:
            return
        facts, hour = await self._stripped(event), self._hour(event)
        if facts is None:
            await self._count(event, domain.unmaskable_cells(hour))
            return

        async def join(other: Sealed) -> QuestionCounted:
            turn = await self.ring.open(_place(event, event.event_id, "turn"), other, TurnFacts)
            return domain.question(question_id, event.merchant_id, facts, turn)

        question_id = uuid4()
        half = await self._half(event, event.event_id, "message", facts)
        await self.store.count_half(event.event_id, domain.message_cells(hour, facts), half, join)

    async def turn_taken(self, event: BotTurn) -> None:
        """The bot answered: topic, language and outcome of the question are known."""
        facts = domain.turn_facts(event, self._pack(event))
        cells = domain.turn_cells(self._hour(event), facts)
        cause = event.cause_id
        if cause is None:
            await self._count(event, cells)
            return

        async def join(other: Sealed) -> QuestionCounted:
            message = await self.ring.open(_place(event, cause, "message"), other, MessageFacts)
            return domain.question(question_id, event.merchant_id, message, facts)

        question_id = uuid4()
        half = await self._half(event, cause, "turn", facts)
        await self.store.count_half(event.event_id, cells, half, join)

    async def case_queued(self, event: CaseQueued) -> None:
        """A visitor was handed over to people."""
        await self._count(event, domain.queued_cells(self._hour(event), event, self._pack(event)))

    async def case_assigned(self, event: CaseAssigned) -> None:
        """An agent took a case: the wait is over."""
        await self._count(event, domain.assigned_cells(self._hour(event), event))

    async def case_closed(self, event: CaseClosed) -> None:
        """A case ended."""
        await self._count(event, domain.closed_cells(self._hour(event), event))

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Deletes what could be tied to the conversation; counts cannot be."""
        self.ring.forget(event.conversation_id)
        deleted = await self.store.erase(event.conversation_id)
        await self.bus.publish(event.acknowledged("analytics", deleted, self.now()))

    async def objection_raised(self, event: ObjectionRaised) -> None:
        """A visitor's questions are not to improve anything: none is told, from here back to the start."""
        await self.store.raise_objection(event.conversation_id, event.occurred_at)

    async def objection_withdrawn(self, event: ObjectionWithdrawn) -> None:
        """A visitor's questions may be told again, from the next one on."""
        await self.store.withdraw_objection(event.conversation_id, event.occurred_at)

    async def _stripped(self, event: MessageReceived) -> MessageFacts | None:
        """The facts of the text, which is read here and nowhere else; None when it cannot be."""
        try:
            body = await self.ring.open(Place.of(event), event.message, MessageBody)
        except (WrongKey, ValueError) as error:
            _say_unreadable(event, error)
            return None
        try:
            kinds = {span.kind for span in mask(body.text, body.language).spans}
        # The edge of masking: whatever a text may do to it, the text is dropped and counted.
        except Exception as error:  # noqa: BLE001
            _say_unreadable(event, error)
            return None
        return None if OVERSIZE in kinds else domain.message_facts(len(body.text), kinds)

    async def _half(
        self, event: ConversationEvent, question_id: UUID, side: Side, facts: Body
    ) -> Half:
        """Sealed with the conversation's key: after an erasure no half can be made, or read."""
        place = _place(event, question_id, side)
        sealed = await self.ring.seal(place, Purpose.DIALOGUE, facts)
        return Half(question_id, event.merchant_id, event.conversation_id, side, sealed)

    async def _count(self, event: ConversationEvent, cells: tuple[Cell, ...]) -> None:
        await self.store.count(event.event_id, event.merchant_id, cells)

    def _pack(self, event: ConversationEvent) -> PackPublished | None:
        try:
            return self.content.get(event.merchant_id)
        except Refused:
            return None

    def _hour(self, event: ConversationEvent) -> Hour:
        pack = self._pack(event)
        return domain.hour_of(event, pack.merchant.time_zone if pack else FALLBACK_ZONE)


def _place(event: ConversationEvent, question_id: UUID, side: Side) -> Place:
    return Place(event.merchant_id, event.conversation_id, question_id, f"pending:{side}")


def _say_unreadable(event: MessageReceived, error: Exception) -> None:
    structlog.get_logger().warning(
        "A text could not be stripped; it was counted and dropped.",
        event_id=str(event.event_id), error=type(error).__name__,
    )  # fmt: skip
