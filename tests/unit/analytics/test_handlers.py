"""Handlers: what remains of an event, once, and nothing of what was written."""

from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest

from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseFiled, CaseQueued
from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import CaseRated, MessageReceived
from libs.kit.bus import Batch
from libs.kit.content import Packs
from services.analytics.domain import Table
from services.analytics.handlers import KINDS
from tests.builders import NOW, conversation_id, sealed
from tests.unit.analytics.fakes import MemoryKeys
from tests.unit.analytics.handlers_room import Room, handlers, late, open_room


@pytest.fixture
async def room() -> Room:
    return await open_room()


async def test_of_a_message_its_length_and_the_kinds_in_it_remain(room: Room) -> None:
    await room.handle(await room.message())
    assert room.counts(Table.LENGTHS) == {"medium": 1}
    assert room.counts(Table.MENTIONS) == {"person": 1, "order_number": 1, "email": 1}


async def test_message_and_turn_make_one_stripped_question(room: Room) -> None:
    message = await room.message()
    await room.handle(message)
    await room.handle(room.turn(message))
    (told,) = room.store.halves.told
    assert (told.topic, told.language, told.outcome) == ("track_parcel", "nb", "answered")
    assert told.mentions == ("email", "order_number", "person")
    assert told.occurred_at == NOW
    assert room.store.halves.pending == {}


async def test_the_order_of_the_halves_does_not_matter(room: Room) -> None:
    message = await room.message()
    await room.handle(room.turn(message))
    assert room.store.halves.told == []
    await room.handle(message)
    assert len(room.store.halves.told) == 1


async def test_events_that_come_twice_count_once(room: Room) -> None:
    message = await room.message()
    turn = room.turn(message)
    for _ in range(2):
        await room.handle(message)
    for _ in range(2):
        await room.handle(turn)
    await room.handle(message)
    assert [one.event_id for one in room.store.counted] == [message.event_id, turn.event_id]
    assert len(room.store.halves.told) == 1


async def test_a_turn_without_a_message_is_counted(room: Room) -> None:
    turn = room.turn(await room.message()).model_copy(update={"cause_id": None})
    await room.handle(turn)
    assert room.counts(Table.TOPICS) == {"track_parcel": 1}
    assert room.store.halves.pending == {}


async def test_after_an_erasure_nothing_of_the_conversation_stays_or_returns(room: Room) -> None:
    message = await room.message()
    await room.handle(message)
    await room.gateway.destroy("fjellbekk", room.conversation, NOW + timedelta(days=90))
    await room.handle(room.erasure())
    assert room.store.halves.pending == {}
    counted = len(room.store.counted)
    await room.handle(late(message), room.turn(message))
    assert len(room.store.counted) == counted
    assert room.store.halves.pending == {}


async def test_an_erasure_is_acknowledged_with_what_was_deleted(room: Room) -> None:
    await room.handle(await room.message())
    await room.handle(room.said(ObjectionRaised))
    erasure = room.erasure()
    await room.handle(erasure)
    await room.handle(erasure)
    first, second = room.bus.events
    assert isinstance(first, ErasureAcknowledged)
    assert isinstance(second, ErasureAcknowledged)
    assert first.deleted == {"pending": 1, "objections": 1, "marks": 0}
    assert first.event_id == second.event_id
    assert second.deleted == {"pending": 0, "objections": 0, "marks": 0}


async def test_an_objection_is_noted_and_withdrawn(room: Room) -> None:
    await room.handle(room.said(ObjectionRaised))
    assert room.store.halves.objections == {room.conversation}
    await room.handle(room.said(ObjectionWithdrawn))
    assert room.store.halves.objections == set()


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
    rated = CaseRated.model_validate(fields | {"event_id": uuid4(), "score": 4})
    for _ in range(2):
        await room.handle(queued, assigned, closed, rated)
    assert room.counts(Table.CASES) == {"queued": 1, "assigned": 1, "solved": 1}
    assert (room.counts(Table.WAITS), room.counts(Table.HANDLING)) == ({"30": 1}, {"60": 1})
    assert (room.counts(Table.HANDED), room.counts(Table.RATINGS)) == ({"over": 1}, {"4": 1})


async def test_what_ends_a_conversation_leaves_no_mark_of_it(room: Room) -> None:
    closed = CaseClosed.model_validate(
        room.erasure().model_dump(exclude={"type"})
        | {"case_id": uuid4(), "version": 9, "reason": "erased", "handled_seconds": 0}
    )
    await room.handle(closed, room.erasure())
    assert [one.is_marked for one in room.store.counted] == [False, False]
    assert room.counts(Table.ERASURES) == {"asked": 1}


async def test_a_merchant_that_is_not_known_yet_is_counted_in_utc(room: Room) -> None:
    unknown = handlers(room.bus, room.store, Packs(), MemoryKeys())
    turn = room.turn(await room.message()).model_copy(update={"cause_id": None})
    await unknown.count(Batch([turn], {}))
    assert room.counts(Table.TOPICS) == {"other": 1}
    assert room.counts(Table.HOURS) == {"12": 1}


async def test_the_keys_of_a_batch_are_asked_for_once(room: Room) -> None:
    keys = cast(MemoryKeys, room.handlers.ring._store)
    conversations = [conversation_id() for _ in range(20)]
    for one in conversations:
        await room.gateway.mint("fjellbekk", one, Purpose.DIALOGUE, NOW + timedelta(days=90))
    messages = [await replace(room, conversation=one).message() for one in conversations]
    keys.reads = 0
    await room.handle(*messages)
    assert keys.reads == 1
    assert room.counts(Table.CHATS) == {"begun": 20}


async def test_how_far_was_read_goes_with_the_counts(room: Room) -> None:
    await room.handle(await room.message())
    assert room.store.read_to == {("prat.visitor.v1", 3): 7}


async def test_an_objection_in_a_batch_is_heeded_back_to_its_start(room: Room) -> None:
    message = await room.message()
    await room.handle(message, room.turn(message), room.said(ObjectionRaised))
    assert room.store.halves.told == []
    assert room.counts(Table.TOPICS) == {"track_parcel": 1}, "numbers are of nobody"


def test_every_kind_of_event_is_listened_to() -> None:
    assert {
        MessageReceived, ReplyComposed, HandoffOffered, CaseQueued, CaseFiled, CaseAssigned,
        CaseClosed, CaseRated, ErasureRequested, ObjectionRaised, ObjectionWithdrawn,
    } == KINDS  # fmt: skip
