"""Drift on a real store: whatever would keep a document longer than was promised is found and told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.kit.clock import utc_now
from libs.kit.drift import BATCH, FRESH, GRACE, LOOK, SLACK, Drift
from libs.kit.metrics import exposition
from libs.kit.mongo import Client, Collection, Database, Document, ensure

DAYS_90 = timedelta(days=90)
THINGS = Collection("things", expiring=True, lives=DAYS_90, born="at")
COUNTS = Collection("counts", expiring=False)
LATE = GRACE + timedelta(minutes=1)


@dataclass
class Room:
    """A collection whose drift is watched, and the clock that it is watched by."""

    db: Database
    drift: Drift
    now: datetime = field(default_factory=utc_now)

    async def put(self, *ends: object, **fields: object) -> None:
        """Writes documents as nobody may: without the validator."""
        await self.db.command({"collMod": THINGS.name, "validator": {}})
        rows: list[Document] = [{"expires_at": end} if end else {} for end in ends]
        await self.db[THINGS.name].insert_many([row | fields for row in rows])

    async def left(self) -> int:
        return await self.db[THINGS.name].count_documents({})

    async def reading(self, name: str) -> float:
        (value,) = [told.value for told in await self.drift.readings() if told.name == name]
        return value


@pytest.fixture
async def room(client: Client) -> AsyncIterator[Room]:
    name = f"prat_test_{uuid4().hex[:8]}"
    made = Room(client.get_database(name), Drift(client, lambda: made.now))
    await ensure(made.db, (THINGS, COUNTS))
    yield made
    await client.drop_database(name)


async def test_a_house_as_it_should_be_is_quiet(room: Room) -> None:
    await room.put(room.now + DAYS_90)
    await room.drift.once()
    assert await room.drift.problem() is None
    assert await room.drift.alarm() is None
    assert await room.left() == 1


async def drop(room: Room) -> None:
    await room.db[THINGS.name].drop_index("expires_at")


async def other_seconds(room: Room) -> None:
    await drop(room)
    await room.db[THINGS.name].create_index("expires_at", name="expires_at", expireAfterSeconds=99)


async def no_ttl(room: Room) -> None:
    await drop(room)
    await room.db[THINGS.name].create_index("expires_at", name="expires_at")


async def hide(room: Room) -> None:
    await drop(room)
    await room.db[THINGS.name].create_index(
        "expires_at", name="expires_at", expireAfterSeconds=0, hidden=True
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [(drop, "is missing"), (other_seconds, "differs in its expiry"),
     (no_ttl, "differs in its expiry"), (hide, "is hidden")],
)  # fmt: skip
async def test_a_ttl_index_that_drifts_makes_the_service_unready(
    room: Room, change: Any, said: str
) -> None:
    assert await room.drift.problem() is None
    await change(room)
    assert await room.drift.problem() is None, "the last look is believed for a moment"
    room.now += FRESH
    problem = await room.drift.problem()
    assert problem
    assert said in problem
    assert f"{room.db.name}.things" in problem


@pytest.mark.parametrize(
    "end",
    [None, "2026-05-01T00:00:00Z", 1_800_000_000, 0.5, True, {"at": 1}, ["2026"],
     utc_now() + DAYS_90 + SLACK + timedelta(hours=1), [utc_now() + timedelta(days=1)]],
    ids=str,
)  # fmt: skip
async def test_an_end_that_cannot_be_meant_is_counted_and_told(room: Room, end: object) -> None:
    await room.put(end, room.now + DAYS_90)
    await room.drift.once()
    alarm = await room.drift.alarm()
    assert alarm == f"1 documents of {room.db.name}.things without an end"
    assert await room.reading("endless_documents") == 1
    assert await room.left() == 2


async def test_dates_are_looked_at_every_hour(room: Room) -> None:
    await room.drift.once()
    await room.put(None)
    room.now += LOOK - timedelta(seconds=1)
    await room.drift.once()
    assert await room.reading("endless_documents") == 0
    room.now += timedelta(seconds=1)
    await room.drift.once()
    assert await room.reading("endless_documents") == 1


async def test_what_the_store_leaves_lying_is_deleted_and_told(room: Room) -> None:
    await drop(room)
    now = room.now
    many = [now - LATE] * (BATCH + 1)
    await room.put(*many, now - GRACE + timedelta(minutes=1), now + DAYS_90)
    await room.drift.once()
    assert await room.left() == 2
    assert await room.reading("ttl_lag_seconds") == pytest.approx(LATE.total_seconds(), abs=5)
    alarm = await room.drift.alarm()
    assert alarm
    assert f"{room.db.name}.things swept" in alarm
    await room.drift.once()
    assert await room.drift.alarm() is None


@pytest.mark.parametrize("ahead", [timedelta(hours=24), timedelta(hours=-24)])
async def test_a_wrong_clock_deletes_nothing_early_and_is_told(
    room: Room, ahead: timedelta
) -> None:
    await drop(room)
    ends = utc_now() + timedelta(hours=1) if ahead > timedelta() else utc_now() - timedelta(hours=1)
    await room.put(ends)
    room.now += ahead
    await room.drift.once()
    assert await room.left() == 1
    alarm = await room.drift.alarm()
    assert alarm
    assert "ahead of the store's" in alarm


async def test_the_age_of_the_oldest_is_a_figure_without_content(room: Room) -> None:
    await room.put(room.now + DAYS_90, at=room.now - timedelta(days=7), said="Kari Nordmann")
    await room.put(room.now + DAYS_90, at=room.now - timedelta(days=1))
    await room.drift.once()
    text = exposition(await room.drift.readings()).decode()
    (line,) = [line for line in text.splitlines() if line.startswith("oldest_personal")]
    assert line.startswith(
        f'oldest_personal_record_age_seconds{{collection="{room.db.name}.things"}} '
    )
    assert float(line.split()[-1]) == pytest.approx(timedelta(days=7).total_seconds(), abs=5)
    assert "Kari" not in text
    assert "counts" not in text, "what never expires is not watched"
