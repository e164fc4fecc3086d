"""Handlers: what remains of an event, once, and nothing of what was written."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import HandoffOffered, Outcome, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseFiled, CaseQueued
from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import CaseRated, MessageReceived
from libs.kit.bus import Batch
from libs.kit.content import Packs
from libs.privacy.keys import KeyRing
from libs.privacy.masking import Masked, mask
from libs.privacy.sealing import Place
from services.analytics import stripping as module
from services.analytics.domain import MessageFacts, Table
from services.analytics.handlers import KINDS, AnalyticsHandlers
from services.analytics.inbox.sampling import Sampling
from services.analytics.stripping import Stripper
from tests.builders import NOW, conversation_id, message_received, pack, sealed
from tests.unit.analytics.fakes import MemoryBus, MemoryKeys, MemoryStore, moved, ring

TEXT = "Jeg heter Ingvild Moe, ordre 10482217, skriv til ingvild@post.example"
ASKED = "Hva heter du?"


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


@pytest.fixture
async def room() -> Room:
    keys, store, bus, conversation = MemoryKeys(), MemoryStore(), MemoryBus(), conversation_id()
    gateway = ring(Purpose.DIALOGUE, Purpose.CASE, keys=keys)
    for purpose in Purpose:
        await gateway.mint("fjellbekk", conversation, purpose, NOW + timedelta(days=90))
    return Room(handlers(bus, store, Packs(pack()), keys), store, bus, gateway, conversation)


def handlers(
    bus: MemoryBus, store: MemoryStore, packs: Packs, keys: MemoryKeys
) -> AnalyticsHandlers:
    mine = ring(Purpose.DIALOGUE, keys=keys)
    return AnalyticsHandlers(bus, store.as_store(), packs, mine, Stripper(mine), lambda: NOW)


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


async def test_nothing_that_was_written_is_kept_or_told(room: Room) -> None:
    message = await room.message()
    with capture_logs() as lines:
        await room.handle(message)
        pending = repr(room.store.halves.pending)
        await room.handle(room.turn(message))
    everything = repr((room.store, room.bus.events, lines)) + pending
    for written in ("Ingvild", "Moe", "10482217", "post.example", "heter"):
        assert written not in everything


async def test_messages_to_people_are_not_opened(room: Room) -> None:
    await room.handle(await room.message(purpose=Purpose.CASE))
    assert room.store.counts.total() == 0


async def test_a_text_that_does_not_open_is_counted_and_dropped(room: Room) -> None:
    message = await room.message()
    broken = message.model_copy(update={"message": moved(message.message)})
    with capture_logs() as lines:
        await room.handle(broken)
    assert room.counts(Table.LENGTHS) == {"unmaskable": 1}
    assert room.store.halves.pending == {}
    assert [line["error"] for line in lines] == ["WrongKey"]


async def test_a_text_that_breaks_the_masking_is_counted_and_dropped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, *_: object, **__: object) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(module, "mask", broken)
    with capture_logs() as lines:
        await room.handle(await room.message())
    assert room.counts(Table.LENGTHS) == {"unmaskable": 1}
    assert "Ingvild" not in repr(lines)


async def test_a_text_beyond_the_cap_is_counted_and_dropped(room: Room) -> None:
    await room.handle(await room.message("x" * 70_000))
    assert room.counts(Table.LENGTHS) == {"unmaskable": 1}


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


def late(message: MessageReceived) -> MessageReceived:
    """The same message as another event, as a late producer would send it."""
    return message.model_copy(update={"event_id": uuid4()})


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


async def test_the_bots_question_is_part_of_what_is_masked(room: Room) -> None:
    answer = await room.message("linh")
    await room.handle(answer, await room.asking(ASKED))
    assert room.counts(Table.MENTIONS) == {"person": 1}, "a name, as an answer to this question"
    await room.handle(late(answer), await room.asking("Hvilken farge vil du ha?"))
    assert room.counts(Table.MENTIONS) == {"person": 1}


async def test_the_bots_question_is_at_hand_sealed_and_goes_with_an_erasure(room: Room) -> None:
    await room.handle(await room.asking(ASKED))
    assert ASKED not in repr(room.handlers.stripper.asked)
    assert len(room.handlers.stripper.asked) == 1
    await room.handle(room.erasure())
    assert not room.handlers.stripper.asked


async def test_the_merchants_own_names_are_nobodys(room: Room) -> None:
    text = "har dere Solveig Myhre i str M"
    await room.handle(await room.message(text))
    named = pack(brands=("Solveig Myhre",))
    other = handlers(room.bus, MemoryStore(), Packs(named), MemoryKeys())
    other.ring._cache |= room.handlers.ring._cache
    store = cast(MemoryStore, other.store)
    await other.count(Batch([await room.message(text)], {}))
    assert room.counts(Table.MENTIONS) == {"person": 1}
    assert len(store.counted) == 1
    assert [cell for cell in store.counts if cell.table is Table.MENTIONS] == []


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


async def test_of_a_sampled_conversation_the_masked_question_is_kept_if_the_bot_was_unsure(
    room: Room,
) -> None:
    stripper = replace(room.handlers.stripper, sampling=Sampling(b"key", 1.0, 0.95))
    room.handlers = replace(room.handlers, stripper=stripper)
    asked = await room.message("Kari Nordmann her, kan jeg bytte gavekort, ordre 10482217?")
    await room.handle(asked)
    (half,) = room.store.halves.pending.values()
    assert isinstance(half.facts, MessageFacts)
    assert half.facts.phrase == "<PERSON> her, kan jeg bytte gavekort, ordre <ORDER_NUMBER>?"
    await room.handle(room.turn(asked))
    (sample,) = room.store.halves.samples
    assert (sample.text, sample.guess) == (half.facts.phrase, "track_parcel")


async def test_what_strict_masking_cannot_mask_is_counted_and_dropped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: Any, strict: bool = False, **named: Any) -> Masked:
        if strict:
            raise RuntimeError
        return mask(*args, **named)

    monkeypatch.setattr(module, "mask", failing)
    stripper = replace(room.handlers.stripper, sampling=Sampling(b"key", 1.0, 0.95))
    room.handlers = replace(room.handlers, stripper=stripper)
    asked = await room.message("gavekort")
    await room.handle(asked, room.turn(asked))
    assert room.counts(Table.LENGTHS) == {"unmaskable": 1}
    assert room.store.halves.samples == []


async def test_outside_of_the_sample_no_text_is_kept_not_even_sealed(room: Room) -> None:
    asked = await room.message("gavekort")
    await room.handle(asked)
    (half,) = room.store.halves.pending.values()
    assert isinstance(half.facts, MessageFacts)
    assert half.facts.phrase is None
