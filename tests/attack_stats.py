"""An attack on the statistics: planted rare questions are looked for through the public interface.

`python -m tests.attack_stats` (`make attack-stats`) runs analytics as a process of its own, twice: as it is,
where nothing may be found, and with k = 1, where the same attack must find every plant.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from deploy.local.places import Places
from deploy.local.ports import Ports
from deploy.local.secrets import create_secrets, statistics_token
from deploy.local.stack import Stack
from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.content import USUAL_K, PackPublished
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.mongo import Client, connect, database
from libs.kit.service import run
from libs.kit.settings import CommonSettings
from services.analytics.app import build
from tests.builders import conversation_id, intake_topic, pack, sealed

SHOP, ZONE = "fjellbekk", ZoneInfo("Europe/Oslo")
USUAL, RARE = ("track_parcel", "payment_methods"), ("lost_child", "rash_from_wool", "gift_for_ex")
WEEKS_BACK, DAYS_ASKED = 5, 24
DAY = timedelta(days=1)
LIVE = 25
"""Chats of today, each looked at before and after."""


@dataclass(frozen=True)
class Plant:
    """So many chats of one day asked something rare."""

    topic: str
    day: date
    n: int


@dataclass
class Loot:
    """What the attack has asked and worked out: small figures of single topics, and how."""

    k: int
    asked: int = 0
    found: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, what: str, where: str, n: int) -> None:
        """Keeps a figure that k or more do not share."""
        if 0 < n < self.k:
            self.found[what, where] = n


@dataclass
class House:
    """Analytics as a process, the bus that it reads, and the door that anybody with a token has."""

    bus: Bus
    client: Client
    page: httpx.AsyncClient
    chats: int = 0

    async def chat(self, topic: str, at: datetime) -> None:
        """A conversation of one question."""
        turn = ReplyComposed(
            event_id=uuid4(), merchant_id=SHOP, conversation_id=conversation_id(), occurred_at=at,
            intent=topic, language="nb", outcome=Outcome.ANSWERED, confidence=0.9,
            pack_version="attack", message=sealed(),
        )  # fmt: skip
        await self.bus.publish(turn)
        self.chats += 1

    async def until_counted(self) -> None:
        """Returns when all chats are counted: the attacker is patient."""
        months = {"_id": {"$regex": r"\|month\|chats\|begun$"}}
        async with asyncio.timeout(60):
            while True:
                rows = database(self.client, "analytics")["counts"].find(months)
                if sum([row["n"] async for row in rows]) >= self.chats:
                    return
                await asyncio.sleep(0.05)

    async def figures(self, loot: Loot, first: date, last: date) -> Counter[str]:
        """What the interface says of a range: topics, and chats in all; its steps are looked at, too."""
        loot.asked += 1
        query = {"from": first.isoformat(), "to": last.isoformat()}
        answer = (await self.page.get("/api/statistics", params=query)).raise_for_status().json()
        whole = figures_of({row["topic"]: row["n"] for row in answer["topics"]}, answer["totals"])
        rows = answer["steps"]["rows"]
        steps = {(row["from"], row["to"]): figures_of(row["topics"], row) for row in rows}
        for (begins, ends), step in steps.items():
            look(loot, step, begins if begins == ends else f"{begins}..{ends}")
        look(loot, difference(whole, sum(steps.values(), Counter())), f"{first}..{last} less steps")
        return whole


def figures_of(topics: Mapping[str, int], totals: Mapping[str, int | None]) -> Counter[str]:
    """The topics that are named, and the chats in all."""
    named = {topic: n for topic, n in topics.items() if topic != "other"}
    return Counter(named | {"chats": totals["chats"] or 0})


def plants(today: date) -> list[Plant]:
    """Rare questions on days of different weeks; the last on a day on which little else was asked."""
    return [
        Plant(RARE[0], today - timedelta(days=9), 3),
        Plant(RARE[1], today - timedelta(days=4), 1),
        Plant(RARE[1], today - timedelta(days=16), 2),
        Plant(RARE[2], today - timedelta(days=12), 1),
    ]


async def fill(house: House, today: date) -> None:
    """Five weeks of usual questions, more on some days than on others, and the plants."""
    for back in range(1, 7 * WEEKS_BACK):
        day = today - timedelta(days=back)
        asked = [
            topic
            for number, topic in enumerate(USUAL)
            for _ in range(12 + (back * 7 + number * 5) % 9)
        ]
        await asyncio.gather(*(house.chat(topic, noon(day)) for topic in asked))
    for plant in plants(today):
        for _ in range(plant.n):
            await house.chat(plant.topic, noon(plant.day))
    await house.until_counted()


def noon(day: date) -> datetime:
    """A moment of a day of the shop."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


async def subtract_ranges(house: House, loot: Loot, today: date) -> None:
    """Asks for every range of days, and subtracts each from those that hold one day more, or less."""
    days = [today - timedelta(days=back) for back in range(DAYS_ASKED, 0, -1)]
    known = {
        (first, last): await house.figures(loot, first, last)
        for first, last in [*combinations(days, 2), *((day, day) for day in days)]
    }
    for (first, last), figures in known.items():
        look(loot, figures, f"{first}..{last}")
        for day, smaller in ((last, (first, last - DAY)), (first, (first + DAY, last))):
            if smaller in known:
                look(loot, difference(figures, known[smaller]), day.isoformat())
        parts = [known[day, day] for day in days if first <= day <= last]
        look(loot, difference(figures, sum(parts, Counter())), f"{first}..{last} less its days")


def difference(one: Counter[str], other: Counter[str]) -> Counter[str]:
    """What one range says more than another."""
    return Counter({name: one[name] - other[name] for name in {*one, *other}})


def look(loot: Loot, figures: Counter[str], where: str) -> None:
    """Small figures of topics, and what the known topics leave of the chats."""
    for topic in (*USUAL, *RARE):
        loot.note(topic, where, figures[topic])
    named = sum(figures[topic] for topic in (*USUAL, *RARE))
    loot.note("the topics that are not shown", where, figures["chats"] - named)


async def watch_today(house: House, loot: Loot, today: date) -> None:
    """Looks before and after every single chat of today: what moves is of who just came."""
    before = await house.figures(loot, today, today)
    for number in range(LIVE):
        topic = RARE[2] if number % 8 == 7 else USUAL[number % 2]
        await house.chat(topic, utc_now())
        await house.until_counted()
        now = await house.figures(loot, today, today)
        look(loot, difference(now, before), f"today, chat {number}")
        before = now


def recovered(loot: Loot, today: date) -> list[Plant]:
    """The plants whose topic, day and number the attacker now knows."""
    return [
        plant
        for plant in plants(today)
        if loot.found.get((plant.topic, plant.day.isoformat())) == plant.n
    ]


@asynccontextmanager
async def serving(stack: Stack, places: Places, k: int) -> AsyncIterator[House]:
    """Analytics with this k, with nothing counted yet."""
    port = str(Ports().any())
    os.environ["PRAT_ANALYTICS_PUBLIC_PORT"] = port
    os.environ["PRAT_ANALYTICS_INTERNAL_PORT"] = str(Ports().any())
    settings, client = CommonSettings(), connect(stack.store.url)
    await client.drop_database("prat_analytics")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.attack_stats", "--serve", str(k),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    bus = Bus(settings, "nlu")
    await bus.start()
    token = statistics_token(places.secrets, SHOP)
    page = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", params={"merchant": SHOP}, timeout=30,
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip
    try:
        yield House(bus, client, page)
    finally:
        process.terminate()
        await process.wait()
        await page.aclose()
        await bus.stop()
        client.close()


async def attack(stack: Stack, places: Places, k: int) -> tuple[Loot, list[Plant]]:
    """Everything that is tried against analytics with this k."""
    today, loot = utc_now().astimezone(ZONE).date(), Loot(USUAL_K)
    async with serving(stack, places, k) as house:
        await fill(house, today)
        await subtract_ranges(house, loot, today)
        await watch_today(house, loot, today)
    return loot, recovered(loot, today)


async def main() -> int:
    """Attacks both; 0 when suppression leaves nothing and its absence leaves everything."""
    os.environ.setdefault("PRAT_BROKER", "light")
    with tempfile.TemporaryDirectory() as folder:
        places = Places.at(Path(folder))
        places.create()
        create_secrets(places.secrets, (SHOP,))
        stack = Stack(places)
        await stack.start()
        os.environ |= {**stack.env, "PRAT_SECRETS_DIR": str(places.secrets)}
        try:
            closed = await attack(stack, places, USUAL_K)
            opened = await attack(stack, places, 1)
        finally:
            await stack.stop()
    planted = plants(utc_now().astimezone(ZONE).date())
    tell(f"k = {USUAL_K}", *closed, planted)
    tell("k = 1 (suppression off)", *opened, planted)
    is_safe, is_able = not closed[0].found and not closed[1], len(opened[1]) == len(planted)
    sys.stdout.write(
        f"{'safe' if is_safe else 'NOT SAFE'}; {'' if is_able else 'NOT '}able to find\n"
    )
    return int(not (is_safe and is_able))


def tell(title: str, loot: Loot, found: list[Plant], planted: Iterable[Plant]) -> None:
    """What was tried and what it gave."""
    sys.stdout.write(
        f"{title}: {loot.asked} questions to the interface, every range of {DAYS_ASKED} days subtracted "
        f"from its neighbours and its days, {LIVE} chats watched one by one\n"
        f"  figures of fewer than {loot.k} worked out: {len(loot.found)}\n"
    )
    for (what, where), n in sorted(loot.found.items())[:5]:
        sys.stdout.write(f"    {what}, {where}: {n}\n")
    for plant in planted:
        word = "FOUND" if plant in found else "not found"
        sys.stdout.write(f"  planted {plant.topic} × {plant.n} on {plant.day}: {word}\n")


def served(k: int) -> PackPublished:
    """The shop's content, with a k that no file may have."""
    content = pack(SHOP)
    topics = tuple(intake_topic(key) for key in (*USUAL, *RARE))
    changes: dict[str, Any] = {"statistics_k": k}
    merchant = content.merchant.model_copy(update=changes)
    return content.model_copy(update={"merchant": merchant, "topics": topics})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        run(lambda: build(content=Packs(served(int(sys.argv[2])))))
    sys.exit(asyncio.run(main()))
