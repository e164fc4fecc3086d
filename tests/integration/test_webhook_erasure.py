"""What a shop's help desk was told of a conversation goes with it: on a real store, over real HTTP."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from libs.contracts.case import CaseClosed
from libs.contracts.envelope import Event
from libs.kit.clock import utc_now
from libs.kit.mongo import database
from libs.kit.outbox import Outbox
from services.handoff import ending
from services.handoff.case import Case, Change, Status
from services.handoff.store import CaseStore
from services.handoff.webhook_lanes import LANES
from services.handoff.webhook_store import DELIVERED, DELIVERIES, LAST_KEPT, WAITING
from tests.builders import NoBus
from tests.unit.handoff.builders import erasure_of, waiting_case
from tests.webhook_room import HelpDesk, Room, desk, first_three, head, life_of, room, sending

__all__ = ["desk", "room"]

pytestmark = pytest.mark.connected

NOTHING = dict.fromkeys(("cases", "given", "mentioned", "notes"), 0)


async def rows_of(room: Room, case: Case) -> tuple[int, int]:
    """How many notices and lanes there are of a case's conversation, in whichever state."""
    db = database(room.client, "handoff")
    notices = await db[DELIVERIES.name].count_documents({"conversation_id": case.conversation_id})
    return notices, await db[LANES.name].count_documents({"_id": case.conversation_id})


async def cases_of(room: Room) -> CaseStore:
    outbox = Outbox(database(room.client, "handoff"), NoBus())
    store = CaseStore(room.client, outbox, also=[room.webhooks()])
    await store.prepare()
    return store


async def forgotten(room: Room, case: Case) -> Mapping[str, int]:
    """What handoff says that it deleted; mostly the case itself is long gone."""
    store = await cases_of(room)
    event, said = erasure_of(case), list[Mapping[str, int]]()

    def acknowledge(deleted: dict[str, int]) -> Event:
        said.append(deleted)
        return event.acknowledged("handoff", deleted, utc_now())

    erase = partial(ending.erase, event=event, now=utc_now())
    await store.erase(case.conversation_id, event.event_id, erase, acknowledge)
    return said[-1]


async def gone(room: Room, case: Case) -> None:
    async with asyncio.timeout(20):
        while await rows_of(room, case) != (0, 0):
            await asyncio.sleep(0.02)


async def test_of_an_erased_conversation_only_the_last_word_goes_out_and_nothing_stays(
    room: Room, desk: HelpDesk
) -> None:
    case, other = waiting_case(), waiting_case()
    await room.tell(case, *first_three(case)[:2])
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)] * 2)
    await room.tell(case, first_three(case)[2])
    await room.tell(other, first_three(other)[0])
    assert await forgotten(room, case) == NOTHING | {"cases": 0, "deliveries": 3}
    last = CaseClosed(**head(case, 4), reason="erased", by="erasure", handled_seconds=0)
    await room.tell(case, last)
    (waits,) = [one for one in await room.store.find(None, [WAITING]) if one.is_last]
    async with sending(room.webhooks()):
        await gone(room, case)
        await room.until([(DELIVERED, None)])
    assert len(desk.ids()) == 4
    assert str(last.event_id) in desk.ids()
    assert waits.case_id == str(case.case_id)


async def test_of_a_case_that_was_over_the_help_desk_hears_that_it_is_to_delete_it(
    room: Room, desk: HelpDesk
) -> None:
    over = replace(waiting_case(), status=Status.CLOSED, closed_reason="solved", version=3)
    store = await cases_of(room)
    await store.add(over, over.request_id, lambda case, _waiting: Change(case, ()))
    await room.tell(over, *first_three(over))
    async with sending(room.webhooks()):
        await room.until([(DELIVERED, None)] * 3)
        assert await forgotten(room, over) == NOTHING | {"cases": 1, "deliveries": 3}
        await gone(room, over)
    body = json.loads(desk.requests[-1].body)
    assert (body["type"], body["data"]["case_id"]) == ("case.erased", str(over.case_id))
    assert body["data"]["version"] == 4
    assert len(desk.ids()) == 4


async def test_a_lane_of_an_erased_conversation_goes_although_its_help_desk_is_silent(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    (told,) = await room.tell(case, life_of(case)[0])
    desk.status = {told: 500}
    async with sending(room.webhooks()):
        await room.settled()
        assert await rows_of(room, case) == (1, 1)
        assert await forgotten(room, case) == NOTHING | {"cases": 0, "deliveries": 1}
        await gone(room, case)


async def test_a_last_word_that_nobody_takes_waits_for_a_week_at_most(
    room: Room, desk: HelpDesk
) -> None:
    case = waiting_case()
    await room.tell(
        case, CaseClosed(**head(case, 4), reason="erased", by="erasure", handled_seconds=0)
    )
    (waits,) = await room.store.find(None, [WAITING])
    room.clock[0] += LAST_KEPT - timedelta(minutes=1)
    assert await room.store.get(waits.number)
    room.clock[0] += timedelta(minutes=2)
    assert await room.store.get(waits.number) is None
