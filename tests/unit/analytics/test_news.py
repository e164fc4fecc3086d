"""News of what was counted: told once, with signs of life, for a while, to so many."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from libs.kit.errors import Refused
from services.analytics import news
from services.analytics.news import News
from tests.builders import NOW
from tests.unit.analytics.fakes import MemoryFigures


async def stays() -> bool:
    return True


async def test_a_key_that_is_revoked_ends_its_streams() -> None:
    keys = iter((True, False))

    async def may_stay() -> bool:
        return next(keys)

    made = News(MemoryFigures(), look_seconds=0, beat_seconds=0)
    async with asyncio.timeout(5):
        told = [event.comment async for event in made.events("fjellbekk", may_stay)]
    assert told == ["open", "beat"]


async def test_news_come_when_something_was_counted_and_only_then() -> None:
    figures = MemoryFigures()
    events = News(figures, look_seconds=0, beat_seconds=60).events("fjellbekk", stays)
    async with aclosing(events), asyncio.timeout(5):
        assert (await anext(events)).comment == "open"
        for count in range(2):
            figures.counted_at = NOW + timedelta(seconds=count)
            assert (await anext(events)).data == '{"kind":"counted"}'
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(events), 0.05)


async def test_a_stream_beats_while_nothing_happens_and_ends() -> None:
    made = News(MemoryFigures(), look_seconds=0, beat_seconds=0, life_seconds=0.05)
    async with asyncio.timeout(5):
        told = [event.comment async for event in made.events("fjellbekk", stays)]
    assert told[:2] == ["open", "beat"]


async def test_no_more_pages_than_a_process_can_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST_STREAMS", 1)
    made = News(MemoryFigures(), look_seconds=0)
    events = made.events("fjellbekk", stays)
    async with aclosing(events):
        await anext(events)
        with pytest.raises(Refused) as refused:
            made.stream("fjellbekk", stays)
        assert refused.value.code == "too_many_pages"
    assert made.stream("fjellbekk", stays).status_code == 200
