"""Every service is somebody of its own in the store: its own database is all that it reaches."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from deploy.images.prepare import _users as prepare_users
from deploy.local.places import Places
from deploy.local.stack import Stack
from deploy.local.store_users import KEY_WRITERS, make_users, service_passwords, user_of
from libs.contracts.sealed import Purpose
from libs.contracts.topics import SERVICES
from libs.kit.clock import utc_now
from libs.kit.drift import GRACE, Drift
from libs.kit.keystore import MongoKeyStore
from libs.kit.mongo import UNAUTHORIZED, Client, connect, database
from libs.kit.settings import CommonSettings
from libs.privacy.keys import StoredKey
from tests.builders import conversation_id

pytestmark = pytest.mark.connected

LogIn = Callable[[str], Client]
READERS = [name for name in SERVICES if name not in KEY_WRITERS]


@pytest.fixture
async def log_in(stack: Stack, places: Places) -> AsyncIterator[LogIn]:
    """Opens the store as a service does."""
    clients: list[Client] = []

    def opened(service: str) -> Client:
        env = stack.store.env_of(service)
        settings = CommonSettings(
            mongo_url=env["MONGO_URL"], store_user=env["PRAT_STORE_USER"],
            secrets_dir=places.secrets,
        )  # fmt: skip
        clients.append(connect(settings.store_url()))
        return clients[-1]

    yield opened
    for client in clients:
        client.close()


async def refused(work: Any) -> bool:
    with pytest.raises(OperationFailure) as fault:
        await work
    return fault.value.code == UNAUTHORIZED


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reaches_its_own_database_and_no_other(log_in: LogIn, service: str) -> None:
    client = log_in(service)
    own = database(client, service)["test_users"]
    await own.insert_one({"_id": 1})
    await own.drop()
    for other in {*SERVICES} - {service}:
        theirs = database(client, other)["test_users"]
        assert await refused(theirs.find_one({}))
        assert await refused(theirs.insert_one({"_id": 1}))
        assert await refused(theirs.delete_many({}))
        assert await refused(theirs.drop())
        assert await refused(own.aggregate([{"$out": {"db": f"prat_{other}", "coll": "x"}}]).next())
    assert await refused(client.list_database_names())
    assert await refused(client.admin.command("usersInfo"))
    root = {"role": "root", "db": "admin"}
    assert await refused(client.admin.command("grantRolesToUser", user_of(service), roles=[root]))


@pytest.mark.parametrize("service", READERS)
async def test_who_only_reads_keys_changes_none_and_still_watches_them(
    log_in: LogIn, client: Client, service: str
) -> None:
    conversation, ends = conversation_id(), utc_now() - GRACE - timedelta(minutes=1)
    mine = log_in(service)
    keys = MongoKeyStore(mine)
    await keys.prepare()
    await MongoKeyStore(client).insert(
        "fjellbekk", conversation, Purpose.DIALOGUE, StoredKey(b"wrapped", ends)
    )
    assert await refused(keys.destroy("fjellbekk", conversation, utc_now()))
    await Drift(mine).once()
    await database(client, "keys")["conversation_keys"].delete_many({"expires_at": ends})


async def test_nobody_reads_without_saying_who_he_is(stack: Stack) -> None:
    nobody = connect(stack.store.env_of("nlu")["MONGO_URL"])
    assert await refused(database(nobody, "nlu")["dialogues"].find_one({}))
    nobody.close()


async def test_preparing_a_store_makes_its_users_and_mends_them(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setenv("PRAT_STORE_ADMIN_URL", stack.store.url)
    env = stack.store.env_of("analytics")
    settings = CommonSettings(
        mongo_url=env["MONGO_URL"], store_user="prat_analytics", secrets_dir=tmp_path
    )
    try:
        for _ in range(2):
            assert await prepare_users(settings) == "5, each for its own database"
        mine = connect(settings.store_url())
        assert await database(mine, "analytics")["pending"].find_one({"_id": 0}) is None
        assert await refused(database(mine, "nlu")["dialogues"].find_one({}))
        mine.close()
    finally:
        await make_users(stack.store.url, service_passwords(places.secrets))


def test_a_missing_password_is_named(stack: Stack, tmp_path: Path) -> None:
    settings = CommonSettings(
        mongo_url="mongodb://127.0.0.1:1/", store_user="prat_nlu", secrets_dir=tmp_path
    )
    with pytest.raises(Exception, match=r"store-prat_nlu\.password"):
        settings.store_url()


def test_root_s_password_lies_where_no_service_looks(
    house_env: Mapping[str, str], stack: Stack, places: Places
) -> None:
    root = (places.data / "store-prat_root.password").read_text().strip()
    assert root in house_env["MONGO_URL"]
    assert not any(root in file.read_text() for file in places.secrets.iterdir())
    for service in SERVICES:
        assert root not in repr(stack.store.env_of(service))
