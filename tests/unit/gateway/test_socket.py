"""The socket's edge with a browser and a door of the test's own: what must not overtake, does not."""

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketState

from libs.contracts.bodies import MessageBody
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ObjectionRaised, ObjectionWithdrawn
from libs.kit.errors import Unavailable
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.frames import Say
from services.gateway.history import History
from services.gateway.screen import Screen
from services.gateway.sessions import QUEUE_LIMIT, TRY_AGAIN, LiveSocket, LiveSockets
from services.gateway.settings import GatewaySettings
from services.gateway.visit import Visit
from tests.builders import NOW, conversation_id

PATIENCE_SECONDS = 5


class Browser:
    """A socket whose visitor has sent some frames and then waits."""

    client_state = WebSocketState.CONNECTED

    def __init__(self, *frames: str) -> None:
        self.got: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self._frames = list(frames)
        self._closed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._frames:
            return {"type": "websocket.receive", "text": self._frames.pop(0)}
        await self._closed.wait()
        raise WebSocketDisconnect

    async def send_json(self, frame: dict[str, Any]) -> None:
        self.got.append(frame)

    async def close(self, code: int) -> None:
        self.closed_with = code
        self._closed.set()


class Door:
    """A door behind which the broker is away for the first message and back for the next."""

    settings = GatewaySettings()

    def __init__(self, session: Session) -> None:
        self.said: list[str] = []
        self.store = SimpleNamespace(find=self._find)
        self.transcript = SimpleNamespace(page=self._page)
        self._session = session

    async def say(self, _session: Session, frame: Say) -> tuple[Any, MessageBody]:
        if frame.text == "first":
            raise Unavailable("broker")
        self.said.append(frame.text)
        return uuid4(), MessageBody(text=frame.text)

    async def _find(self, _conversation: str) -> Session:
        return self._session

    async def _page(self, _conversation: str, _after: int) -> Any:
        return SimpleNamespace(head=0, objects=False, messages=())


async def _nothing(_asked: object) -> None:
    """A gateway without peers, a conversation without an agent."""


@pytest.fixture
def session() -> Session:
    return Session(conversation_id(), "fjellbekk", "nb", b"", NOW)


async def test_what_follows_an_undelivered_message_does_not_overtake_it(session: Session) -> None:
    frames = [
        json.dumps({"type": "message", "client_id": str(uuid4()), "text": text})
        for text in ("first", "second")
    ]
    browser, door = Browser(*frames), Door(session)
    peers = SimpleNamespace(opened=_nothing, closed=_nothing)
    screen = SimpleNamespace(agent_name=_nothing, refresh=door.store.find)
    edge: Any = SimpleNamespace(door=door, sockets=LiveSockets(), peers=peers, screen=screen)
    socket = LiveSocket(browser, session)
    visit = Visit(edge, browser, socket, 0)
    await asyncio.wait_for(visit.run(), PATIENCE_SECONDS)
    assert door.said == []
    assert browser.closed_with == TRY_AGAIN
    assert "try_again" in [frame.get("code") for frame in browser.got]
    assert edge.sockets.conversations() == ()


async def test_a_push_during_the_welcome_is_not_undone_by_it(session: Session) -> None:
    """The store is read before the visitor asks for a person and answers after."""
    browser, door = Browser(), Door(session)
    socket = LiveSocket(browser, session)

    async def slow_find(_conversation: str) -> Session:
        socket.session = replace(socket.session, ownership=Ownership(owner=Owner.QUEUE))
        await browser.close(TRY_AGAIN)
        return session

    peers = SimpleNamespace(opened=_nothing, closed=_nothing)
    screen = SimpleNamespace(agent_name=_nothing, refresh=slow_find)
    edge: Any = SimpleNamespace(door=door, sockets=LiveSockets(), peers=peers, screen=screen)
    visit = Visit(edge, browser, socket, 0)
    await asyncio.wait_for(visit.run(), PATIENCE_SECONDS)
    assert socket.session.ownership.owner is Owner.QUEUE


async def test_an_objection_that_is_heard_during_the_welcome_is_not_undone_by_it(
    session: Session,
) -> None:
    """The transcript is read before the shop's desk objects for the visitor, and answers after."""
    for heard in (ObjectionRaised, ObjectionWithdrawn):
        socket, sockets = LiveSocket(Browser(), session), LiveSockets()
        sockets.add(socket)
        door: Any = Door(session)
        screen = Screen(sockets, door, door.store)
        event = heard(
            event_id=uuid4(), merchant_id="fjellbekk", occurred_at=NOW,
            conversation_id=session.conversation_id,
        )  # fmt: skip
        objects = heard is ObjectionRaised

        async def late_page(_conversation: str, _after: int, screen: Screen = screen,
                            event: ConversationEvent = event) -> Any:  # fmt: skip
            await screen.show(event)
            return SimpleNamespace(
                head=0, objects=isinstance(event, ObjectionWithdrawn), messages=()
            )

        door.transcript.page = late_page
        edge: Any = SimpleNamespace(door=door, screen=screen)
        await History(edge, socket).send(0, welcome=True)
        frames = [socket._queue.get_nowait() for _ in range(socket._queue.qsize())]
        assert [(one["type"], one["objects"]) for one in frames] == [
            ("objection", objects), ("welcome", objects),
        ]  # fmt: skip


async def test_a_browser_that_does_not_read_is_let_go(session: Session) -> None:
    browser = Browser()
    socket = LiveSocket(browser, session)
    for number in range(QUEUE_LIMIT + 1):
        socket.push({"type": "stored", "seq": number})
    await asyncio.wait_for(socket.pump(), PATIENCE_SECONDS)
    assert browser.closed_with == TRY_AGAIN
    assert browser.got == []
