"""What handlers do with what was written: masked, sampled or dropped; nothing else is kept or told."""

from dataclasses import replace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from libs.contracts.sealed import Purpose
from libs.kit.bus import Batch
from libs.kit.content import Packs
from libs.privacy.masking import Masked, mask
from services.analytics import stripping as module
from services.analytics.domain import MessageFacts, Table
from services.analytics.inbox.sampling import Sampling
from tests.builders import pack
from tests.unit.analytics.fakes import MemoryKeys, MemoryStore, moved
from tests.unit.analytics.handlers_room import Room, handlers, late, open_room

ASKED = "Hva heter du?"


@pytest.fixture
async def room() -> Room:
    return await open_room()


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
