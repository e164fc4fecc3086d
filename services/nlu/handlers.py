"""What nlu does with each event: understand, find out, answer; then remember where it stands."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

import structlog
from pydantic import Field

from libs.contracts.bodies import Body, IntakeBody, MessageBody
from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import CaseClosed
from libs.contracts.content import Language, Merchant
from libs.contracts.envelope import ConversationEvent, derived_id, not_before
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import HandoffRequested, MessageReceived
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.staffing import Staffing
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.nlu.dialogue.mentions import mentioned
from services.nlu.dialogue.slots import told_by_page
from services.nlu.dialogue.state import AskShop, Dialogue, Errand, Finding, LookUp, Search, Turn
from services.nlu.domain import consider, hear, listen, respond
from services.nlu.shop.feed import ProductFeeds
from services.nlu.shop.orders import Shops
from services.nlu.store import Dialogues, Kept
from services.nlu.understanding.brain import Brain
from services.nlu.understanding.brains import Brains


class Slots(Body):
    """The personal part of a dialogue: what the visitor has said and need not say again."""

    facts: dict[str, str] = Field(default_factory=dict)
    question: str | None = None


@dataclass(frozen=True)
class NluHandlers:
    """One short method per event; every one of them may run twice."""

    bus: Publisher
    store: Dialogues
    ring: KeyRing
    content: MerchantContent
    brains: Brains
    shops: Shops
    products: ProductFeeds
    staffing: Staffing
    now: Now

    def table(self) -> HandlerTable:
        """Who reacts to what."""
        return {
            MessageReceived: self.message_received,
            HandoffRequested: self.human_came,
            CaseClosed: self.human_went,
            ErasureRequested: self.erasure_requested,
        }

    async def message_received(self, event: MessageReceived) -> None:
        """Answers a message, unless a human owns the conversation or it was answered already.

        The answer leaves before the dialogue is saved: a crash in between repeats it under the same
        id, which readers know; the other order could lose it.
        """
        if event.message.purpose is Purpose.CASE:
            return
        kept = await self.store.find(event.conversation_id)
        if kept and kept.has_seen(event.event_id):
            return
        if kept is None:
            # Either new or just erased: only the key store knows, so ask it and not the cache.
            self.ring.forget(event.conversation_id)
        brain = await self.brains.of(self.content.get(event.merchant_id))
        if brain is None:
            return
        dialogue, turn = await self._think(event, brain, kept)
        await self._say(event, brain, turn)
        await self._remember(event, brain, kept or Kept(dialogue), turn.dialogue)

    async def human_came(self, event: HandoffRequested) -> None:
        """A human takes over: the bot no longer waits for anything."""
        await self.store.put_at_rest(event.conversation_id)

    async def human_went(self, event: CaseClosed) -> None:
        """A human gives back: the bot does not begin again with what was solved."""
        await self.store.put_at_rest(event.conversation_id, event.solved_topic)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """The dialogue goes, keys are forgotten; then we say so."""
        self.ring.forget(event.conversation_id)
        deleted = await self.store.delete(event.conversation_id)
        await self.bus.publish(event.acknowledged("nlu", {"dialogues": deleted}, self.now()))

    async def _think(
        self, event: MessageReceived, brain: Brain, kept: Kept | None
    ) -> tuple[Dialogue, Turn]:
        body = await self.ring.open(Place.of(event), event.message, MessageBody)
        known = await self._with_slots(event, kept) if kept else None
        dialogue = listen(known, event.locale, brain.pack)
        dialogue = told_by_page(dialogue, body.order, brain.pack) if body.order else dialogue
        heard = hear(brain, dialogue, body.text)
        online = self.staffing.online(event.merchant_id)
        move = consider(dialogue, heard, brain.pack, self.now(), online)
        finding = await self._find(move.errand, brain.pack.merchant, heard.language)
        turn = respond(move, finding)
        return dialogue, replace(turn, mentioned=mentioned(heard, body.order))

    async def _find(self, errand: Errand, merchant: Merchant, language: Language) -> Finding:
        match errand:
            case LookUp(order_number):
                return await self.shops.find(merchant, order_number, language)
            case AskShop():
                return await self.shops.ask(merchant, errand, language)
            case Search(text, guess):
                return self.products.search(merchant.id, text, guess=guess)
            case None:
                return None

    async def _say(self, event: MessageReceived, brain: Brain, turn: Turn) -> None:
        event_id = derived_id(event.event_id, "reply")
        place = Place(event.merchant_id, event.conversation_id, event_id)
        sealed = await self._sealed(place, turn)
        await self.bus.publish(spoken(event, turn, sealed, brain.pack.pack_version, self.now))
        structlog.get_logger().debug(
            "Answered a message.", event_id=str(event_id), intent=turn.intent,
            outcome=turn.outcome.value,
        )  # fmt: skip

    async def _sealed(self, place: Place, turn: Turn) -> dict[str, Sealed]:
        """What the turn says, what it knows for the form that it offers, and what it was told."""
        sealed = {"message": await self.ring.seal(place, Purpose.DIALOGUE, turn.body)}
        if turn.known:
            known, there = IntakeBody(fields=dict(turn.known)), replace(place, field="known")
            sealed["known"] = await self.ring.seal(there, Purpose.DIALOGUE, known)
        if turn.mentioned:
            there = replace(place, field="mentioned")
            sealed["mentioned"] = await self.ring.seal(there, Purpose.DIALOGUE, turn.mentioned)
        return sealed

    async def _remember(
        self, event: MessageReceived, brain: Brain, kept: Kept, dialogue: Dialogue
    ) -> None:
        slots = await self._sealed_slots(event, dialogue)
        merchant = brain.pack.merchant
        expires_at = event.occurred_at + timedelta(days=merchant.retention_days)
        after = kept.after(event.event_id, dialogue, slots)
        saved = await self.store.save(event.merchant_id, event.conversation_id, after, expires_at)
        if not saved:
            structlog.get_logger().warning(
                "Another worker was faster; this dialogue's state is dropped.",
                event_id=str(event.event_id),
            )

    async def _with_slots(self, event: ConversationEvent, kept: Kept) -> Dialogue:
        if kept.slots is None:
            return kept.dialogue
        slots = await self.ring.open(slots_place(event), kept.slots, Slots)
        return replace(kept.dialogue, facts=slots.facts, question=slots.question)

    async def _sealed_slots(self, event: ConversationEvent, dialogue: Dialogue) -> Sealed | None:
        if not dialogue.facts and dialogue.question is None:
            return None
        slots = Slots(facts=dict(dialogue.facts), question=dialogue.question)
        return await self.ring.seal(slots_place(event), Purpose.DIALOGUE, slots)


def slots_place(event: ConversationEvent) -> Place:
    """Where a conversation's slots are sealed: they belong to no event, so to a fixed id."""
    fixed = uuid5(NAMESPACE_OID, event.conversation_id)
    return Place(event.merchant_id, event.conversation_id, fixed, "slots")


def spoken(
    cause: MessageReceived,
    turn: Turn,
    sealed: dict[str, Sealed],
    pack_version: str,
    now: Now,
) -> ReplyComposed | HandoffOffered:
    """The event of the bot's turn; the same id again for the same message."""
    facts = {
        "event_id": derived_id(cause.event_id, "reply"),
        "merchant_id": cause.merchant_id,
        "conversation_id": cause.conversation_id,
        "cause_id": cause.event_id,
        "occurred_at": not_before(now(), cause),
        "intent": turn.intent,
        "language": turn.body.language,
        "outcome": turn.outcome,
        "confidence": turn.confidence,
        "pack_version": pack_version,
    } | sealed
    if turn.offer is None:
        return ReplyComposed.model_validate(facts)
    offer = {"topic": turn.offer.topic, "reason": turn.offer.reason}
    return HandoffOffered.model_validate(facts | offer)
