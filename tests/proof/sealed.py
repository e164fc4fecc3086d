"""What lies on the bus sealed: found by the conversation's id, tried with every key there is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from deploy.kafka.reading import all_records, reader
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.topics import SERVICES, TOPICS, dead_letter_topic
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place, WrongKey


class AnyBody(BaseModel, extra="allow"):
    """Whatever comes out."""


@dataclass(frozen=True)
class Ciphertext:
    """One sealed field as it lies on a topic."""

    topic: str
    place: Place
    sealed: Sealed


@dataclass(frozen=True)
class Copy:
    """A record that speaks of the conversation, and its sealed fields."""

    topic: str
    value: bytes
    ciphertexts: tuple[Ciphertext, ...]


async def copies(bootstrap: str, conversation_id: str) -> list[Copy]:
    """Every record of every topic and of the dead letters that speaks of a conversation."""
    topics = {topic.name: topic.partitions for topic in TOPICS}
    topics |= {dead_letter_topic(name): 1 for name in SERVICES}
    async with reader(bootstrap) as reading:
        return [
            _copy(record.topic, record.value or b"")
            async for record in all_records(reading, topics)
            if conversation_id.encode() in (record.key or b"") + (record.value or b"")
        ]


async def opened(ring: KeyRing, found: list[Copy]) -> int:
    """How many of the ciphertexts a key still opens."""
    tries = [await _opens(ring, one) for copy in found for one in copy.ciphertexts]
    return sum(tries)


async def _opens(ring: KeyRing, one: Ciphertext) -> bool:
    ring.forget(one.place.conversation_id)
    try:
        await ring.open(one.place, one.sealed, AnyBody)
    except (KeyGone, WrongKey):
        return False
    return True


def _copy(topic: str, value: bytes) -> Copy:
    try:
        event = json.loads(value)
    except ValueError:
        return Copy(topic, value, ())
    return Copy(topic, value, tuple(_ciphertexts(topic, event)))


def _ciphertexts(topic: str, event: Mapping[str, Any]) -> Iterator[Ciphertext]:
    for name, value in event.items():
        if isinstance(value, dict) and {"purpose", "nonce", "data"} <= value.keys():
            place = Place(
                event["merchant_id"], event["conversation_id"], UUID(event["event_id"]), name
            )
            yield Ciphertext(topic, place, Sealed(**value | {"purpose": Purpose(value["purpose"])}))
