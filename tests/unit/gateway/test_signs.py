"""Visitors who wait are said to be there: once in a while, at once when they come back, nobody else."""

from dataclasses import replace

import pytest

from libs.contracts.visitor import VisitorSeen
from libs.kit.errors import Unavailable
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.sessions import LiveSockets
from services.gateway.signs import Signs
from tests.builders import NOW, conversation_id
from tests.unit.gateway.memory import Tab


class Heard:
    """A bus that remembers what was said on it, or cannot be reached."""

    def __init__(self) -> None:
        self.events: list[VisitorSeen] = []
        self.is_away = False

    async def publish(self, event: object) -> None:
        if self.is_away:
            raise Unavailable("broker")
        assert isinstance(event, VisitorSeen)
        self.events.append(event)


def tab(owner: Owner = Owner.QUEUE) -> Tab:
    return Tab(Session(conversation_id(), "fjellbekk", "nb", b"", NOW, Ownership(owner)))


def giving(*tabs: Tab) -> tuple[Signs, Heard]:
    sockets, bus = LiveSockets(), Heard()
    for one in tabs:
        sockets.add(one)
    return Signs(sockets, bus, 45.0, lambda: NOW), bus


async def test_only_who_stands_in_a_queue_is_told_of_and_once_for_all_tabs() -> None:
    waiting = tab()
    second = Tab(waiting.session)
    others = (tab(Owner.BOT), tab(Owner.AGENT), tab(Owner.FILED))
    signs, bus = giving(waiting, second, *others)
    await signs.round(0.0)
    assert [event.conversation_id for event in bus.events] == [waiting.session.conversation_id]


async def test_a_sign_is_repeated_when_the_last_one_is_old() -> None:
    signs, bus = giving(tab())
    for moment in (0.0, 5.0, 44.0, 45.0, 60.0, 90.0):
        await signs.round(moment)
    assert len(bus.events) == 3
    assert len({event.event_id for event in bus.events}) == 3


async def test_who_comes_back_is_told_of_at_once() -> None:
    waiting = tab()
    signs, bus = giving(waiting)
    await signs.round(0.0)
    signs.sockets.opened.clear()
    signs.sockets.remove(waiting)
    await signs.round(5.0)
    assert len(bus.events) == 1
    signs.sockets.add(waiting)
    assert signs.sockets.opened.is_set()
    await signs.round(6.0)
    assert len(bus.events) == 2


async def test_who_enters_the_queue_later_is_told_of_then() -> None:
    visitor = tab(Owner.BOT)
    signs, bus = giving(visitor)
    await signs.round(0.0)
    visitor.session = replace(visitor.session, ownership=Ownership(Owner.QUEUE))
    await signs.round(5.0)
    assert len(bus.events) == 1


async def test_what_does_not_get_through_is_said_at_the_next_round() -> None:
    signs, bus = giving(tab())
    bus.is_away = True
    with pytest.raises(Unavailable):
        await signs.round(0.0)
    bus.is_away = False
    await signs.round(5.0)
    assert len(bus.events) == 1
