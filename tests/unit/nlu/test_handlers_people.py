"""What nlu does when a person is wanted, comes or goes; with stand-ins and real sealing."""

from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.bodies import IntakeBody
from libs.contracts.bot import HandoffOffered, Outcome
from libs.contracts.case import CaseClosed, StaffingChanged
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from libs.privacy.sealing import Place
from tests.builders import sealed
from tests.unit.nlu.counter import Kitchen
from tests.unit.nlu.kitchen import NOW


@pytest.fixture
async def kitchen() -> Kitchen:
    return await Kitchen().begin()


async def test_a_person_is_offered_when_asked_for(kitchen: Kitchen) -> None:
    answer = await kitchen.say("Snakk med et menneske")
    assert isinstance(answer, HandoffOffered)
    assert (answer.topic, answer.reason) == ("other_question", "requested")


async def test_while_a_human_owns_the_conversation_the_bot_is_silent(kitchen: Kitchen) -> None:
    event = await kitchen.message("hei", message=sealed(Purpose.CASE))
    await kitchen.handlers.message_received(event)
    assert not kitchen.bus.events
    assert not kitchen.store.kept


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
