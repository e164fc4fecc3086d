"""Consumer groups that begin anew: every service reads every topic from its first record again."""

import asyncio

from deploy.kafka.groups import Places, committed, move
from deploy.kafka.reading import ends, reader

PATIENCE_SECONDS = 90


async def rewind(bootstrap: str) -> int:
    """Sets every group of ours back to the first record; how many groups. Services must be away."""
    groups = await committed(bootstrap)
    for group, places in groups.items():
        first = {topic: dict.fromkeys(numbers, 0) for topic, numbers in places.items()}
        await move(bootstrap, group, first)
    return len(groups)


async def caught_up(bootstrap: str) -> None:
    """Returns when every group has handled all there is."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _behind(bootstrap):
            await asyncio.sleep(0.5)


async def _behind(bootstrap: str) -> bool:
    groups = await committed(bootstrap)
    longest = {
        topic: max(numbers) + 1 for places in groups.values() for topic, numbers in places.items()
    }
    async with reader(bootstrap) as looking:
        known = {topic: await ends(looking, topic, count) for topic, count in longest.items()}
    return any(_is_behind(places, known) for places in groups.values())


def _is_behind(places: Places, known: dict[str, list[int]]) -> bool:
    return any(
        offset < known[topic][number]
        for topic, numbers in places.items()
        for number, offset in numbers.items()
    )
