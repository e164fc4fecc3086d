"""nlu's handlers with stand-ins for bus, store and shop, and real sealing."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.content import Language, Merchant, PackPublished
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import MessageReceived
from libs.kit.content import Packs
from libs.kit.outbound import Outbound
from libs.kit.staffing import StaffingTable
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.nlu.dialogue.state import AskShop, Missing, Parcel, ShopAnswer
from services.nlu.handlers import NluHandlers
from services.nlu.shop.feed import ProductFeeds
from services.nlu.shop.orders import Shops
from services.nlu.understanding.brains import Brains
from tests.builders import conversation_id
from tests.unit.analytics.fakes import MemoryKeys
from tests.unit.nlu.kitchen import NOW, MemoryBus, MemoryDialogues, Parrot, demo_packs


class Orders(Shops):
    """A shop that knows one order, and one warranty."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.errands: list[AskShop] = []

    async def find(
        self, merchant: Merchant, order_number: str, language: Language
    ) -> Parcel | Missing:
        self.asked.append(order_number)
        known = order_number == "10482217"
        return Parcel(order_number, "sent") if known else Missing.UNKNOWN

    async def ask(
        self, merchant: Merchant, errand: AskShop, language: Language
    ) -> ShopAnswer | Missing:
        self.errands.append(errand)
        return ShopAnswer("valid", {"until": "2027-01-01"})


class Parrots:
    """Brains that know every pack at once."""

    async def of(self, newest: PackPublished) -> Parrot:
        return Parrot(newest)


@dataclass
class Kitchen:
    """nlu's handlers and everything around them."""

    pack: PackPublished = field(default_factory=lambda: demo_packs()["fjellbekk"])
    bus: MemoryBus = field(default_factory=MemoryBus)
    store: MemoryDialogues = field(default_factory=MemoryDialogues)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    orders: Orders = field(default_factory=Orders)
    staffing: StaffingTable = field(default_factory=StaffingTable)
    conversation: str = field(default_factory=conversation_id)

    def __post_init__(self) -> None:
        keks = {Purpose.DIALOGUE: b"d" * 32}
        self.ring = KeyRing(self.keys, keks)
        self.products = ProductFeeds(Outbound(frozenset()))
        self.brains = cast("Brains", Parrots())
        self.build()

    def build(self) -> None:
        """The handlers, as what they are made of is now."""
        self.handlers = NluHandlers(
            self.bus, self.store, self.ring, Packs(self.pack), self.brains, self.orders,
            self.products, self.staffing, lambda: NOW,
        )  # fmt: skip

    async def begin(self) -> "Kitchen":
        """Mints the conversation's key."""
        await self.ring.mint(
            "fjellbekk", self.conversation, Purpose.DIALOGUE, NOW + timedelta(days=90)
        )
        return self

    async def message(self, text: str, order: str | None = None, **changes: Any) -> MessageReceived:
        """A sealed message."""
        event_id = uuid4()
        place = Place("fjellbekk", self.conversation, event_id)
        body = await self.ring.seal(place, Purpose.DIALOGUE, MessageBody(text=text, order=order))
        fields = {
            "event_id": event_id, "merchant_id": "fjellbekk", "conversation_id": self.conversation,
            "occurred_at": NOW, "locale": "nb", "message": body,
        }  # fmt: skip
        return MessageReceived.model_validate(fields | changes)

    async def say(self, text: str, order: str | None = None) -> ReplyComposed | HandoffOffered:
        """The event that answers a text; `order` is what the shop's page is about."""
        event = await self.message(text, order)
        await self.handlers.message_received(event)
        answer = self.bus.events[-1]
        assert isinstance(answer, ReplyComposed | HandoffOffered)
        assert answer.cause_id == event.event_id
        return answer

    async def read(self, event: ReplyComposed | HandoffOffered) -> MessageBody:
        """What the bot said."""
        return await self.ring.open(Place.of(event), event.message, MessageBody)
