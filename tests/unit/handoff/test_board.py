"""The lists are read once for all who ask at the same time, and never older than what was told."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from libs.kit.content import Packs
from services.handoff.board import FRESH_SECONDS, Board, Boards
from services.handoff.case import Case
from services.handoff.notices import Notices
from services.handoff.presence import Presence
from services.handoff.rights import Agent, Grant
from services.handoff.showing import Known, Showing
from services.handoff.store import CaseStore
from tests.builders import NOW, pack
from tests.unit.handoff.builders import waiting_case

CONTENT = Packs(pack(), pack("havsro"))
KARI = Agent("kari", "Kari", (Grant("fjellbekk"),))
PER = Agent("per", "Per", (Grant("fjellbekk", skills=frozenset({"general"})),))


class Shelf:
    """A store whose reading lasts until it is let go on."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.content = CONTENT

    async def waiting(self, merchants: Iterable[str]) -> list[Case]:
        self.reads += 1
        found = [*self.cases]
        await self.gate.wait()
        return found

    async def filed(self, merchants: Iterable[str]) -> list[Case]:
        return []

    async def known(self) -> Known:
        return Known(CONTENT, {}, (), NOW)


def boards(shelf: Shelf, notices: Notices, clock: list[float]) -> Boards:
    store, showing = cast(CaseStore, shelf), cast(Showing, shelf)
    return Boards(store, showing, notices, lambda: clock[0])


def listed(board: Board, agent: Agent) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(board.lists_for(agent)[0])
    return found


async def test_who_asks_at_the_same_time_gets_one_reading() -> None:
    shelf, notices = Shelf(), Notices()
    desk = boards(shelf, notices, [0.0])
    shelf.gate.clear()
    asked = [asyncio.create_task(desk.newest()) for _ in range(50)]
    await asyncio.sleep(0)
    shelf.gate.set()
    assert len({id(board) for board in await asyncio.gather(*asked)}) == 1
    assert shelf.reads == 1


async def test_what_was_told_before_the_question_is_in_the_answer() -> None:
    shelf, notices, case = Shelf(), Notices(), waiting_case()
    desk = boards(shelf, notices, [0.0])
    shelf.gate.clear()
    early = asyncio.create_task(desk.newest())
    await asyncio.sleep(0)
    shelf.cases.append(case)
    notices.queue_changed(case)
    late = asyncio.create_task(desk.newest())
    await asyncio.sleep(0)
    shelf.gate.set()
    assert listed(await early, KARI) == []
    assert [one["case_id"] for one in listed(await late, KARI)] == [str(case.case_id)]


async def test_that_a_visitor_is_typing_changes_no_list() -> None:
    shelf, notices = Shelf(), Notices()
    desk = boards(shelf, notices, [0.0])
    await desk.newest()
    notices.typing(waiting_case())
    await desk.newest()
    assert shelf.reads == 1


async def test_what_other_processes_change_is_seen_soon() -> None:
    shelf, clock = Shelf(), [0.0]
    desk = boards(shelf, Notices(), clock)
    await desk.newest()
    clock[0] = FRESH_SECONDS
    await desk.newest()
    assert shelf.reads == 2


def test_each_agent_sees_the_own_cases_only_and_who_else_looks() -> None:
    delivery = waiting_case()
    general = replace(waiting_case(1), skill="general")
    foreign = replace(waiting_case(2), merchant_id="havsro")
    looking = Presence(
        "per", "Per", {}, NOW, looking_at=str(delivery.case_id), looked_at=NOW
    )  # fmt: skip
    known = Known(CONTENT, {}, (looking,), NOW)
    places = {delivery.case_id: 1, general.case_id: 1, foreign.case_id: 1}
    board = Board([delivery, general, foreign], [], known, places)
    everything = Agent("ida", "Ida", (Grant("fjellbekk"), Grant("havsro")))
    supervisor = Agent("per", "Per", (Grant("fjellbekk"),))
    for _ in range(2):
        assert [one["skill"] for one in listed(board, PER)] == ["general"]
        assert [one["watchers"] for one in listed(board, everything)] == [["Per"], [], []]
        assert [one["watchers"] for one in listed(board, supervisor)] == [[], []]
        assert [one["position"] for one in listed(board, KARI)] == [1, 1]
