"""Makes the broker's topics what the contracts say, and proves that they are."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError

from deploy.local.errors import ContractBroken
from libs.contracts.topics import DAYS_7_MS, EVENT_BYTES, SERVICES, TOPICS, Topic, dead_letter_topic

OK = 0
ALREADY_EXISTS = 36
FRAME_BYTES = 128 * 1024
"""Room for headers and the batch's frame beside the largest event."""

SETTLE_SECONDS = 30.0
POLL_SECONDS = 0.1
CHECKED = ("cleanup.policy", "retention.ms")
# Small segments: only a closed segment can expire, so a quiet topic would outlive its retention.
COMMON = {
    "segment.ms": "3600000",
    "segment.bytes": str(64 * 1024 * 1024),
    "message.timestamp.type": "LogAppendTime",
    "file.delete.delay.ms": "60000",
}
# What is kept for a year would be ten thousand files of an hour each.
LASTING = {"segment.ms": str(DAYS_7_MS)}


@dataclass(frozen=True)
class Wanted:
    """One topic as the broker should have it."""

    name: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """One topic as the broker has it; `ready` when every partition has a leader."""

    partitions: int
    ready: bool
    config: Mapping[str, str]


def wanted_topics() -> tuple[Wanted, ...]:
    """Every topic of the contracts, and each service's dead letters."""
    letters = [_dead_letters(service) for service in SERVICES]
    return (*(_from_contract(topic) for topic in TOPICS), *letters)


def _from_contract(topic: Topic) -> Wanted:
    policy = {"cleanup.policy": topic.cleanup, "retention.ms": str(topic.retention_ms)}
    limit = {"max.message.bytes": str(topic.max_bytes + FRAME_BYTES)}
    slow = LASTING if topic.retention_ms > DAYS_7_MS else {}
    return Wanted(topic.name, topic.partitions, COMMON | policy | limit | slow)


def _dead_letters(service: str) -> Wanted:
    policy = {"cleanup.policy": "delete", "retention.ms": str(DAYS_7_MS)}
    limit = {"max.message.bytes": str(2 * EVENT_BYTES)}
    return Wanted(dead_letter_topic(service), 1, COMMON | policy | limit)


async def create_topics(bootstrap: str, replication_factor: int = 1) -> list[str]:
    """Create what is missing, then verify everything; returns the names that are new."""
    wanted = wanted_topics()
    async with _admin(bootstrap) as admin:
        new = [NewTopic(w.name, w.partitions, replication_factor, None, w.config) for w in wanted]
        answer = await admin.create_topics(new)
        created = created_names(answer.topic_errors)
        await _settled(admin, [w.name for w in wanted])
        verify(wanted, await _describe(admin, [w.name for w in wanted]))
        await _prepare_groups(admin)
    return created


async def found_topics(bootstrap: str) -> dict[str, Found]:
    """What the broker has of the topics that the contracts want; those missing are left out."""
    async with _admin(bootstrap) as admin:
        return await _describe(admin, [wanted.name for wanted in wanted_topics()])


def created_names(errors: Iterable[tuple[str, int, str | None]]) -> list[str]:
    """The topics that are new; raises when one could not be created for another reason."""
    results = list(errors)
    for name, code, message in results:
        if code not in (OK, ALREADY_EXISTS):
            cause = f"The broker refused topic {name}: {message} (error {code})."
            raise ContractBroken(cause, "Correct the topic in libs/contracts/topics.py.")
    return [name for name, code, _ in results if code == OK]


def verify(wanted: Iterable[Wanted], found: Mapping[str, Found]) -> None:
    """Raise with every difference between contract and broker, and what to do about it."""
    wrong = [line for topic in wanted for line in differences(topic, found.get(topic.name))]
    if wrong:
        raise ContractBroken(
            "The broker's topics differ from the contracts:\n  " + "\n  ".join(wrong),
            "Set retention and policy with kafka-configs.sh --alter; a topic with another "
            "number of partitions must be emptied, deleted and created anew "
            "(`prat topics create`). A demo: delete its data directory.",
        )


def differences(wanted: Wanted, found: Found | None) -> list[str]:
    """How one topic differs from its contract, a sentence each."""
    if found is None:
        return [f"{wanted.name}: missing"]
    lines = []
    if found.partitions != wanted.partitions:
        counts = f"{found.partitions} partitions, the contract says {wanted.partitions}"
        lines.append(f"{wanted.name}: {counts}")
    for key in CHECKED:
        if found.config.get(key) != wanted.config[key]:
            values = f"{found.config.get(key)}, the contract says {wanted.config[key]}"
            lines.append(f"{wanted.name}: {key} is {values}")
    return lines


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _settled(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Wait until every partition has a leader: a new topic is known before it can be used."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        topics = await admin.describe_topics(names)
        if all(_is_ready(topic) for topic in topics):
            return
        await asyncio.sleep(POLL_SECONDS)


async def _prepare_groups(admin: AIOKafkaAdminClient) -> None:
    """Let the broker make its own offsets topic now; otherwise the first group join waits for it."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        try:
            await admin.find_coordinator("prat")
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(POLL_SECONDS)
        else:
            return


def _is_ready(topic: Mapping[str, Any]) -> bool:
    partitions = topic["partitions"]
    return topic["error_code"] == OK and all(p["leader"] >= 0 for p in partitions)


async def _describe(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, Found]:
    topics = [t for t in await admin.describe_topics(names) if t["error_code"] == OK]
    known = [topic["topic"] for topic in topics]
    configs = await _configs(admin, known) if known else {}
    return {
        topic["topic"]: Found(len(topic["partitions"]), _is_ready(topic), configs[topic["topic"]])
        for topic in topics
    }


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(asked)
    resources = [resource for answer in answers for resource in answer.resources]
    # Fields by position: 3 is the resource's name, 4 its entries; an entry starts with key, value.
    return {r[3]: {entry[0]: entry[1] for entry in r[4]} for r in resources}
