"""What a visitor may do while people are there: leave the queue, type, rate; and what is refused."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from libs.contracts.case import AgentTyping, StaffingChanged, WaitRange
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import CaseRated, HandoffCancelled, HandoffRequested, VisitorTyping
from libs.kit.content import Packs
from libs.kit.errors import Unavailable
from libs.kit.staffing import StaffingTable
from libs.privacy.keys import KeyRing
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.door import Door
from services.gateway.handlers import TYPING_SECONDS, GatewayHandlers
from services.gateway.history import Edge
from services.gateway.screen import Screen
from services.gateway.sessions import TRY_AGAIN, LiveSockets
from services.gateway.settings import GatewaySettings
from services.gateway.stretches import is_human_at
from services.gateway.visit import Visit
from tests.builders import NOW, conversation_id, pack
from tests.unit.analytics.fakes import MemoryKeys
from tests.unit.gateway.memory import MemorySessions, NoPeers, OpenRing, Tab
from tests.unit.nlu.kitchen import MemoryBus

Frame = dict[str, Any]

CASE = uuid4()
CLOSED = Ownership(case_id=CASE, version=3, asks_rating=True)


class Tabbed:
    """A visitor with a tab, and a door with real rules."""

    def __init__(self, ownership: Ownership) -> None:
        session = Session(conversation_id(), "fjellbekk", "nb", b"", NOW, ownership)
        self.id = session.conversation_id
        self.bus, self.store, self.sockets = MemoryBus(), MemorySessions(session), LiveSockets()
        ring = KeyRing(MemoryKeys(), dict.fromkeys(Purpose, b"k" * 32))
        self.staffing = StaffingTable()
        self.door = Door(
            GatewaySettings(), self.bus, cast("Any", self.store), ring, Packs(pack()),
            self.staffing, cast("Any", None), lambda: NOW,
        )  # fmt: skip
        self.screen = Screen(self.sockets, cast("Any", OpenRing()), cast("Any", self.store))
        self.edge = Edge(self.door, self.sockets, self.screen, cast("Any", NoPeers()))
        self.tab, self.other = Tab(session), Tab(session)
        for tab in (self.tab, self.other):
            self.sockets.add(tab)
        self.visit = Visit(self.edge, cast("Any", None), self.tab, 0)

    async def sends(self, *frames: Frame) -> None:
        """The tab sends frames, one behind the other."""
        texts: list[Frame] = [
            {"type": "websocket.receive", "text": json.dumps(frame)} for frame in frames
        ]
        asked = iter([*texts, {"type": "websocket.disconnect"}])

        async def receive() -> Frame:
            await asyncio.sleep(0)
            return next(asked)

        self.visit._wire = cast("Any", SimpleNamespace(receive=receive))
        await self.visit._read()
        if self.visit._told_typing:
            await self.visit._told_typing

    def said(self, kind: type[Event]) -> list[Any]:
        """The events of one type that were published."""
        return [event for event in self.bus.events if isinstance(event, kind)]

    def codes(self) -> list[str]:
        """The errors that the tab was told of."""
        return [frame["code"] for frame in self.tab.of("error")]


def leave() -> Frame:
    return {"type": "leave_queue", "client_id": str(uuid4())}


def rate(score: int | None, case_id: UUID = CASE) -> Frame:
    ids = {"client_id": str(uuid4()), "case_id": str(case_id)}
    return {"type": "rate", "score": score} | ids


@pytest.mark.parametrize("owner", [Owner.QUEUE, Owner.FILED])
async def test_who_waits_may_leave_and_a_resend_is_the_same_wish(owner: Owner) -> None:
    me, wish = Tabbed(Ownership(owner)), leave()
    await me.sends(wish, wish)
    first, second = me.said(HandoffCancelled)
    assert first.event_id == second.event_id
    assert [frame["client_id"] for frame in me.tab.of("accepted")] == [wish["client_id"]] * 2
    assert me.tab.session.ownership.owner is owner, "handoff decides, not the gateway"


@pytest.mark.parametrize("owner", [Owner.BOT, Owner.AGENT])
async def test_who_does_not_wait_cannot_leave(owner: Owner) -> None:
    me = Tabbed(Ownership(owner))
    await me.sends(leave())
    assert me.codes() == ["not_waiting"]
    assert not me.bus.events


async def test_typing_is_told_once_in_a_while_and_only_to_an_agent() -> None:
    for owner, times in ((Owner.AGENT, 1), (Owner.QUEUE, 0), (Owner.FILED, 0), (Owner.BOT, 0)):
        me = Tabbed(Ownership(owner))
        await me.sends(*({"type": "typing"} for _ in range(5)))
        assert len(me.said(VisitorTyping)) == times
        assert me.tab.got == []


async def test_typing_that_does_not_get_through_disturbs_nobody() -> None:
    me = Tabbed(Ownership(Owner.AGENT))
    me.bus.error = Unavailable("broker")
    await me.sends({"type": "typing"})
    assert me.tab.got == []


async def test_a_closed_case_is_rated_once_and_every_tab_stops_asking() -> None:
    me, first = Tabbed(CLOSED), rate(4)
    await me.sends(first, rate(1))
    (event,) = me.said(CaseRated)
    assert (event.score, event.case_id) == (4, CASE)
    assert me.codes() == ["nothing_to_rate"]
    for tab in (me.tab, me.other):
        assert [frame["rate"] for frame in tab.of("owner")] == [False]


async def test_a_rating_that_did_not_get_through_is_sent_again() -> None:
    me, first = Tabbed(CLOSED), rate(5)
    me.bus.error = Unavailable("broker")
    await me.sends(first)
    assert me.codes() == ["try_again"]
    assert {"type": "close", "code": TRY_AGAIN} in me.tab.got
    again = Tabbed(CLOSED)
    again.store, again.bus = me.store, me.bus
    again.door.store, again.door.bus = cast("Any", me.store), me.bus
    again.tab.session = me.tab.session
    await again.sends(first)
    assert [event.score for event in me.said(CaseRated)] == [5]


@pytest.mark.parametrize(
    ("ownership", "case_id"),
    [
        (CLOSED, uuid4()), (replace(CLOSED, asks_rating=False), CASE), (Ownership(), CASE),
        (Ownership(Owner.AGENT, CASE, 2), CASE), (Ownership(Owner.QUEUE, CASE, 1), CASE),
    ],
)  # fmt: skip
async def test_only_the_own_closed_case_is_rated(ownership: Ownership, case_id: UUID) -> None:
    me = Tabbed(ownership)
    await me.sends(rate(3, case_id))
    assert me.codes() == ["nothing_to_rate"]
    assert not me.bus.events


async def test_who_does_not_want_to_rate_is_not_asked_again_and_nothing_is_said() -> None:
    me = Tabbed(CLOSED)
    await me.sends(rate(None), rate(5))
    assert not me.bus.events
    assert me.codes() == ["nothing_to_rate"]


async def test_wishes_are_slowed_like_messages() -> None:
    me = Tabbed(Ownership(Owner.QUEUE))
    await me.sends(*(leave() for _ in range(30)))
    assert "too_fast" in me.codes()
    assert len(me.said(HandoffCancelled)) < 30


def form() -> Frame:
    fields = {"order_number": "10482217"}
    ids = {"client_id": str(uuid4()), "topic": "track_parcel", "locale": "nb"}
    return {"type": "handoff", "fields": fields} | ids


async def test_from_the_request_on_people_own_the_conversation_in_every_tab() -> None:
    me = Tabbed(Ownership())
    await me.sends(form())
    (event,) = me.said(HandoffRequested)
    for marks in (me.store.kept[me.id].marks, me.other.session.marks):
        assert is_human_at(marks, event.occurred_at)
        assert not is_human_at(marks, event.occurred_at - timedelta(milliseconds=1))


async def test_a_request_that_did_not_get_through_does_not_silence_the_bot() -> None:
    me = Tabbed(Ownership())
    me.bus.error = Unavailable("broker")
    await me.sends(form())
    assert me.codes() == ["try_again"]
    assert me.sockets.marks(me.id) == me.store.kept[me.id].marks == ()


@pytest.mark.parametrize(
    ("online", "owner"), [(None, "queue"), ({"delivery": 1}, "queue"), ({"delivery": 0}, "filed")]
)
async def test_a_form_leads_to_a_queue_only_where_somebody_is_there(
    online: dict[str, int] | None, owner: str
) -> None:
    me = Tabbed(Ownership())
    if online is not None:
        me.staffing.put(
            StaffingChanged(
                event_id=uuid4(), merchant_id="fjellbekk", occurred_at=NOW, online=online
            )
        )
    await me.sends(form())
    assert [frame["owner"] for frame in me.tab.of("owner")] == [owner]


async def test_an_agent_who_writes_is_shown_while_it_is_true_and_the_case_is_the_agents() -> None:
    me = Tabbed(Ownership(Owner.AGENT, CASE, 2))
    peers: Any = NoPeers()
    handlers = GatewayHandlers(me.bus, cast("Any", me.store), me.screen, peers, lambda: NOW)
    head = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": me.id,
        "occurred_at": NOW, "case_id": CASE, "version": 2,
    }  # fmt: skip
    old = {"occurred_at": NOW - timedelta(seconds=TYPING_SECONDS)}
    for changes in ({}, old, {"case_id": uuid4()}):
        await handlers.agent_typing(AgentTyping.model_validate(head | changes))
    assert me.tab.got == [{"type": "typing", "author": "agent"}]


async def test_a_waiting_visitor_is_told_of_everything_that_is_known() -> None:
    wait = WaitRange(low_seconds=120, high_seconds=300)
    me = Tabbed(Ownership(Owner.QUEUE, CASE, 1, position=2, wait=wait))
    me.screen.tell_owner(me.id, me.tab.session.ownership, None)
    assert me.tab.got == [{
        "type": "owner", "owner": "queue", "position": 2, "open_now": True, "opens_at": None,
        "wait": {"low_seconds": 120, "high_seconds": 300}, "agent": None, "case_id": str(CASE),
        "rate": False,
    }]  # fmt: skip
