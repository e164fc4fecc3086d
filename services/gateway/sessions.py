"""The open sockets of this process, by conversation: where replies leave the house."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect, WebSocketState

from services.gateway.domain import Session
from services.gateway.stretches import Mark, merged

QUEUE_LIMIT = 64
"""Frames waiting for a slow browser; beyond that it is closed and resumes from its last number."""

TRY_AGAIN = 1013
ERASED = 4410


class Wire(Protocol):
    """What a tab's frames go over: a WebSocket, or what stands in for one."""

    @property
    def client_state(self) -> WebSocketState:
        """Whether it is still open."""

    async def receive(self) -> MutableMapping[str, Any]:
        """The next event of the wire: a frame, or its end."""

    async def send_json(self, data: Any) -> None:
        """Sends a frame."""

    async def close(self, code: int) -> None:
        """Closes it, saying why."""


class LiveSocket:
    """One open tab: frames are queued and sent in order by its own task."""

    def __init__(self, wire: Wire, session: Session) -> None:
        self.session = session
        self.objects: bool | None = None
        """What was heard, since the tab is open, of the visitor's objection to improvement."""
        self._wire = wire
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_LIMIT)

    def push(self, frame: dict[str, Any]) -> None:
        """Queues a frame; a browser that does not read is closed instead of kept waiting."""
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._queue = asyncio.Queue(QUEUE_LIMIT)
            self._queue.put_nowait({"type": "close", "code": TRY_AGAIN})

    async def send(self, frame: dict[str, Any]) -> None:
        """Queues a frame, waiting for room; used for history, which may be long."""
        await self._queue.put(frame)

    async def pump(self) -> None:
        """Sends queued frames until the socket closes."""
        while True:
            frame = await self._queue.get()
            if frame["type"] == "close":
                await self.close(frame["code"])
                return
            try:
                await self._wire.send_json(frame)
            except (WebSocketDisconnect, RuntimeError):
                return

    def close_after_sending(self, code: int) -> None:
        """Closes the socket behind what is queued."""
        self.push({"type": "close", "code": code})

    async def close(self, code: int) -> None:
        """Closes the socket now, if it is still open."""
        if self._wire.client_state is WebSocketState.CONNECTED:
            await self._wire.close(code)


class LiveSockets:
    """All open sockets of this process."""

    def __init__(self) -> None:
        self._by_conversation: defaultdict[str, set[LiveSocket]] = defaultdict(set)
        self.opened = asyncio.Event()
        """Set when a tab has opened."""

    def add(self, socket: LiveSocket) -> None:
        """Registers a socket; from now on it is pushed to."""
        self._by_conversation[socket.session.conversation_id].add(socket)
        self.opened.set()

    def remove(self, socket: LiveSocket) -> None:
        """Forgets a closed socket."""
        conversation_id = socket.session.conversation_id
        self._by_conversation[conversation_id].discard(socket)
        if not self._by_conversation[conversation_id]:
            del self._by_conversation[conversation_id]

    def of(self, conversation_id: str) -> tuple[LiveSocket, ...]:
        """The open tabs of a conversation."""
        return tuple(self._by_conversation.get(conversation_id, ()))

    def note(self, conversation_id: str, mark: Mark) -> None:
        """Lets the tabs know of a mark before the store does: a person is asked for just now."""
        for socket in self.of(conversation_id):
            socket.session = replace(socket.session, marks=merged(socket.session.marks, (mark,)))

    def unnote(self, conversation_id: str, mark: Mark) -> None:
        """Takes such a mark back: the request did not get through."""
        for socket in self.of(conversation_id):
            kept = tuple(one for one in socket.session.marks if one != mark)
            socket.session = replace(socket.session, marks=kept)

    def marks(self, conversation_id: str) -> tuple[Mark, ...]:
        """What the tabs know of when people owned the conversation."""
        return merged(*(socket.session.marks for socket in self.of(conversation_id)))

    def conversations(self) -> tuple[str, ...]:
        """The conversations with open tabs here."""
        return tuple(self._by_conversation)

    def sessions(self) -> Iterator[Session]:
        """What the tabs here know of each conversation."""
        for tabs in self._by_conversation.values():
            yield next(iter(tabs)).session

    def push(
        self, conversation_id: str, frame: dict[str, Any], *, but: LiveSocket | None = None
    ) -> None:
        """Sends a frame to every tab of a conversation, except `but`."""
        for socket in self.of(conversation_id):
            if socket is not but:
                socket.push(frame)

    def close(self, conversation_id: str) -> None:
        """Tells every tab that the conversation is erased, and closes it."""
        for socket in self.of(conversation_id):
            socket.push({"type": "erased"})
            socket.close_after_sending(ERASED)
