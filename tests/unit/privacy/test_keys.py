"""The key ring: purposes are kept apart, erased keys stay erased, caches forget."""

from datetime import timedelta
from uuid import uuid4

import pytest

from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Purpose
from libs.privacy.keys import CACHE_SECONDS, KeyRing
from libs.privacy.sealing import KeyGone, Place, WrongKey
from tests.builders import NOW, conversation_id
from tests.fixtures.keys import FakeKeyStore

KEKS = {Purpose.DIALOGUE: b"d" * 32, Purpose.CASE: b"c" * 32}
LATER = NOW + timedelta(days=90)


@pytest.fixture
def store() -> FakeKeyStore:
    return FakeKeyStore()


def place() -> Place:
    return Place("fjellbekk", conversation_id(), uuid4())


async def test_a_service_reads_what_another_sealed_for_a_purpose_both_hold(
    store: FakeKeyStore,
) -> None:
    here, there = KeyRing(store, KEKS), KeyRing(store, KEKS)
    at = place()
    await here.mint("fjellbekk", at.conversation_id, Purpose.DIALOGUE, LATER)
    sealed = await here.seal(at, Purpose.DIALOGUE, MessageBody(text="hei"))
    assert await there.open(at, sealed, MessageBody) == MessageBody(text="hei")


async def test_a_service_without_the_purpose_cannot_read(store: FakeKeyStore) -> None:
    both = KeyRing(store, KEKS)
    analytics = KeyRing(store, {Purpose.DIALOGUE: KEKS[Purpose.DIALOGUE]})
    at = place()
    await both.mint("fjellbekk", at.conversation_id, Purpose.CASE, LATER)
    sealed = await both.seal(at, Purpose.CASE, MessageBody(text="for an agent"))
    with pytest.raises(WrongKey):
        await analytics.open(at, sealed, MessageBody)


async def test_a_dialogue_kek_does_not_unwrap_a_case_key(store: FakeKeyStore) -> None:
    both = KeyRing(store, KEKS)
    cheat = KeyRing(store, {Purpose.CASE: KEKS[Purpose.DIALOGUE]})
    at = place()
    await both.mint("fjellbekk", at.conversation_id, Purpose.CASE, LATER)
    sealed = await both.seal(at, Purpose.CASE, MessageBody(text="for an agent"))
    with pytest.raises(WrongKey):
        await cheat.open(at, sealed, MessageBody)


async def test_after_destruction_nothing_opens_and_no_new_key_can_be_minted(
    store: FakeKeyStore,
) -> None:
    ring = KeyRing(store, KEKS)
    at = place()
    await ring.mint("fjellbekk", at.conversation_id, Purpose.DIALOGUE, LATER)
    sealed = await ring.seal(at, Purpose.DIALOGUE, MessageBody(text="hei"))
    assert await ring.destroy("fjellbekk", at.conversation_id, LATER) == 1
    await ring.mint("fjellbekk", at.conversation_id, Purpose.DIALOGUE, LATER)
    with pytest.raises(KeyGone):
        await ring.open(at, sealed, MessageBody)


async def test_a_key_erased_elsewhere_is_forgotten_within_the_cache_time(
    store: FakeKeyStore,
) -> None:
    clock = [0.0]
    ring = KeyRing(store, KEKS, lambda: clock[0])
    at = place()
    await ring.mint("fjellbekk", at.conversation_id, Purpose.DIALOGUE, LATER)
    sealed = await ring.seal(at, Purpose.DIALOGUE, MessageBody(text="hei"))
    await store.destroy("fjellbekk", at.conversation_id, LATER)
    clock[0] = CACHE_SECONDS + 1
    with pytest.raises(KeyGone):
        await ring.open(at, sealed, MessageBody)


async def test_keys_are_read_once_while_cached(store: FakeKeyStore) -> None:
    ring = KeyRing(store, KEKS)
    at = place()
    await ring.mint("fjellbekk", at.conversation_id, Purpose.DIALOGUE, LATER)
    for _ in range(5):
        await ring.seal(at, Purpose.DIALOGUE, MessageBody(text="hei"))
    assert store.reads == 1
