"""Reads what lies on a topic, without a group: looking leaves no trace on the broker."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.errors import LocalFault

READ_MS = 500


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[Any]:
    """A consumer for `records`; LocalFault where no broker answers or it gives nothing out."""
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    from deploy.local.kafka import is_reachable

    if not await is_reachable(bootstrap):
        fix = "Start it (`prat up` does), or give the right address in KAFKA_BOOTSTRAP."
        raise LocalFault(f"No broker answers at {bootstrap}", fix)
    try:
        async with AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as one:
            yield one
    except KafkaError as error:
        fix = "Look whether the broker is up, then repeat."
        cause = f"The broker does not give out its records ({type(error).__name__})"
        raise LocalFault(cause, fix) from None


async def ends(reader: Any, topic: str, partitions: int) -> list[int]:
    """Where each partition of a topic ends now; LocalFault where there is no such topic."""
    places = await _places(reader, topic, partitions)
    found = await reader.end_offsets(places)
    return [found[place] for place in places]


async def beginnings(reader: Any, topic: str, partitions: int) -> list[int]:
    """The oldest offset that each partition of a topic still has."""
    places = await _places(reader, topic, partitions)
    found = await reader.beginning_offsets(places)
    return [found[place] for place in places]


async def records(
    reader: Any, topic: str, first: int = 0, partitions: int = 1
) -> AsyncGenerator[Any, None]:
    """The records of a topic from offset `first` to what is its end now; in order per partition."""
    async for record in _read(reader, await _places(reader, topic, partitions), first):
        yield record


async def all_records(reader: Any, topics: Mapping[str, int]) -> AsyncGenerator[Any, None]:
    """The records of several topics, by their partitions, side by side."""
    places = [place for one in topics.items() for place in await _places(reader, *one)]
    async for record in _read(reader, places, 0):
        yield record


async def _read(reader: Any, places: list[Any], first: int) -> AsyncGenerator[Any, None]:
    begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
    starts = {place: max(first, begins[place]) for place in places}
    left = [place for place in places if starts[place] < ends[place]]
    if not left:
        return
    reader.assign(left)
    for place in left:
        reader.seek(place, starts[place])
    while left:
        for batch in (await reader.getmany(timeout_ms=READ_MS)).values():
            for record in batch:
                yield record
        left = [place for place in left if await reader.position(place) < ends[place]]


async def _places(reader: Any, topic: str, partitions: int) -> list[Any]:
    from aiokafka import TopicPartition

    if topic not in await reader.topics():
        raise LocalFault(f"The broker has no topic {topic}", "Make it with `prat topics create`.")
    return [TopicPartition(topic, number) for number in range(partitions)]
