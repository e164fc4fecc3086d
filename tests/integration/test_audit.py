"""The audit log on a real store: written in one order, kept for a time, and found out if changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.kit import audit as audit_module
from libs.kit.audit import ENDS, ENTRIES, Audit
from libs.kit.audit_chain import End
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Client, connect, database

KEY = b"k" * 32


@dataclass
class Log:
    """An audit log, with a clock that a test can turn."""

    client: Client
    now: datetime = field(default_factory=utc_now)

    def __post_init__(self) -> None:
        self.db = database(self.client, "tested")
        self.rows, self.ends = self.db[ENTRIES.name], self.db[ENDS.name]
        self.audit = Audit(self.client, "tested", KEY, lambda: self.now)

    async def filled(self, count: int = 5) -> None:
        for _ in range(count):
            self.now += timedelta(seconds=1)
            await self.audit.add("kari", "case_read", merchant_id="fjellbekk", case_id=uuid4())

    async def problems(self) -> list[str]:
        check, _head = await self.audit.check()
        return [str(problem) for problem in check.problems]


@pytest.fixture
async def log(stack: Stack) -> AsyncIterator[Log]:
    client = connect(stack.store.url)
    await client.drop_database("prat_tested")
    log = Log(client)
    await log.audit.prepare()
    yield log
    client.close()


async def test_entries_say_who_saw_which_fields_and_nothing_of_them(log: Log) -> None:
    case_id = uuid4()
    number = await log.audit.add(
        "kari", "case_read", merchant_id="fjellbekk", case_id=case_id,
        conversation_id="c0ffee", fields=("messages", "intake"), roles=("supervisor", "agent"),
    )  # fmt: skip
    (entry,) = await log.audit.entries({"case_id": str(case_id)})
    assert (number, entry["_id"], entry["who"], entry["what"]) == (1, 1, "kari", "case_read")
    assert entry["fields"] == ["intake", "messages"]
    assert set(entry) == {
        "_id", "at", "who", "what", "merchant_id", "case_id", "conversation", "about", "fields",
        "roles", "prev", "hash",
    }  # fmt: skip
    assert entry["roles"] == ["agent", "supervisor"]
    await log.audit.add("kari", "case_erased", merchant_id="fjellbekk", conversation_id="c0ffee")
    assert await log.audit.looks("fjellbekk", "c0ffee") == [entry], "only what was shown"
    assert await log.audit.looks("havsro", "c0ffee") == []
    assert await log.audit.looks("fjellbekk", "c0ffe") == []
    assert "c0ffee" not in str(entry)


async def test_an_empty_and_a_filled_log_are_whole_also_after_a_restart(log: Log) -> None:
    assert await log.problems() == []
    await log.filled()
    again = Log(log.client)
    await again.audit.prepare()
    await again.filled()
    check, head = await again.audit.check()
    assert (check.problems, check.entries) == ([], 10)
    assert head == await log.audit.head()


async def test_many_writers_in_several_processes_make_one_chain(log: Log, stack: Stack) -> None:
    clients = [connect(stack.store.url) for _ in range(3)]
    logs = [Log(client) for client in clients]
    numbers = await asyncio.gather(*(one.audit.add("kari", "x") for one in logs * 10))
    assert sorted(numbers) == list(range(1, 31))
    assert await log.problems() == []
    for client in clients:
        client.close()


async def test_a_changed_entry_is_found(log: Log) -> None:
    await log.filled()
    await log.rows.update_one({"_id": 3}, {"$set": {"who": "per"}})
    assert await log.problems() == ["entry 3: was changed: its hash does not fit what it says"]


async def test_a_removed_entry_is_found_first_last_and_between(log: Log) -> None:
    await log.filled()
    for number in (1, 3, 5):
        row = await log.rows.find_one_and_delete({"_id": number})
        assert f"entry {number}: is missing" in await log.problems()
        assert row
        await log.rows.insert_one(row)
    assert await log.problems() == []


async def test_two_swapped_entries_are_found(log: Log) -> None:
    await log.filled()
    second, fourth = [await log.rows.find_one_and_delete({"_id": n}) for n in (2, 4)]
    assert second
    assert fourth
    await log.rows.insert_many([second | {"_id": 4}, fourth | {"_id": 2}])
    named = {problem[:7] for problem in await log.problems()}
    assert {"entry 2", "entry 4"} <= named


async def test_an_entry_that_was_put_behind_the_newest_is_found(log: Log) -> None:
    await log.filled()
    row = await log.rows.find_one({"_id": 5})
    assert row
    await log.rows.insert_one(row | {"_id": 6})
    assert await log.problems() == ["entry 6: was not written by us"]


async def test_a_tail_that_was_cut_off_with_a_head_of_the_cutters_own_is_found(log: Log) -> None:
    await log.filled()
    await log.rows.delete_many({"_id": {"$gt": 3}})
    last = await log.rows.find_one({"_id": 3})
    assert last
    forged = vars(End.signed(b"x" * 32, "head", 3, last["hash"]))
    await log.ends.update_one({"_id": "head"}, {"$set": forged})
    assert await log.problems() == ["entry 3: is not signed as the newest"]


async def test_a_log_without_its_head_is_found_and_nothing_is_written_to_it(log: Log) -> None:
    await log.filled()
    await log.ends.delete_one({"_id": "head"})
    assert await log.problems() == ["entry 5: is not signed as the newest"]
    for use in (log.audit.add("kari", "x"), log.audit.prepare(), log.audit.head()):
        with pytest.raises(ConfigurationError, match="lost its head"):
            await use


async def test_old_entries_go_and_the_rest_stays_whole(log: Log) -> None:
    await log.filled(3)
    log.now += timedelta(days=2)
    await log.filled(2)
    assert await log.audit.cut(log.now - timedelta(days=1)) == 3
    assert [row["_id"] for row in await log.audit.entries({})] == [5, 4]
    assert await log.problems() == []
    assert await log.audit.cut(log.now - timedelta(days=1)) == 0
    log.now += timedelta(days=2)
    assert await log.audit.cut(log.now) == 2
    await log.filled(1)
    assert [row["_id"] for row in await log.audit.entries({})] == [6]
    assert await log.problems() == []


async def test_a_head_that_was_cut_by_somebody_else_is_found(log: Log) -> None:
    await log.filled()
    await log.rows.delete_many({"_id": {"$lte": 2}})
    assert await log.problems() == ["entry 1: is missing, and so is every one up to 2"]
    last = await log.rows.find_one({"_id": 3})
    assert last
    forged = vars(End.signed(b"x" * 32, "anchor", 2, last["prev"]))
    await log.ends.insert_one({"_id": "anchor", **forged})
    assert await log.problems() == ["entry 2: is not signed as the end of what was cut"]


async def test_whoever_changed_an_entry_does_not_get_rid_of_it_by_making_it_old(log: Log) -> None:
    await log.filled()
    await log.rows.update_one({"_id": 1}, {"$set": {"at": log.now - timedelta(days=999)}})
    assert await log.audit.cut(log.now - timedelta(days=400)) == 0
    assert await log.problems() == ["entry 1: was changed: its hash does not fit what it says"]


async def test_times_never_go_back_even_where_clocks_do(log: Log) -> None:
    await log.filled(1)
    log.now -= timedelta(hours=1)
    await log.audit.add("kari", "x")
    newest, older = await log.audit.entries({})
    assert newest["at"] == older["at"]
    assert await log.problems() == []


async def test_a_long_log_is_cut_in_parts(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "CUT_AT_ONCE", 2)
    await log.filled(5)
    log.now += timedelta(days=31)
    task = asyncio.create_task(log.audit.kept_for(30))
    while await log.audit.entries({}):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await log.problems() == []
