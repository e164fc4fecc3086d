"""The daily statement and a shop's overview on the real store: true numbers, and nobody else's."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from libs.contracts.topics import SERVICES
from libs.kit.expiry import SETTLED, TOLD, Tally, Told, told
from libs.kit.http import web_app
from libs.kit.mongo import Client, Collection, connect, database, ensure
from services.retention.daily import Daily
from services.retention.overview import Overview
from services.retention.receipts import read_keys
from services.retention.statements import Statement, verify_chain
from tests.unit.retention.exports import SIGNER

KEYS = read_keys(json.dumps(SIGNER.published()))
MORNING = datetime(2036, 3, 2, 1, 5, tzinfo=UTC)
"""Far enough from today that no sweep meets what the test keeps; nobody is waited for any more."""


class Clock:
    """The time, moved on by the test."""

    now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[Client]:
    client = connect(stack.store.url)
    for name in ("prat_retention", "prat_keys"):
        await client.drop_database(name)
    await client["prat_journal"][TOLD.name].delete_many({})
    yield client
    await client["prat_journal"][TOLD.name].delete_many({})
    for name in ("prat_retention", "prat_testing", "prat_elsewhere"):
        await client.drop_database(name)
    client.close()


async def alarm() -> str | None:
    """What is wrong today."""
    return "erasures_overdue: 1"


async def silent() -> str | None:
    """Nothing is."""
    return None


def erasure(name: str, done: datetime | None) -> dict[str, Any]:
    counts = {"retention": {"messages": 4}, "nlu": {"dialogues": 1}}
    return {
        "_id": name, "completed_at": done, "deleted": counts if done else {},
        "expires_at": MORNING + timedelta(days=300),
    }  # fmt: skip


async def test_each_day_is_stated_once_with_what_ended_and_what_is_late(client: Client) -> None:
    db, clock = client.get_database("prat_retention"), Clock()
    alarms = {"erasures": alarm, "expiry": silent}
    both = [Daily(client, SIGNER.signed, alarms, clock) for _ in range(2)]
    await both[0].prepare()
    noon = MORNING - timedelta(hours=12)
    await db["erasures"].insert_many([
        erasure("a", noon), erasure("b", noon - timedelta(hours=14)), erasure("c", None),
        erasure("d", MORNING),
    ])  # fmt: skip
    message = {"sent_at": noon, "expires_at": MORNING - timedelta(minutes=11)}
    await db["messages"].insert_one({"_id": "m", **message})
    made = [one for one in await asyncio.gather(*(daily.once() for daily in both)) if one]
    assert len(made) == 1, "one of the processes"
    first = Statement.model_validate(made[0])
    assert (first.day.isoformat(), first.erasures, first.unfinished) == ("2036-03-01", 1, 1)
    assert first.erased == {"retention": {"messages": 4}, "nlu": {"dialogues": 1}}
    stock = first.stock["retention.messages"]
    assert (stock.documents, stock.past_end, stock.oldest) == (1, 1, noon)
    assert first.alarms == ("erasures_overdue: 1",)
    assert await both[0].once() is None
    clock.now += timedelta(days=1)
    second = await both[1].once()
    assert second
    chain = verify_chain([json.dumps(one) for one in (made[0], second)], KEYS)
    assert [one.erasures for one in chain] == [1, 1]


async def test_what_time_has_ended_is_reckoned_from_what_was_due(client: Client) -> None:
    db, clock = client.get_database("prat_retention"), Clock()
    daily = Daily(client, SIGNER.signed, {}, clock)
    await daily.prepare()
    noon = MORNING + timedelta(hours=36)  # of the day after the one on which the first is made
    ends = dict.fromkeys("abcd", noon) | {"e": noon + timedelta(days=1)}
    await db["messages"].insert_many(
        [{"_id": name, "sent_at": MORNING, "expires_at": at} for name, at in ends.items()]
    )
    made = [await stated(daily)]
    assert made[0].ahead["retention.messages"] == 4
    clock.now += timedelta(days=1)
    made.append(await stated(daily))
    assert made[1].ahead["retention.messages"] == 1
    # Two are swept, one gets a later end, one is still there; another one came after the count.
    await db["messages"].delete_many({"_id": {"$in": ["a", "b"]}})
    await db["messages"].update_one(
        {"_id": "c"}, {"$set": {"expires_at": noon + timedelta(days=9)}}
    )
    clock.now += timedelta(days=1)
    made.append(await stated(daily))
    told = [one.expired["retention.messages"] for one in made]
    assert [(one.due, one.left, one.gone) for one in told[:2]] == [(None, 0, None)] * 2
    assert (told[2].due, told[2].left, told[2].gone) == (4, 1, 3)
    await db["messages"].insert_many(
        [{"_id": name, "sent_at": noon, "expires_at": ends["e"]} for name in "xy"]
    )
    clock.now += timedelta(days=1)
    last = (await stated(daily)).expired["retention.messages"]
    assert (last.due, last.left, last.gone) == (1, 3, 0), "never less than nothing"


async def stated(daily: Daily) -> Statement:
    made = await daily.once()
    assert made
    return Statement.model_validate(made)


THINGS = Collection("things", expiring=True)
COUNTS = Collection("counts", expiring=False)


async def test_a_service_tells_once_what_ended_in_its_own_store_when_the_sweeps_have_been(
    client: Client,
) -> None:
    clock = Clock()
    midnight = clock.now = MORNING.replace(hour=0, minute=0)
    tallies = [Tally(client, "testing", clock) for _ in range(2)]
    await tallies[0].prepare()
    await ensure(database(client, "testing"), (THINGS, COUNTS))
    await ensure(database(client, "elsewhere"), (THINGS,))
    day = timedelta(days=1)
    ends = (
        midnight - day,
        midnight - timedelta(seconds=1),
        midnight,
        midnight + day,
        midnight + day,
    )
    await database(client, "testing")["things"].insert_many([{"expires_at": at} for at in ends])
    clock.now = midnight + SETTLED - timedelta(seconds=1)
    await tallies[0].once()
    over = (midnight - day).date()
    assert await told(client, over) == {}, "the sweeps may not have been yet"
    clock.now = midnight + SETTLED
    await asyncio.gather(*(tally.once() for tally in tallies))
    assert await told(client, over) == {"testing": Told({"things": 2}, {"things": 2})}
    await database(client, "testing")["things"].delete_many({})
    await tallies[1].once()
    assert (await told(client, over))["testing"].left == {"things": 2}, "once a day"


async def test_the_statement_waits_for_the_services_and_names_who_was_silent(
    client: Client,
) -> None:
    clock, early = Clock(), MORNING - timedelta(minutes=30)
    daily = Daily(client, SIGNER.signed, {}, clock)
    await daily.prepare()
    rows = client["prat_journal"][TOLD.name]

    async def say(service: str, day: str, left: int, ahead: int) -> None:
        await rows.insert_one({
            "_id": f"{service}|{day}", "service": service, "day": day, "left": {"things": left},
            "ahead": {"things": ahead}, "expires_at": MORNING + timedelta(days=10),
        })  # fmt: skip

    for offset, days in enumerate(("2036-03-01", "2036-03-02", "2036-03-03")):
        clock.now = early + timedelta(days=offset)
        assert await daily.once() is None, "nobody has told of the day"
        for service in SERVICES:
            if (service, offset) != ("nlu", 2):
                await say(service, days, left=offset, ahead=7)
        if offset < 2:
            assert (await stated(daily)).silent == ()
    assert await daily.once() is None, "one is missing"
    clock.now += timedelta(minutes=30)
    last = await stated(daily)
    assert last.silent == ("nlu",)
    gateway = last.expired["gateway.things"]
    assert (gateway.due, gateway.left, gateway.gone) == (7, 2, 5)
    assert "nlu.things" not in last.expired
    assert last.ahead["handoff.things"] == 7
    assert "retention.messages" in last.expired


async def test_a_shop_sees_its_own_erasures_and_how_old_its_oldest_message_is(
    client: Client,
) -> None:
    db, clock = client.get_database("prat_retention"), Clock()
    hour, own = timedelta(hours=1), {"merchant_id": "fjellbekk", "requested_by": "visitor"}
    asked = {"requested_at": MORNING - hour, "receipt": {"x": 1}} | own
    await db["erasures"].insert_many([
        erasure("done", MORNING - hour) | asked,
        erasure("runs", None) | asked | {"receipt": None, "deleted": {"nlu": {}, "gateway": {}}},
        erasure("other", MORNING - hour) | asked | {"merchant_id": "havsro"},
    ])  # fmt: skip
    for name, shop, ends in (
        ("a", "fjellbekk", hour),
        ("b", "fjellbekk", -hour),
        ("c", "havsro", hour),
    ):
        await db["messages"].insert_one(
            {
                "_id": name,
                "merchant_id": shop,
                "sent_at": MORNING - hour,
                "expires_at": MORNING + ends,
            }
        )
    transport = httpx.ASGITransport(web_app(Overview(client, "token", clock).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://retention") as http:
        path, inside = "/internal/overview", {"authorization": "Bearer token"}
        found = (await http.get(path, params={"merchant_id": "fjellbekk"}, headers=inside)).json()
        nobody = (await http.get(path, headers=inside)).json()
        assert (await http.get(path)).status_code == 401
    assert (found["finished"], found["running"], found["messages"]) == (1, 1, 1)
    assert (found["late_seconds"], found["statement"]) == (3600, None)
    assert datetime.fromisoformat(found["oldest"]) == MORNING - hour
    shown = {one["id"]: (one["receipt"], one["waiting_for"]) for one in found["erasures"]}
    assert shown == {"done": (True, []), "runs": (False, ["analytics", "handoff", "retention"])}
    assert (nobody["erasures"], nobody["messages"], nobody["oldest"]) == ([], 0, None)
