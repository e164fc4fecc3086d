"""Cases in another help desk: mirrored from the real bus, and told to the demo shop by webhook."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.demo.helpdesk.consumer import follow
from deploy.demo.helpdesk.mirror import Mirror
from deploy.demo.runner import DemoHouse
from libs.contracts.case import CaseAssigned, CaseClosed, CaseQueued
from libs.contracts.sealed import Purpose
from libs.kit.bus import Bus
from libs.kit.settings import CommonSettings
from services.handoff.case import Case
from tests.builders import NOW, sealed
from tests.unit.handoff.builders import waiting_case
from tests.visitor import Visitor

pytestmark = pytest.mark.connected

PATIENCE = 60.0


@asynccontextmanager
async def following(env: Mapping[str, str], mirror: Mirror, group: str) -> AsyncIterator[None]:
    task = asyncio.create_task(follow(env["KAFKA_BOOTSTRAP"], mirror, group))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def life_of(case: Case) -> list[CaseQueued | CaseAssigned | CaseClosed]:
    heads = [
        {
            "event_id": uuid4(), "merchant_id": case.merchant_id, "occurred_at": NOW,
            "conversation_id": case.conversation_id, "case_id": case.case_id, "version": version,
        }
        for version in (1, 2, 3)
    ]  # fmt: skip
    return [
        CaseQueued(**heads[0], skill="general", topic="x", position=1, open_now=True),
        CaseAssigned(**heads[1], agent=sealed(Purpose.CASE), waited_seconds=1),
        CaseClosed(**heads[2], reason="solved", handled_seconds=2),
    ]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.05)


async def test_a_mirror_follows_the_bus_and_goes_on_where_it_stopped(
    house_env: Mapping[str, str], tmp_path: Path
) -> None:
    mirror, group = Mirror(tmp_path / "cases.sqlite3"), f"helpdesk-{uuid4().hex}"
    case = waiting_case()
    queued, assigned, closed = life_of(case)
    bus = Bus(CommonSettings(), "handoff")
    await bus.start()

    def status(case_id: UUID) -> str | None:
        return next((one.status for one in mirror.cases() if one.case_id == case_id), None)

    try:
        async with following(house_env, mirror, group):
            for event in (queued, queued, assigned):
                await bus.publish(event)
            await until(lambda: status(case.case_id) == "assigned")
        await bus.publish(closed)
        async with following(house_env, mirror, group):
            await until(lambda: status(case.case_id) == "closed")
    finally:
        await bus.stop()


async def test_a_shop_hears_of_its_visitors_cases_and_that_one_is_erased(
    demo_house: DemoHouse,
) -> None:
    shop = demo_house.layout.url("havsro")
    async with (
        httpx.AsyncClient() as browser,
        Visitor(demo_house.layout.url("gateway"), shop, "havsro") as visitor,
    ):
        await visitor.until(lambda me: me.owner)
        await visitor.ask_for_person("track_parcel", order_number="20735524")
        async with asyncio.timeout(PATIENCE):
            while "<td>track_parcel</td>" not in (await browser.get(f"{shop}/helpdesk")).text:
                await asyncio.sleep(0.1)
            await visitor.call("DELETE", f"/v1/conversations/{visitor.conversation_id}")
            while "<td>erased</td>" not in (page := await browser.get(f"{shop}/helpdesk")).text:
                await asyncio.sleep(0.1)
    assert "track_parcel" not in page.text
