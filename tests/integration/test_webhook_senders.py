"""Several processes send case webhooks, and some are killed: in order, at least once."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from libs.kit.content import Packs
from libs.kit.mongo import Session, database, in_transaction
from services.handoff.case import Case
from services.handoff.webhook_lanes import LANES, LEASE
from services.handoff.webhook_store import (
    DELIVERED,
    WAITING,
)
from services.handoff.webhooks import Webhooks, case_urls
from tests.builders import pack
from tests.unit.handoff.builders import waiting_case
from tests.unit.nlu.kitchen import shop_server
from tests.webhook_room import (
    PATIENCE,
    HelpDesk,
    Room,
    desk,
    first_three,
    life_of,
    only,
    room,
    sending,
    sent_by_case,
)

SENDER = Path(__file__).parents[1] / "fixtures" / "webhook_sender.py"

__all__ = ["desk", "room"]

pytestmark = pytest.mark.connected


async def test_two_processes_send_everything_once_and_in_order(room: Room, desk: HelpDesk) -> None:
    cases = [waiting_case() for _ in range(12)]
    ids = {case.case_id: await room.tell(case, *first_three(case)) for case in cases}
    async with sending(room.webhooks(), room.webhooks()):
        await room.until([(DELIVERED, None)] * 36)
        async with asyncio.timeout(PATIENCE):
            while await database(room.client, "handoff")[LANES.name].count_documents({}):
                await asyncio.sleep(0.02)
    assert sent_by_case(desk) == ids


async def test_a_help_desk_that_hangs_does_not_keep_another_shop_waiting(room: Room) -> None:
    hanging, quick = HelpDesk(), HelpDesk()
    quick.gate.set()
    slow = [waiting_case() for _ in range(20)]
    case = waiting_case(merchant_id="havsro")
    async with (
        shop_server(hanging.respond) as (slow_url, _),
        shop_server(quick.respond) as (quick_url, _),
    ):
        packs = Packs(
            pack("fjellbekk", case_webhook_url=slow_url), pack("havsro", case_webhook_url=quick_url)
        )
        sender = Webhooks(
            room.store, room.outbound(), case_urls(packs), room.secret, console_url=""
        )

        async def work(session: Session) -> None:
            for one in (*slow, case):
                await sender.tell(session, one, life_of(one)[:1])

        await in_transaction(room.client, work)
        async with sending(sender):
            await quick.until(1)
            assert len(hanging.requests) <= 4
        hanging.gate.set()


async def test_kill_nine_in_the_middle_loses_nothing_and_repeats_under_the_same_id(
    room: Room, desk: HelpDesk, house_env: Mapping[str, str]
) -> None:
    case = waiting_case()
    ids = await room.tell(case, *first_three(case))
    desk.gate.clear()
    process = await sender_process(room.url, house_env)
    await desk.until(1)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert [state for state, _ in await room.states()] == [WAITING] * 3
    desk.gate.set()
    process = await sender_process(room.url, house_env)
    try:
        await room.until([(DELIVERED, None)] * 3)
    finally:
        process.kill()
        await process.wait()
    assert desk.ids() == [ids[0], *ids]


async def test_the_lease_of_a_killed_process_ends(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    (due,) = await room.store.lanes.due([], 1)
    assert await room.store.lanes.claim("killed", due) is not None
    assert await room.store.lanes.claim("other", due) is None
    room.clock[0] = LEASE + timedelta(seconds=1)
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)])


async def test_whoever_has_lost_the_lease_sends_no_more(room: Room, desk: HelpDesk) -> None:
    case = waiting_case()
    first, second = await room.tell(case, *first_three(case)[:2])
    desk.gate.clear()
    async with sending(room.webhooks()):
        await desk.until(1)
        room.clock[0] = LEASE + timedelta(seconds=1)
        async with sending(room.webhooks()):
            await desk.until(2)
            desk.gate.set()
            await room.until([(DELIVERED, None)] * 2)
    assert desk.ids() == [first, first, second]


async def test_what_comes_while_a_lane_is_finished_is_not_left_behind(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(case, life_of(case)[0])
    (due,) = await room.store.lanes.due([], 1)
    lane = await room.store.lanes.claim("me", due)
    assert lane is not None
    await room.store.note(await only(room), DELIVERED)
    assert await room.store.waiting(lane) == []
    (late,) = await room.tell(case, first_three(case)[1])
    assert not await room.store.lanes.finish(lane)
    renewed = await room.store.lanes.renew(lane)
    assert renewed is not None
    assert renewed.came == lane.came + 1
    await room.store.lanes.release("me")
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)] * 2)
    assert desk.ids() == [late]


async def test_cases_go_on_while_they_are_told(room: Room, desk: HelpDesk) -> None:
    cases = [waiting_case() for _ in range(4)]
    ids: dict[UUID, list[str]] = {case.case_id: [] for case in cases}

    async def go_on(case: Case) -> None:
        for _ in range(8):
            ids[case.case_id] += await room.tell(case, *first_three(case))

    async with sending(room.webhooks(), room.webhooks()):
        await asyncio.gather(*(go_on(case) for case in cases))
        await room.until([(DELIVERED, None)] * 96)
    assert sent_by_case(desk) == ids


async def test_it_stops_at_once_however_much_is_going_on(room: Room, desk: HelpDesk) -> None:
    for number in range(15):
        cases = [waiting_case() for _ in range(3)]
        ids = [told for case in cases for told in await room.tell(case, *first_three(case))]
        # Named: a lease that was renewed at the very end is taken up again by the next one.
        task = asyncio.create_task(room.webhooks(owner="1").deliver())
        await desk.until(len(desk.requests) + 1 + number % 9)
        task.cancel()
        done, _pending = await asyncio.wait([task], timeout=PATIENCE)
        assert done, "it did not hear that it was to stop"
    async with sending(room.webhooks(owner="1")):
        await room.until([(DELIVERED, None)] * 15 * 9)
    assert {*desk.ids()} >= {*ids}


async def sender_process(url: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    root = SENDER.parents[2]
    return await asyncio.create_subprocess_exec(
        sys.executable, str(SENDER), url, env={**os.environ, **env, "PYTHONPATH": str(root)}
    )
