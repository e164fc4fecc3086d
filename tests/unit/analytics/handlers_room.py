"""Analytics' handlers with everything in memory, and events to give them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import MessageReceived
from libs.kit.bus import Batch
from libs.kit.content import Packs
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.analytics.domain import Table
from services.analytics.handlers import AnalyticsHandlers
from services.analytics.stripping import Stripper
from tests.builders import NOW, conversation_id, message_received, pack, sealed
from tests.unit.analytics.fakes import MemoryBus, MemoryKeys, MemoryStore, ring

TEXT = "Jeg heter Ingvild Moe, ordre 10482217, skriv til ingvild@post.example"

ObjectionT = TypeVar("ObjectionT", ObjectionRaised, ObjectionWithdrawn)


@dataclass
class Room:
    """Analytics with everything in memory, and the gateway's ring to seal with."""

    handlers: AnalyticsHandlers
    store: MemoryStore
    bus: MemoryBus
    gateway: KeyRing
    conversation: str

    async def message(
        self, text: str = TEXT, purpose: Purpose = Purpose.DIALOGUE
    ) -> MessageReceived:
        event = message_received(self.conversation)
        body = await self.gateway.seal(Place.of(event), purpose, MessageBody(text=text))
        return event.model_copy(update={"message": body})

    async def handle(self, *events: ConversationEvent) -> None:
        """A batch of these events."""
        await self.handlers.count(Batch(events, {("prat.visitor.v1", 3): 7}))

    async def asking(self, text: str) -> ReplyComposed:
        """A turn in which the bot asks for a fact."""
        turn = self.turn(await self.message("hei"))
        body = await self.gateway.seal(Place.of(turn), Purpose.DIALOGUE, MessageBody(text=text))
        changes = {"message": body, "outcome": Outcome.ASKED_FACT}
        return turn.model_copy(update={**changes, "occurred_at": NOW - timedelta(minutes=1)})

    def turn(self, cause: MessageReceived) -> ReplyComposed:
        return ReplyComposed(
            event_id=uuid4(), merchant_id="fjellbekk", conversation_id=self.conversation,
            occurred_at=NOW + timedelta(minutes=3), cause_id=cause.event_id,
            intent="track_parcel", language="nb", outcome=Outcome.ANSWERED, confidence=0.9,
            pack_version="test", message=sealed(),
        )  # fmt: skip

    def erasure(self) -> ErasureRequested:
        return ErasureRequested(
            event_id=uuid4(), merchant_id="fjellbekk", conversation_id=self.conversation,
            occurred_at=NOW, erasure_id=uuid4(), requested_by="visitor",
        )  # fmt: skip

    def said(self, kind: type[ObjectionT]) -> ObjectionT:
        return kind(
            event_id=uuid4(), merchant_id="fjellbekk", conversation_id=self.conversation,
            occurred_at=NOW,
        )  # fmt: skip

    def counts(self, table: Table) -> dict[str, int]:
        counts = self.store.counts
        return {cell.word: n for cell, n in counts.items() if cell.table is table}


async def open_room() -> Room:
    """One merchant, one conversation with its keys."""
    keys, store, bus, conversation = MemoryKeys(), MemoryStore(), MemoryBus(), conversation_id()
    gateway = ring(Purpose.DIALOGUE, Purpose.CASE, keys=keys)
    for purpose in Purpose:
        await gateway.mint("fjellbekk", conversation, purpose, NOW + timedelta(days=90))
    return Room(handlers(bus, store, Packs(pack()), keys), store, bus, gateway, conversation)


def handlers(
    bus: MemoryBus, store: MemoryStore, packs: Packs, keys: MemoryKeys
) -> AnalyticsHandlers:
    """What analytics does with events; it holds the key for the dialogue alone."""
    mine = ring(Purpose.DIALOGUE, keys=keys)
    return AnalyticsHandlers(bus, store.as_store(), packs, mine, Stripper(mine), lambda: NOW)


def late(message: MessageReceived) -> MessageReceived:
    """The same message as another event, as a late producer would send it."""
    return message.model_copy(update={"event_id": uuid4()})
