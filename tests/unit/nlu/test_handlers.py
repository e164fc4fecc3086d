"""Each event and what nlu does with it, with stand-ins for bus and store and real sealing."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.bot import HandoffOffered, Outcome, ReplyComposed
from libs.contracts.case import CaseClosed, StaffingChanged
from libs.contracts.content import Language, Merchant, PackPublished
from libs.contracts.envelope import ErasureAcknowledged, derived_id
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested, MessageReceived
from libs.kit.content import Packs
from libs.kit.errors import Refused, Unavailable
from libs.kit.outbound import Outbound
from libs.kit.staffing import StaffingTable
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place
from services.nlu.dialogue.state import AskShop, Missing, Parcel, ShopAnswer, Understanding
from services.nlu.handlers import NluHandlers, Slots, slots_place
from services.nlu.reading.entities import Entities
from services.nlu.shop.feed import ProductFeeds
from services.nlu.shop.orders import Shops
from services.nlu.shop.products import parse
from services.nlu.store import REMEMBERED_EVENTS
from services.nlu.understanding.brains import Brains
from tests.builders import conversation_id, sealed
from tests.unit.analytics.fakes import MemoryKeys
from tests.unit.nlu.kitchen import (
    FEEDS,
    NOW,
    MemoryBus,
    MemoryDialogues,
    Parrot,
    demo_packs,
    menu,
)


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


@pytest.fixture
async def kitchen() -> Kitchen:
    return await Kitchen().begin()


async def test_a_message_is_answered_under_a_derived_id(kitchen: Kitchen) -> None:
    event = await kitchen.message("Hvordan kan jeg betale?")
    await kitchen.handlers.message_received(event)
    (answer,) = kitchen.bus.events
    assert isinstance(answer, ReplyComposed)
    assert answer.event_id == derived_id(event.event_id, "reply")
    assert answer.occurred_at > event.occurred_at
    assert (answer.intent, answer.language, answer.outcome) == (
        "payment_methods", "nb", Outcome.ANSWERED,
    )  # fmt: skip
    assert answer.pack_version == kitchen.pack.pack_version
    assert "Vipps" in (await kitchen.read(answer)).text


async def test_nothing_that_was_said_is_in_the_clear(kitchen: Kitchen) -> None:
    with capture_logs() as logs:
        await kitchen.say("hei, ordre 10482217")
    seen = repr(kitchen.bus.events) + repr(kitchen.store.kept) + repr(logs)
    assert kitchen.orders.asked == ["10482217"]
    assert "10482217" not in seen
    assert "hei" not in seen


async def test_an_order_that_the_page_is_about_need_not_be_asked_for(kitchen: Kitchen) -> None:
    await kitchen.say("hei", order="10482217")
    assert kitchen.orders.asked == []
    await kitchen.say("Hvor er pakken min?")
    assert kitchen.orders.asked == ["10482217"]
    assert "10482217" not in repr(kitchen.bus.events) + repr(kitchen.store.kept)
    await kitchen.say("hvor er 20482217", order="10482225")
    assert kitchen.orders.asked[1:] == ["20482217"]


async def test_a_page_with_what_is_no_order_number_here_changes_nothing(kitchen: Kitchen) -> None:
    await kitchen.say("Hvor er pakken min?", order="AB-1")
    assert kitchen.orders.asked == []


async def test_the_order_number_is_kept_sealed_and_used_again(kitchen: Kitchen) -> None:
    answer = await kitchen.say("hei, ordre 10482217")
    kept = kitchen.store.kept[kitchen.conversation]
    assert kept.slots
    slots = await kitchen.ring.open(slots_place(answer), kept.slots, Slots)
    assert slots.facts == {"order_number": "10482217"}
    await kitchen.say("takk")
    await kitchen.say("hvor er pakken min")
    assert kitchen.orders.asked == ["10482217", "10482217"]


async def test_a_person_is_offered_when_asked_for(kitchen: Kitchen) -> None:
    answer = await kitchen.say("Snakk med et menneske")
    assert isinstance(answer, HandoffOffered)
    assert (answer.topic, answer.reason) == ("other_question", "requested")


async def test_the_dialogue_lives_as_long_as_its_last_message(kitchen: Kitchen) -> None:
    await kitchen.say("hei")
    assert kitchen.store.ends[kitchen.conversation] == NOW + timedelta(days=90)


async def test_while_a_human_owns_the_conversation_the_bot_is_silent(kitchen: Kitchen) -> None:
    event = await kitchen.message("hei", message=sealed(Purpose.CASE))
    await kitchen.handlers.message_received(event)
    assert not kitchen.bus.events
    assert not kitchen.store.kept


async def test_a_message_that_comes_twice_is_answered_once(kitchen: Kitchen) -> None:
    event = await kitchen.message("hvor er 10482217")
    for _ in range(2):
        await kitchen.handlers.message_received(event)
    assert len(kitchen.bus.events) == 1
    assert kitchen.orders.asked == ["10482217"]


async def test_an_answer_that_could_not_leave_is_given_again_under_the_same_id(
    kitchen: Kitchen,
) -> None:
    event = await kitchen.message("hei")
    kitchen.bus.error = Unavailable("broker")
    with pytest.raises(Unavailable):
        await kitchen.handlers.message_received(event)
    assert not kitchen.store.kept, "nothing is remembered before the answer is out"
    await kitchen.handlers.message_received(event)
    assert [one.event_id for one in kitchen.bus.events] == [derived_id(event.event_id, "reply")]


async def test_a_worker_that_was_overtaken_changes_nothing(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kitchen.say("hei")
    before = kitchen.store.kept[kitchen.conversation]
    newer = replace(before, version=before.version + 1)

    async def overtaken(_conversation_id: str) -> object:
        kitchen.store.kept[kitchen.conversation] = newer
        return before

    event = await kitchen.message("hvor er pakken")
    monkeypatch.setattr(kitchen.store, "find", overtaken)
    await kitchen.handlers.message_received(event)
    assert kitchen.store.kept[kitchen.conversation] is newer


async def test_only_the_last_events_are_remembered(kitchen: Kitchen) -> None:
    for _ in range(REMEMBERED_EVENTS + 3):
        await kitchen.say("takk")
    assert len(kitchen.store.kept[kitchen.conversation].seen) == REMEMBERED_EVENTS


@pytest.mark.parametrize("kind", ["request", "closed"])
async def test_a_human_comes_or_goes_and_nothing_is_waited_for(kitchen: Kitchen, kind: str) -> None:
    await kitchen.say("hvor er pakken min")
    assert kitchen.store.kept[kitchen.conversation].dialogue.awaiting
    head = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": kitchen.conversation,
        "occurred_at": NOW,
    }  # fmt: skip
    event: HandoffRequested | CaseClosed = (
        HandoffRequested.model_validate(
            head | {"locale": "nb", "topic": "return_how", "intake": sealed(Purpose.CASE)}
        )
        if kind == "request"
        else CaseClosed.model_validate(
            head | {"case_id": uuid4(), "version": 3, "reason": "solved", "handled_seconds": 1}
        )
    )
    await kitchen.handlers.table()[type(event)](event)
    assert kitchen.store.kept[kitchen.conversation].dialogue.awaiting is None
    await kitchen.say("hei")


async def test_after_a_human_gave_back_the_bot_knows_what_was_said(kitchen: Kitchen) -> None:
    await kitchen.say("hei, ordre 10482217")
    event = CaseClosed(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=kitchen.conversation,
        occurred_at=NOW, case_id=uuid4(), version=3, reason="solved", handled_seconds=1,
    )  # fmt: skip
    await kitchen.handlers.human_went(event)
    answer = await kitchen.say("hvor er pakken min")
    assert answer.outcome is Outcome.ANSWERED
    assert kitchen.orders.asked == ["10482217", "10482217"]


def closed_case(conversation: str, **changes: Any) -> CaseClosed:
    """The end of a case."""
    fields = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation,
        "occurred_at": NOW, "case_id": uuid4(), "version": 3, "reason": "solved",
        "handled_seconds": 1,
    }  # fmt: skip
    return CaseClosed.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("solved", "topic"), [("track_parcel", None), ("return_how", "track_parcel")]
)
async def test_the_bot_does_not_begin_again_with_what_a_human_has_solved(
    kitchen: Kitchen, solved: str, topic: str | None
) -> None:
    await kitchen.say("hvor er 10482217")
    assert kitchen.store.kept[kitchen.conversation].dialogue.topic == "track_parcel"
    await kitchen.handlers.human_went(closed_case(kitchen.conversation, solved_topic=solved))
    assert kitchen.store.kept[kitchen.conversation].dialogue.topic == topic


async def test_an_offer_brings_what_is_known_for_the_form_sealed(kitchen: Kitchen) -> None:
    await kitchen.say("hvor er 10482217")
    offer = await kitchen.say("snakk med et menneske")
    assert isinstance(offer, HandoffOffered)
    assert offer.known
    assert offer.known.purpose is Purpose.DIALOGUE
    form = await kitchen.ring.open(Place.of(offer, "known"), offer.known, IntakeBody)
    assert form.fields == {"order_number": "10482217"}
    assert "10482217" not in repr(kitchen.bus.events)


async def test_an_offer_that_knows_nothing_brings_nothing(kitchen: Kitchen) -> None:
    offer = await kitchen.say("snakk med et menneske")
    assert isinstance(offer, HandoffOffered)
    assert offer.known is None


@pytest.mark.parametrize(
    ("online", "promised"), [(None, True), ({"general": 0}, False), ({"general": 1}, True)]
)
async def test_a_queue_is_offered_only_while_an_agent_is_there(
    kitchen: Kitchen, online: dict[str, int] | None, promised: bool
) -> None:
    if online is not None:
        there = dict.fromkeys({kitchen.pack.merchant.default_skill}, online["general"])
        kitchen.staffing.put(
            StaffingChanged(
                event_id=uuid4(), merchant_id="fjellbekk", occurred_at=NOW, online=there
            )
        )
    text = (await kitchen.read(await kitchen.say("snakk med et menneske"))).text
    assert ("kommer du i kø" in text) is promised
    assert ("ingen mennesker på jobb akkurat nå" in text) is not promised


async def test_facts_are_collected_sealed_and_the_shop_is_asked_with_them() -> None:
    kitchen = await Kitchen(menu()).begin()
    assert (await kitchen.say("is my tent under warranty")).outcome is Outcome.ASKED_FACT
    await kitchen.say("AB-1234")
    await kitchen.say("12.11.2026")
    assert [dict(one.facts) for one in kitchen.orders.errands] == [
        {"serial": "AB-1234", "bought_on": "2026-11-12"}
    ]
    seen = repr(kitchen.bus.events) + repr(kitchen.store.kept)
    assert "AB-1234" not in seen
    assert "2026-11-12" not in seen


async def test_what_was_asked_between_is_remembered_sealed_until_it_is_answered(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = ("delivery_cost", "return_cost")

    def unsure(_self: Parrot, text: str, prior: Language) -> Understanding:
        return Understanding(prior, "fallback", 0.3, close=close, entities=Entities())

    with monkeypatch.context() as patch:
        patch.setattr(Parrot, "understand", unsure)
        answer = await kitchen.say("hva koster det å sende")
    assert answer.outcome is Outcome.CLARIFIED
    kept = kitchen.store.kept[kitchen.conversation]
    assert kept.slots
    slots = await kitchen.ring.open(slots_place(answer), kept.slots, Slots)
    assert slots.question == "hva koster det å sende"
    assert (await kitchen.say("den andre")).intent == "return_cost"
    assert kitchen.store.kept[kitchen.conversation].slots is None


def erasure_of(conversation: str) -> ErasureRequested:
    """The wish to erase a conversation."""
    return ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=conversation, occurred_at=NOW,
        erasure_id=UUID(int=7), requested_by="visitor",
    )  # fmt: skip


async def test_an_erasure_deletes_and_says_so_and_may_come_twice(kitchen: Kitchen) -> None:
    await kitchen.say("hvor er 10482217")
    event = erasure_of(kitchen.conversation)
    for _ in range(2):
        await kitchen.handlers.erasure_requested(event)
    assert not kitchen.store.kept
    first, second = kitchen.bus.events[-2:]
    assert isinstance(first, ErasureAcknowledged)
    assert isinstance(second, ErasureAcknowledged)
    assert (first.service, first.deleted, first.erasure_id) == (
        "nlu", {"dialogues": 1}, UUID(int=7),
    )  # fmt: skip
    assert second.deleted == {"dialogues": 0}
    assert first.event_id == second.event_id == derived_id(event.event_id, "acknowledged:nlu")


async def test_a_late_message_of_an_erased_conversation_makes_nothing(kitchen: Kitchen) -> None:
    await kitchen.say("hei")
    late = await kitchen.message("hvor er pakken")
    await kitchen.keys.destroy("fjellbekk", kitchen.conversation, NOW)
    await kitchen.store.delete(kitchen.conversation)
    with pytest.raises(KeyGone):  # though this process has the key in its cache
        await kitchen.handlers.message_received(late)
    assert not kitchen.store.kept


async def test_an_unknown_merchant_is_refused(kitchen: Kitchen) -> None:
    event = await kitchen.message("hei", merchant_id="nobody")
    with pytest.raises(Refused):
        await kitchen.handlers.message_received(event)


async def test_products_are_searched(kitchen: Kitchen) -> None:
    kitchen.products.watch(kitchen.pack)
    shelf = kitchen.products._shelves["fjellbekk"]
    shelf.items = parse((FEEDS / "fjellbekk" / "products.xml").read_bytes())
    shelf.fetched_at = kitchen.products._clock()
    body = await kitchen.read(await kitchen.say("har dere telt?"))
    assert [card.title for card in body.cards][:2] == ["Telt Vidde 2", "Telt Vidde 4"]


async def test_a_conversation_in_two_languages_is_answered_in_both(kitchen: Kitchen) -> None:
    first = await kitchen.say("hvordan kan jeg betale?")
    second = await kitchen.say("and how long does the delivery usually take?")
    assert (first.language, second.language) == ("nb", "en")
