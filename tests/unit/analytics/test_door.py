"""The statistics' door: which key opens what, and what becomes of wrong ones."""

from pathlib import Path

import pytest
from starlette.requests import Request

from libs.kit.errors import Refused
from libs.kit.settings import CommonSettings
from services.analytics.door import FIRST, WRONG_KEYS, Door
from services.analytics.keys import Right
from tests.builders import NOW, secrets_folder
from tests.unit.analytics.fakes import MemoryDoor, made_key

SECRET = "a secret"


@pytest.fixture
def keys() -> MemoryDoor:
    return MemoryDoor({SECRET: made_key(Right.READ)})


@pytest.fixture
def door(keys: MemoryDoor, tmp_path: Path) -> Door:
    return keys.door(CommonSettings(secrets_dir=secrets_folder(tmp_path)))


def bearing(secret: str, address: str = "192.0.2.1") -> Request:
    headers = [(b"authorization", f"Bearer {secret}".encode("latin-1"))]
    return Request({"type": "http", "headers": headers, "client": (address, 1)})


async def refused(door: Door, request: Request, merchant: str, right: Right) -> Refused:
    with pytest.raises(Refused) as error:
        await door.opened(request, merchant, right)
    return error.value


async def test_the_houses_own_key_may_do_everything(door: Door) -> None:
    first = bearing(door.settings.secret("stats-fjellbekk.token"))
    for right in Right:
        assert await door.opened(first, "fjellbekk", right) == FIRST
    assert (await refused(door, first, "havsro", Right.READ)).status == 401


async def test_a_made_key_opens_what_it_may_of_its_own_shop(door: Door, keys: MemoryDoor) -> None:
    mine = bearing(SECRET)
    assert await door.opened(mine, "fjellbekk", Right.READ) == "warehouse"
    assert (await refused(door, mine, "havsro", Right.READ)).code == "token_wrong"
    may_not = await refused(door, mine, "fjellbekk", Right.INBOX)
    assert (may_not.status, may_not.code) == (403, "key_may_not")
    assert "--may inbox" in may_not.fix
    assert keys.tries.total() == 1, "a right key that may not do this is no wrong one"


async def test_the_day_of_use_is_noted_once(door: Door, keys: MemoryDoor) -> None:
    for _ in range(3):
        await door.opened(bearing(SECRET), "fjellbekk", Right.READ)
    assert keys.uses == [SECRET]
    assert keys.made[SECRET].used_on == NOW.date()


async def test_too_many_wrong_keys_are_told_to_wait_and_a_right_one_is_not(door: Door) -> None:
    for _ in range(WRONG_KEYS.most):
        assert (await refused(door, bearing("wrong"), "fjellbekk", Right.READ)).status == 401
    late = await refused(door, bearing("wrong"), "fjellbekk", Right.READ)
    assert (late.status, late.code) == (429, "too_many_tries")
    assert late.retry_after is not None
    assert await door.opened(bearing(SECRET), "fjellbekk", Right.READ) == "warehouse"
    elsewhere = bearing("wrong", "192.0.2.2")
    assert (await refused(door, elsewhere, "fjellbekk", Right.READ)).status == 401


async def test_what_is_open_with_a_revoked_key_is_told(door: Door, keys: MemoryDoor) -> None:
    assert await door.is_open(bearing(SECRET), "fjellbekk", Right.READ)
    assert not await door.is_open(bearing(SECRET), "fjellbekk", Right.INBOX)
    del keys.made[SECRET]
    assert not await door.is_open(bearing(SECRET), "fjellbekk", Right.READ)
    assert keys.tries.total() == 0, "an open page's look is no try"
