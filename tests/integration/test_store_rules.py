"""The store's rules on a real store: dates are required, TTL indexes verified, keys stay destroyed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo.errors import WriteError

from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import Client, Collection, Database, Index, ensure, verify
from libs.privacy.keys import StoredKey
from tests.builders import conversation_id

THINGS = Collection(
    "things", expiring=True, indexes=(Index(("merchant_id",)),), required={"merchant_id": "string"}
)


@pytest.fixture
async def db(client: Client) -> AsyncIterator[Database]:
    name = f"prat_test_{uuid4().hex[:8]}"
    yield client.get_database(name)
    await client.drop_database(name)


@pytest.mark.parametrize(
    "fields",
    [
        {"merchant_id": "fjellbekk"},
        {"merchant_id": "fjellbekk", "expires_at": None},
        {"merchant_id": "fjellbekk", "expires_at": "2026-05-01T00:00:00Z"},
        {"merchant_id": {"$ne": ""}, "expires_at": utc_now()},
        {"expires_at": utc_now()},
    ],
)
async def test_what_would_never_expire_is_refused(db: Database, fields: dict[str, Any]) -> None:
    await ensure(db, (THINGS,))
    with pytest.raises(WriteError):
        await db["things"].insert_one(fields)
    assert await db["things"].count_documents({}) == 0


async def test_preparing_twice_changes_nothing(db: Database) -> None:
    for _ in range(2):
        await ensure(db, (THINGS,))
    assert set(await db["things"].index_information()) == {"_id_", "merchant_id", "expires_at"}


async def test_a_dropped_ttl_index_is_noticed(db: Database) -> None:
    await ensure(db, (THINGS,))
    await db["things"].drop_index("expires_at")
    with pytest.raises(ConfigurationError, match=r"expires_at.*is missing") as fault:
        await verify(db, THINGS)
    assert fault.value.fix


@pytest.mark.parametrize(
    ("keys", "options", "problem"),
    [
        ([("expires_at", 1)], {"expireAfterSeconds": 3600}, "expiry"),
        ([("expires_at", 1)], {}, "expiry"),
        ([("merchant_id", 1)], {"expireAfterSeconds": 0}, "other fields"),
    ],
)
async def test_a_changed_ttl_index_is_noticed(
    db: Database, keys: list[tuple[str, int]], options: dict[str, Any], problem: str
) -> None:
    await ensure(db, (THINGS,))
    await db["things"].drop_index("expires_at")
    await db["things"].drop_index("merchant_id")
    await db["things"].create_index(keys, name="expires_at", **options)
    with pytest.raises(ConfigurationError, match=problem):
        await verify(db, Collection("things", expiring=True))


async def test_a_destroyed_key_is_gone_and_refuses_a_new_one(client: Client) -> None:
    keys, conversation, now = MongoKeyStore(client), conversation_id(), utc_now()
    await keys.prepare()
    key = StoredKey(b"wrapped", now + timedelta(days=90))
    await keys.insert("fjellbekk", conversation, Purpose.DIALOGUE, key)
    assert await keys.find(conversation, Purpose.DIALOGUE)
    assert await keys.destroy("fjellbekk", conversation, now + timedelta(days=400)) == 1
    await keys.insert("fjellbekk", conversation, Purpose.DIALOGUE, key)
    await keys.insert("fjellbekk", conversation, Purpose.CASE, key)
    await keys.extend(conversation, Purpose.DIALOGUE, now + timedelta(days=500))
    assert await keys.find(conversation, Purpose.DIALOGUE) is None
    assert await keys.find(conversation, Purpose.CASE) is None
    again = await keys.destroy("fjellbekk", conversation, now + timedelta(days=400))
    assert again == 1, "a repeat after a crash counts the same"


async def test_who_destroys_a_key_at_once_with_others_counts_the_same(client: Client) -> None:
    keys, now = MongoKeyStore(client), utc_now()
    await keys.prepare()
    key, until = StoredKey(b"wrapped", now + timedelta(days=90)), now + timedelta(days=400)
    for _ in range(15):
        conversation = conversation_id()
        await keys.insert("fjellbekk", conversation, Purpose.DIALOGUE, key)
        many = (keys.destroy("fjellbekk", conversation, until) for _ in range(4))
        assert await asyncio.gather(*many) == [1] * 4
        assert await keys.find(conversation, Purpose.DIALOGUE) is None


async def test_a_conversation_that_never_had_a_key_counts_none_and_gets_none(
    client: Client,
) -> None:
    keys, conversation, now = MongoKeyStore(client), conversation_id(), utc_now()
    await keys.prepare()
    for _ in range(2):
        assert await keys.destroy("fjellbekk", conversation, now + timedelta(days=400)) == 0
    key = StoredKey(b"wrapped", now + timedelta(days=90))
    await keys.insert("fjellbekk", conversation, Purpose.DIALOGUE, key)
    assert await keys.find(conversation, Purpose.DIALOGUE) is None


async def test_an_expired_key_is_not_found_before_it_is_swept(client: Client) -> None:
    now = [utc_now()]
    keys, conversation = MongoKeyStore(client, lambda: now[0]), conversation_id()
    await keys.prepare()
    ends = now[0] + timedelta(days=90)
    await keys.insert("fjellbekk", conversation, Purpose.DIALOGUE, StoredKey(b"wrapped", ends))
    now[0] = ends - timedelta(seconds=1)
    assert await keys.find(conversation, Purpose.DIALOGUE)
    now[0] = ends
    assert await keys.find(conversation, Purpose.DIALOGUE) is None
    await keys.extend(conversation, Purpose.DIALOGUE, ends + timedelta(days=90))
    assert await keys.find(conversation, Purpose.DIALOGUE) is None, "no key is revived"
