"""The shop's customer: who has logged in is signed for, and nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.demo.shop.account import COOKIE, SESSIONS_AT_MOST, Counter
from deploy.demo.shop.catalogue import Customer, load_shop
from libs.contracts.bodies import Customer as Believed
from libs.kit.errors import Refused
from services.gateway.identity import customer_in

KEYS = {"new": "k" * 43}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INGRID = Believed(sub="K-2041", name="Ingrid Dahl", email="ingrid.dahl@kunde.example")


def counter() -> Counter:
    shop = load_shop("fjellbekk")
    return Counter("fjellbekk", shop.customer, f"new {KEYS['new']}\n", clock=NOW.timestamp)


def test_what_the_counter_signs_the_chat_believes_for_ten_minutes_in_this_shop() -> None:
    token = counter().token()
    assert customer_in(token, KEYS, "fjellbekk", NOW) == INGRID
    for merchant, at in (("havsro", NOW), ("fjellbekk", NOW + timedelta(minutes=10))):
        with pytest.raises(Refused):
            customer_in(token, KEYS, merchant, at)


def test_sessions_end_and_do_not_pile_up() -> None:
    desk = counter()
    first = desk.log_in()
    assert desk.told(first)["token"]
    last = [desk.log_in() for _ in range(SESSIONS_AT_MOST)][-1]
    assert desk.told(first)["token"] is None
    desk.log_out(last)
    desk.log_out("never there")
    assert desk.told(last)["token"] is None


async def test_only_who_has_logged_in_gets_a_token(fjellbekk: httpx.AsyncClient) -> None:
    async with fjellbekk as shop:
        nobody = {"name": "Ingrid Dahl", "token": None}
        assert (await shop.get("/session")).json() == nobody
        shop.cookies.set(COOKIE, "guessed")
        assert (await shop.get("/session")).json() == nobody
        shop.cookies.clear()
        made = await shop.post("/session")
        cookie = made.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert made.headers["cache-control"] == "no-store"
        token = (await shop.get("/session")).json()["token"]
        assert customer_in(token, KEYS, "fjellbekk", datetime.now(UTC)) == INGRID
        session = shop.cookies[COOKIE]
        assert (await shop.delete("/session")).json() == nobody
        shop.cookies.set(COOKIE, session)
        assert (await shop.get("/session")).json() == nobody, "the session itself has ended"


async def test_a_house_without_identity_keys_has_no_log_in(
    browse: Callable[..., httpx.AsyncClient], tmp_path: Path
) -> None:
    (tmp_path / "identity-havsro.keys").unlink()
    assert (await browse("havsro").get("/session")).status_code == 404


def test_both_shops_have_a_customer_of_their_own() -> None:
    customers = [load_shop(merchant).customer for merchant in ("fjellbekk", "havsro")]
    assert all(isinstance(one, Customer) and one.email.endswith(".example") for one in customers)
    assert customers[0] != customers[1]
