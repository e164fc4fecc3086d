"""Consumer groups of ours: who listens now, and how far each has come; set back after a restore."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from deploy.local.errors import LocalFault

OURS = "prat."
PATIENCE_SECONDS = 30.0
"""Longer than a killed member keeps its place."""

POLL_SECONDS = 0.5

OLDEST = 0
"""An offset that is no longer on the bus counts as the oldest that is (`auto_offset_reset`)."""

Places = dict[str, dict[int, int]]
"""A group's offsets: by topic, by partition."""


async def listening(bootstrap: str) -> list[str]:
    """The groups of ours that have members: services that run, wherever."""
    async with admin_of(bootstrap) as admin:
        # One at a time: aiokafka 0.14 misreads an answer with several groups.
        answers = [await admin.describe_consumer_groups([one]) for one in await _names(admin)]
    # Each group is (error, name, state, protocol type, protocol, members, …).
    found = [group for (answer,) in answers for group in answer.groups]
    return sorted(group[1] for group in found if group[5])


async def committed(bootstrap: str) -> dict[str, Places]:
    """How far each group of ours has come."""
    async with admin_of(bootstrap) as admin:
        found = {one: await admin.list_consumer_group_offsets(one) for one in await _names(admin)}
    return {group: _places(offsets) for group, offsets in found.items() if offsets}


def set_back(now: Mapping[str, Places], then: Mapping[str, Places]) -> dict[str, Places]:
    """Where each group has to go on so as to read everything again since `then`.

    Who had not come anywhere by then begins with the oldest record.
    """
    return {
        group: {
            topic: {number: _at(then, group, topic, number) for number in numbers}
            for topic, numbers in places.items()
        }
        for group, places in now.items()
    }


async def move(bootstrap: str, group: str, places: Places) -> None:
    """Lets a group go on at these places; LocalFault while it has members."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    offsets = {
        TopicPartition(topic, number): offset
        for topic, numbers in places.items()
        for number, offset in numbers.items()
    }
    one = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), one as consumer:
            consumer.assign([*offsets])
            while True:
                with suppress(KafkaError):
                    await consumer.commit(offsets)
                    return
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        fix = "Stop every service, then repeat; a killed one is forgotten after ten seconds."
        raise LocalFault(f"The broker does not let the group {group} be set back", fix) from None


@asynccontextmanager
async def admin_of(bootstrap: str) -> AsyncIterator[Any]:
    """A client for what is asked of the whole broker; LocalFault where it does not answer."""
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        fix = "Look whether the broker is up, then repeat."
        cause = f"The broker does not answer ({type(error).__name__})"
        raise LocalFault(cause, fix) from None
    finally:
        await admin.close()


def _at(groups: Mapping[str, Places], group: str, topic: str, number: int) -> int:
    return groups.get(group, {}).get(topic, {}).get(number, OLDEST)


async def _names(admin: Any) -> list[str]:
    return [one[0] for one in await admin.list_consumer_groups() if one[0].startswith(OURS)]


def _places(offsets: Mapping[Any, Any]) -> Places:
    places: Places = {}
    for place, kept in offsets.items():
        places.setdefault(place.topic, {})[place.partition] = kept.offset
    return places
