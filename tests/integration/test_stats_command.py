"""`prat stats token` and `prat stats export` on a real store: what they make, say, note and refuse."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from deploy.cli import stats_export, stats_keys
from deploy.cli.main import app
from libs.contracts.content import PackPublished
from libs.kit.clock import utc_now
from libs.kit.mongo import connect
from services.analytics.keys import KEYS, LONGEST, Key, Keys, Right
from services.analytics.store import COUNTS
from tests.builders import pack

RUN = CliRunner()
TODAY = utc_now().date()


def prat(*words: str, group: str = "token") -> Result:
    return RUN.invoke(app, ["stats", group, *words])


def told(*words: str, group: str = "token") -> Any:
    result = prat(*words, "--json", group=group)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: str, group: str = "token") -> str:
    result = prat(*words, "--json", group=group)
    assert result.exit_code == 1, result.output
    return str(json.loads(result.stdout)["error"]["cause"])


@pytest.fixture
def store(house_env: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Analytics' database, empty; every shop counts as published."""

    async def published(merchant: str) -> PackPublished:
        return pack(merchant)

    monkeypatch.setattr(stats_keys, "newest_pack", published)
    monkeypatch.setattr(stats_export, "newest_pack", published)
    client: MongoClient[dict[str, Any]] = MongoClient(house_env["MONGO_URL"], tz_aware=True)
    client.drop_database("prat_analytics")
    yield client.get_database("prat_analytics")
    client.close()


async def asked(url: str, secret: str, *, days: int = 0, use: bool = False) -> Key | None:
    """What a key is so many days from now."""
    client = connect(url)
    keys = Keys(client, lambda: utc_now() + timedelta(days=days))
    if use:
        await keys.use(secret)
    found = await keys.find(secret)
    client.close()
    return found


def test_a_key_is_shown_once_kept_as_a_hash_and_gone_when_revoked(
    store: Any, house_env: Mapping[str, str]
) -> None:
    url = house_env["MONGO_URL"]
    made = told("create", "fjellbekk", "warehouse", "--may", "read", "--may", "inbox")
    other = told("create", "fjellbekk", "second", "--until", f"{TODAY + timedelta(days=3)}")
    secret = made["key"]
    assert made["until"] == f"{TODAY + timedelta(days=365)}"
    assert len(secret) > 40
    assert secret not in repr([*store[KEYS.name].find(), *store["audit"].find()])
    found = asyncio.run(asked(url, secret, use=True))
    assert found is not None
    assert (found.merchant_id, found.name, found.rights) == (
        "fjellbekk",
        "warehouse",
        frozenset(Right),
    )
    rows = {row["name"]: row for row in told("list", "--merchant", "fjellbekk")}
    assert (rows["warehouse"]["used"], rows["second"]["used"]) == (f"{TODAY}", None)
    assert rows["second"]["may"] == ["read"]
    assert told("list", "--merchant", "havsro") == []

    assert asyncio.run(asked(url, other["key"], days=3)) is not None, "its last day"
    assert asyncio.run(asked(url, other["key"], days=4)) is None

    assert "of the name" in refused("create", "fjellbekk", "warehouse")
    told("revoke", "fjellbekk", "warehouse")
    assert asyncio.run(asked(url, secret)) is None
    assert "no key" in refused("revoke", "fjellbekk", "warehouse")
    assert "no key" in refused("revoke", "havsro", "second")
    told("create", "fjellbekk", "warehouse")
    noted = [(row["who"], row["what"], row["about"]) for row in store["audit"].find().sort("_id")]
    assert noted == [
        ("command line", "key_made", "warehouse"), ("command line", "key_made", "second"),
        ("command line", "key_revoked", "warehouse"), ("command line", "key_made", "warehouse"),
    ]  # fmt: skip


def test_what_no_key_can_be_is_refused_and_nothing_is_kept(store: Any) -> None:
    for name in ("first", "", "Warehouse", "ware house", "x" * 41, "æ", "a\nb", "x_y"):
        assert "name for a key" in refused("create", "fjellbekk", name)
    yesterday, late = TODAY - timedelta(days=1), TODAY + LONGEST
    for until in (f"{yesterday}", f"{late}", "soon", "2026-13-01"):
        assert "end" in refused("create", "fjellbekk", "warehouse", "--until", until)
    assert "right" in refused("create", "fjellbekk", "warehouse", "--may", "write")
    assert [*store[KEYS.name].find()] == []


@pytest.mark.usefixtures("store")
def test_people_read_it_in_lines() -> None:
    assert prat("list").output == "No keys.\n"
    made = prat("create", "fjellbekk", "warehouse", "--until", f"{TODAY}")
    assert f"may read until {TODAY}" in made.output
    assert "Shown once: prat_" in made.output
    ends = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(days=1)
    (line,) = prat("list").output.splitlines()
    assert "fjellbekk  warehouse  may read  " in line
    assert line.endswith(f"never used  ends {ends:%Y-%m-%d}T00:00Z")


def test_a_period_becomes_a_file_of_what_may_be_shown(store: Any, tmp_path: Path) -> None:
    day, out = TODAY - timedelta(days=3), tmp_path / "new" / "figures.csv"
    numbers = {"chats|begun": 12, "topics|track_parcel": 12, "languages|fi": 2}
    key = f"fjellbekk|{day}|day"
    store[COUNTS.name].insert_many([{"_id": f"{key}|{k}", "n": n} for k, n in numbers.items()])
    shop = ("--merchant", "fjellbekk", "--out", str(out))
    made = told(*shop, "--from", f"{day}", "--to", f"{day}", group="export")
    lines = out.read_text().splitlines()
    assert made == {"merchant": "fjellbekk", "rows": len(lines) - 1, "file": str(out)}
    assert f"fjellbekk,{day},,topics,track_parcel,12,0" in lines
    assert f"fjellbekk,{day},,totals,handed_over,,1" in lines
    assert not any(",fi," in line for line in lines), "fewer than k"
    out.unlink()
    assert "format" in refused(*shop, "--format", "xls", group="export")
    assert "period" in refused(*shop, "--from", f"{day}", group="export")
    assert "days" in refused(*shop, "--days", "0", group="export")
    assert not out.exists()
