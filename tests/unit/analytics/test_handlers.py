"""Handlers: what remains of an event, once, and nothing of what was written."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import HandoffOffered, Outcome, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseQueued
from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import MessageReceived
from libs.kit.content import Packs
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place
from services.analytics import handlers as module
from services.analytics.domain import Table
from services.analytics.handlers import AnalyticsHandlers
from services.analytics.store import AnalyticsStore
from tests.builders import NOW, conversation_id, message_received, pack, sealed
from tests.unit.analytics.fakes import MemoryBus, MemoryKeys, MemoryStore, moved, ring

TEXT = "Jeg heter Ingvild Moe, ordre 10482217, skriv til ingvild@post.example"
HOUR = "fjellbekk|2026-03-02|13"


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
        return {
            key.removeprefix(f"{HOUR}|"): n
            for (where, key), n in self.store.counts.items()
            if where is table
        }


@pytest.fixture
async def room() -> Room:
    keys, store, bus, conversation = MemoryKeys(), MemoryStore(), MemoryBus(), conversation_id()
    gateway = ring(Purpose.DIALOGUE, Purpose.CASE, keys=keys)
    for purpose in Purpose:
        await gateway.mint("fjellbekk", conversation, purpose, NOW + timedelta(days=90))
    handlers = AnalyticsHandlers(
        bus, cast(AnalyticsStore, store), Packs(pack()),
        ring(Purpose.DIALOGUE, keys=keys), lambda: NOW,
    )  # fmt: skip
    return Room(handlers, store, bus, gateway, conversation)


async def test_of_a_message_its_length_and_the_kinds_in_it_remain(room: Room) -> None:
    await room.handlers.message_received(await room.message())
    assert room.counts(Table.MESSAGES) == {"medium": 1}
    assert room.counts(Table.MENTIONS) == {"person": 1, "order_number": 1, "email": 1}


async def test_message_and_turn_make_one_stripped_question(room: Room) -> None:
    message = await room.message()
    await room.handlers.message_received(message)
    await room.handlers.turn_taken(room.turn(message))
    (told,) = room.store.told
    assert (told.topic, told.language, told.outcome) == ("track_parcel", "nb", "answered")
    assert told.mentions == ("email", "order_number", "person")
    assert told.occurred_at == NOW
    assert room.store.pending == {}


async def test_the_order_of_the_halves_does_not_matter(room: Room) -> None:
    message = await room.message()
    await room.handlers.turn_taken(room.turn(message))
    assert room.store.told == []
    await room.handlers.message_received(message)
    assert len(room.store.told) == 1


async def test_events_that_come_twice_count_once(room: Room) -> None:
    message = await room.message()
    turn = room.turn(message)
    for _ in range(2):
        await room.handlers.message_received(message)
    for _ in range(2):
        await room.handlers.turn_taken(turn)
    await room.handlers.message_received(message)
    assert room.store.counts.total() == 5
    assert len(room.store.told) == 1


async def test_nothing_that_was_written_is_kept_or_told(room: Room) -> None:
    message = await room.message()
    with capture_logs() as lines:
        await room.handlers.message_received(message)
        pending = repr(room.store.pending)
        await room.handlers.turn_taken(room.turn(message))
    everything = repr((room.store, room.bus.events, lines)) + pending
    for written in ("Ingvild", "Moe", "10482217", "post.example", "heter"):
        assert written not in everything


async def test_messages_to_people_are_not_opened(room: Room) -> None:
    await room.handlers.message_received(await room.message(purpose=Purpose.CASE))
    assert room.store.counts.total() == 0


async def test_a_text_that_does_not_open_is_counted_and_dropped(room: Room) -> None:
    message = await room.message()
    broken = message.model_copy(update={"message": moved(message.message)})
    with capture_logs() as lines:
        await room.handlers.message_received(broken)
    assert room.counts(Table.MESSAGES) == {"unmaskable": 1}
    assert room.store.pending == {}
    assert [line["error"] for line in lines] == ["WrongKey"]


async def test_a_text_that_breaks_the_masking_is_counted_and_dropped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, language: str | None = None) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(module, "mask", broken)
    with capture_logs() as lines:
        await room.handlers.message_received(await room.message())
    assert room.counts(Table.MESSAGES) == {"unmaskable": 1}
    assert "Ingvild" not in repr(lines)


async def test_a_text_beyond_the_cap_is_counted_and_dropped(room: Room) -> None:
    await room.handlers.message_received(await room.message("x" * 70_000))
    assert room.counts(Table.MESSAGES) == {"unmaskable": 1}


async def test_a_turn_without_a_message_is_counted(room: Room) -> None:
    turn = room.turn(await room.message()).model_copy(update={"cause_id": None})
    await room.handlers.turn_taken(turn)
    assert room.counts(Table.QUESTIONS) == {"track_parcel|nb|answered": 1}
    assert room.store.pending == {}


async def test_after_an_erasure_nothing_of_the_conversation_stays_or_returns(room: Room) -> None:
    message = await room.message()
    await room.handlers.message_received(message)
    await room.gateway.destroy("fjellbekk", room.conversation, NOW + timedelta(days=90))
    await room.handlers.erasure_requested(room.erasure())
    assert room.store.pending == {}
    with pytest.raises(KeyGone):
        await room.handlers.message_received(late(message))
    with pytest.raises(KeyGone):
        await room.handlers.turn_taken(room.turn(message))
    assert room.store.pending == {}


def late(message: MessageReceived) -> MessageReceived:
    """The same message as another event, as a late producer would send it."""
    return message.model_copy(update={"event_id": uuid4()})


async def test_an_erasure_is_acknowledged_with_what_was_deleted(room: Room) -> None:
    await room.handlers.message_received(await room.message())
    await room.handlers.objection_raised(room.said(ObjectionRaised))
    erasure = room.erasure()
    await room.handlers.erasure_requested(erasure)
    await room.handlers.erasure_requested(erasure)
    first, second = room.bus.events
    assert isinstance(first, ErasureAcknowledged)
    assert isinstance(second, ErasureAcknowledged)
    assert (first.service, first.deleted) == ("analytics", {"pending": 1, "objections": 1})
    assert first.event_id == second.event_id
    assert second.deleted == {"pending": 0, "objections": 0}


async def test_an_objection_is_noted_and_withdrawn(room: Room) -> None:
    await room.handlers.objection_raised(room.said(ObjectionRaised))
    assert room.store.objections == {room.conversation}
    await room.handlers.objection_withdrawn(room.said(ObjectionWithdrawn))
    assert room.store.objections == set()


async def test_cases_are_counted(room: Room) -> None:
    fields = {
        "merchant_id": "fjellbekk", "conversation_id": room.conversation, "occurred_at": NOW,
        "case_id": uuid4(), "version": 1,
    }  # fmt: skip
    queued = CaseQueued.model_validate(
        fields | {"event_id": uuid4(), "skill": "delivery", "topic": "track_parcel",
                  "position": 1, "open_now": True}
    )  # fmt: skip
    assigned = CaseAssigned.model_validate(
        fields | {"event_id": uuid4(), "agent": sealed(Purpose.CASE), "waited_seconds": 25}
    )
    closed = CaseClosed.model_validate(
        fields | {"event_id": uuid4(), "reason": "solved", "handled_seconds": 60}
    )
    for _ in range(2):
        await room.handlers.case_queued(queued)
        await room.handlers.case_assigned(assigned)
        await room.handlers.case_closed(closed)
    assert room.counts(Table.CASES) == {
        "track_parcel|queued": 1, "other|assigned": 1, "other|solved": 1,
    }  # fmt: skip
    assert room.counts(Table.WAITS) == {"30": 1}


async def test_a_merchant_that_is_not_known_yet_is_counted_in_utc(room: Room) -> None:
    handlers = AnalyticsHandlers(
        room.bus, cast(AnalyticsStore, room.store), Packs(), room.handlers.ring, lambda: NOW
    )
    await handlers.turn_taken(room.turn(await room.message()))
    assert [*room.store.counts] == [(Table.QUESTIONS, "fjellbekk|2026-03-02|12|other|nb|answered")]


def test_every_handled_event_has_a_handler(room: Room) -> None:
    assert {*room.handlers.table()} == {
        MessageReceived, ReplyComposed, HandoffOffered, CaseQueued, CaseAssigned, CaseClosed,
        ErasureRequested, ObjectionRaised, ObjectionWithdrawn,
    }  # fmt: skip
