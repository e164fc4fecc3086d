"""`prat agent`, `prat audit` and `prat rights` on a real store: what they change, say and refuse."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pyotp import TOTP, parse_uri
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from libs.kit.clock import utc_now
from libs.kit.mongo import connect
from services.handoff.rightsdesk.request_store import RequestStore
from services.handoff.rightsdesk.requests import Kind, Request, received, referred

RUN = CliRunner()
CONVERSATION = "c" * 32
KARI = "kari.lie@fjellbekk.example"


def prat(*words: str) -> Result:
    return RUN.invoke(app, [*words])


def told(*words: str) -> Any:
    result = prat(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: str) -> str:
    result = prat(*words, "--json")
    assert result.exit_code == 1, result.output
    return str(json.loads(result.stdout)["error"]["cause"])


@pytest.fixture
def store(house_env: Mapping[str, str]) -> Iterator[Any]:
    """Handoff's database, empty."""
    client: MongoClient[dict[str, Any]] = MongoClient(house_env["MONGO_URL"])
    client.drop_database("prat_handoff")
    yield client.get_database("prat_handoff")
    client.close()


@pytest.mark.usefixtures("store")
def test_an_account_is_made_listed_and_granted_anew() -> None:
    made = told("agent", "add", KARI.upper(), "--merchant", "fjellbekk", "--skill", "delivery")
    assert made["email"] == KARI
    assert len(made["password"]) >= 16
    told("agent", "roles", KARI, "--merchant", "havsro", "--role", "supervisor", "--role", "dpo")
    (one,) = told("agent", "list")
    assert (one["name"], one["disabled"], one["second_factor"]) == ("Kari Lie", False, False)
    assert one["grants"] == [
        {"merchant_id": "fjellbekk", "roles": ["agent"], "skills": ["delivery"]},
        {"merchant_id": "havsro", "roles": ["dpo", "supervisor"], "skills": ["*"]},
    ]
    told("agent", "roles", KARI, "--merchant", "fjellbekk")
    assert [g["merchant_id"] for g in told("agent", "list")[0]["grants"]] == ["havsro"]
    line = prat("agent", "list").stdout.strip()
    assert line == f"{KARI}  havsro: dpo, supervisor (*)"


@pytest.mark.usefixtures("store")
def test_what_cannot_be_is_refused_with_its_cause() -> None:
    told("agent", "add", KARI, "--merchant", "fjellbekk")
    assert "account already" in refused("agent", "add", KARI, "--merchant", "fjellbekk")
    other = "per@fjellbekk.example"
    assert "no role king" in refused("agent", "add", other, "--merchant", "x", "--role", "king")
    assert "every shop" in refused("agent", "add", other, "--merchant", "*")
    for strange in ("kari", "a@b@c", "a b@c", "a/b@c", f"{'a' * 250}@b.example"):
        assert "no e-mail" in refused("agent", "add", strange, "--merchant", "fjellbekk")
    for command in ("disable", "enable", "password", "totp"):
        assert "no account" in refused("agent", command, other)
    assert "no account" in refused("agent", "roles", other, "--merchant", "x", "--role", "dpo")
    assert [one["email"] for one in told("agent", "list")] == [KARI]


def test_accounts_are_shut_and_opened_and_get_new_passwords(store: Any) -> None:
    first = told("agent", "add", KARI, "--merchant", "*", "--role", "operator")["password"]
    told("agent", "disable", KARI)
    assert told("agent", "list")[0]["disabled"]
    assert "disabled" in prat("agent", "list").stdout
    told("agent", "enable", KARI)
    before = store["agents"].find_one({"_id": KARI})
    assert told("agent", "password", KARI)["password"] != first
    after = store["agents"].find_one({"_id": KARI})
    assert after["password"] != before["password"]
    assert (after["epoch"], after["grants"]) == (before["epoch"] + 1, before["grants"])


def test_a_second_factor_is_shown_once_and_taken_away(store: Any) -> None:
    told("agent", "add", KARI, "--merchant", "fjellbekk")
    given = told("agent", "totp", KARI)
    totp = parse_uri(given["address"])
    assert isinstance(totp, TOTP)
    assert (totp.secret, totp.name, totp.issuer) == (given["secret"], KARI, "Prat")
    assert len(given["recovery_codes"]) == 10
    assert given["secret"] not in str(store["agents"].find_one({"_id": KARI}))
    spoken = prat("agent", "totp", KARI).stdout
    assert given["secret"] not in spoken
    assert spoken.count("  ") >= 10
    assert told("agent", "list")[0]["second_factor"]
    told("agent", "totp", KARI, "--off")
    assert not told("agent", "list")[0]["second_factor"]


def test_every_change_is_in_the_audit_log_which_is_verified(store: Any) -> None:
    told("agent", "add", KARI, "--merchant", "fjellbekk")
    told("agent", "totp", KARI)
    told("agent", "disable", KARI)
    entries = told("audit", "show", "--who", "command line")
    assert [(row["what"], row["about"]) for row in entries] == [
        ("account_disabled", KARI), ("second_factor_enrolled", KARI), ("account_added", KARI),
    ]  # fmt: skip
    assert told("audit", "show", "--case", "none") == []
    assert len(told("audit", "show", "--last", "1")) == 1
    assert KARI in prat("audit", "show").stdout
    verified = told("audit", "verify")
    assert (verified["whole"], verified["entries"], verified["found"]) == (True, 3, [])
    assert "The log is whole: 3 entries." in prat("audit", "verify").stdout
    assert told("audit", "verify", "--head", verified["head"])["whole"]

    store["audit"].update_one({"_id": 2}, {"$set": {"about": "per@fjellbekk.example"}})
    result = prat("audit", "verify", "--json")
    assert result.exit_code == 1
    assert [one["seq"] for one in json.loads(result.stdout)["found"]] == [2]
    assert "entry 2: was changed" in prat("audit", "verify").stdout


def test_a_log_that_was_put_back_is_found_by_a_head_that_was_noted(store: Any) -> None:
    told("agent", "add", KARI, "--merchant", "fjellbekk")
    earlier = [*store["audit"].find()], [*store["audit_ends"].find()]
    told("agent", "disable", KARI)
    noted = told("audit", "verify")["head"]
    for name, rows in zip(("audit", "audit_ends"), earlier, strict=True):
        store[name].delete_many({})
        store[name].insert_many(rows)
    assert told("audit", "verify")["whole"]
    result = prat("audit", "verify", "--head", noted)
    assert result.exit_code == 1
    assert "entry 2: is not the one that was noted" in result.stdout


def test_requests_are_listed_by_their_time_and_late_ones_are_an_exit_code(
    store: Any, house_env: Mapping[str, str]
) -> None:
    assert told("rights", "list") == []
    assert prat("rights", "due").exit_code == 0
    late, new = (_request(days) for days in (40, 2))
    asyncio.run(_keep(house_env["MONGO_URL"], new, late))
    listed = [one["id"] for one in told("rights", "list", "--merchant", "fjellbekk")]
    assert listed == [str(late.request_id), str(new.request_id)]
    assert told("rights", "list", "--merchant", "havsro") == []
    due = prat("rights", "due", "--json")
    assert due.exit_code == 1
    assert [one["clock"]["state"] for one in json.loads(due.stdout)] == ["late"]
    shown = prat("rights", "show", str(new.request_id))
    assert "erasure  identified" in shown.stdout
    assert "identified_reference" in shown.stdout
    assert CONVERSATION not in shown.stdout + str(told("rights", "show", str(new.request_id)))
    assert "no such request" in refused("rights", "show", "x")
    assert store.rights_requests.count_documents({}) == 2


def _request(days: int) -> Request:
    came = utc_now() - timedelta(days=days)
    one = received("fjellbekk", Kind.ERASURE, "nb", came, request_id=uuid4(), now=came)
    return referred(one, CONVERSATION, came)


async def _keep(url: str, *requests: Request) -> None:
    client = connect(url)
    kept = RequestStore(client)
    await kept.prepare()
    for one in requests:
        await kept.add(one)
    client.close()
