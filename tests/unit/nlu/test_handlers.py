"""Each event and what nlu does with it, with stand-ins for bus and store and real sealing."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.content import Language
from libs.contracts.envelope import ErasureAcknowledged, derived_id
from libs.contracts.privacy import ErasureRequested
from libs.kit.errors import Refused, Unavailable
from libs.privacy.sealing import KeyGone
from services.nlu.dialogue.state import Understanding
from services.nlu.handlers import Slots, slots_place
from services.nlu.reading.entities import Entities
from services.nlu.shop.products import parse
from services.nlu.store import REMEMBERED_EVENTS
from tests.unit.nlu.counter import Kitchen
from tests.unit.nlu.kitchen import FEEDS, NOW, Parrot, menu


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


async def test_the_dialogue_lives_as_long_as_its_last_message(kitchen: Kitchen) -> None:
    await kitchen.say("hei")
    assert kitchen.store.ends[kitchen.conversation] == NOW + timedelta(days=90)


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
