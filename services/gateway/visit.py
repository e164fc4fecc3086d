"""One open tab of one visitor: what it sends is done, what it missed is sent."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from starlette.websockets import WebSocketDisconnect

from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from libs.privacy.sealing import KeyGone
from services.gateway.domain import Bucket, Owner
from services.gateway.frames import (
    Handoff,
    Hello,
    Inbound,
    LeaveQueue,
    Rate,
    Resume,
    Say,
    SwitchLocale,
    Typing,
    failed,
    parse,
    spoken,
)
from services.gateway.history import Edge, History
from services.gateway.sessions import ERASED, TRY_AGAIN, LiveSocket, Wire
from services.gateway.stretches import asked_at

MALFORMED = 4400

TYPING_PAUSE = 4.0
"""Seconds between two facts of a visitor's typing; what comes in between says nothing new."""

UNDELIVERED = Refused(
    503, "try_again", "Your message could not be delivered yet.",
    "send it again with the same client_id.",
)  # fmt: skip
TOO_FAST = Refused(429, "too_fast", "That was very fast.", "wait a second and send it again.")


class Visit:
    """One open tab of one visitor."""

    def __init__(self, edge: Edge, wire: Wire, socket: LiveSocket, last_seq: int) -> None:
        self._edge = edge
        self._door = edge.door
        self._wire = wire
        self._socket = socket
        self._last_seq = last_seq
        self._history = History(edge, socket)
        settings = edge.door.settings
        self._bucket = Bucket(
            settings.gateway_messages_per_second, settings.gateway_message_burst, time.monotonic()
        )
        self._typing = Bucket(1 / TYPING_PAUSE, 1, time.monotonic())
        self._told_typing: asyncio.Task[None] | None = None
        self._closing = False

    async def run(self) -> None:
        """Registers, catches up and serves until the socket closes; registering comes first, so
        that nothing falls between history and live pushes.
        """
        self._edge.sockets.add(self._socket)
        try:
            await self._edge.peers.opened(self._conversation_id)
            await self._serve()
        finally:
            self._edge.sockets.remove(self._socket)
            await self._edge.peers.closed(self._conversation_id)

    async def _serve(self) -> None:
        tasks = [
            asyncio.create_task(self._socket.pump()),
            asyncio.create_task(self._history.send(self._last_seq, welcome=True)),
            asyncio.create_task(self._read()),
        ]
        try:
            await asyncio.wait((tasks[0], tasks[2]), return_when=asyncio.FIRST_COMPLETED)
            if self._closing:
                await asyncio.wait((tasks[0],), timeout=1)
        finally:
            tasks += [self._told_typing] if self._told_typing else []
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while not self._closing:
            try:
                frame = parse(await receive(self._wire))
                await self._act(frame)
            except WebSocketDisconnect:
                return
            except Refused as error:
                self._socket.push(failed(error))
                if error.status == 400:  # noqa: PLR2004 - a client that cannot speak is let go
                    self._socket.close_after_sending(MALFORMED)
            except KeyGone:
                self._socket.push({"type": "erased"})
                self._socket.close_after_sending(ERASED)

    async def _act(self, frame: Inbound) -> None:
        match frame:
            case Say():
                await self._say(frame)
            case Handoff():
                await self._hand_over(frame)
            case LeaveQueue():
                await self._done(
                    frame.client_id, lambda: self._door.leave(self._socket.session, frame)
                )
            case Rate():
                await self._rate(frame)
            case Typing():
                self._type()
            case Resume():
                await self._history.send(frame.after_seq)
            case SwitchLocale():
                await self._door.store.set_locale(self._conversation_id, frame.locale)
            case Hello():
                raise Refused(400, "second_hello", "Hello was said already.", "reconnect.")

    async def _say(self, frame: Say) -> None:
        if not self._bucket.take(time.monotonic()):
            self._socket.push(failed(TOO_FAST, frame.client_id))
            return
        try:
            event_id, body = await self._door.say(self._socket.session, frame)
        except Refused as error:
            self._socket.push(failed(error, frame.client_id))
            return
        except AWAY_ERRORS:
            self._try_again(frame.client_id)
            return
        self._accepted(str(frame.client_id), str(event_id))
        at = self._door.now().isoformat()
        echo = spoken(event_id, "visitor", body, at)
        self._edge.sockets.push(self._conversation_id, echo, but=self._socket)
        kept = await self._door.keep(self._socket.session)
        self._know(expires_at=kept.expires_at)

    async def _hand_over(self, frame: Handoff) -> None:
        """The tabs know of the request before the bus does: no answer of the bot overtakes it."""
        try:
            event = await self._door.fill_in(self._socket.session, frame)
        except Refused as error:
            self._socket.push(failed(error, frame.client_id))
            return
        except AWAY_ERRORS:
            self._try_again(frame.client_id)
            return
        mark, sockets = asked_at(event.occurred_at), self._edge.sockets
        sockets.note(self._conversation_id, mark)
        try:
            session = await self._door.hand_over(self._socket.session, event)
        except AWAY_ERRORS:
            sockets.unnote(self._conversation_id, mark)
            self._try_again(frame.client_id)
            return
        self._know(locale=session.locale)
        self._accepted(str(frame.client_id), str(event.event_id))
        if self._socket.session.ownership.owner is Owner.BOT:
            self._edge.screen.tell_owner(self._conversation_id, session.ownership, None)

    async def _rate(self, frame: Rate) -> None:
        session = self._socket.session
        if await self._done(frame.client_id, lambda: self._door.rate(session, frame)):
            ownership = self._socket.session.ownership
            if ownership.case_id == frame.case_id:
                rated = replace(ownership, asks_rating=False)
                self._edge.screen.tell_owner(self._conversation_id, rated, None)

    async def _done(self, client_id: UUID, act: Callable[[], Awaitable[UUID]]) -> bool:
        """Does what a frame wishes and says so; whether it was done."""
        if not self._bucket.take(time.monotonic()):
            self._socket.push(failed(TOO_FAST, client_id))
            return False
        try:
            event_id = await act()
        except Refused as error:
            self._socket.push(failed(error, client_id))
            return False
        except AWAY_ERRORS:
            self._try_again(client_id)
            return False
        self._accepted(str(client_id), str(event_id))
        return True

    def _type(self) -> None:
        """Beside the messages, never before them: nobody waits for this to be known."""
        is_agents = self._socket.session.ownership.owner is Owner.AGENT
        is_free = self._told_typing is None or self._told_typing.done()
        if is_agents and is_free and self._typing.take(time.monotonic()):
            self._told_typing = asyncio.create_task(self._tell_typing())

    async def _tell_typing(self) -> None:
        with suppress(*AWAY_ERRORS):
            await self._door.typed(self._socket.session)

    def _try_again(self, client_id: UUID) -> None:
        """Closes the socket too: messages behind the failed one must not overtake it."""
        self._closing = True
        self._socket.push(failed(UNDELIVERED, client_id))
        self._socket.close_after_sending(TRY_AGAIN)

    def _know(self, **news: Any) -> None:
        """Changes these fields of the tab's session; a push may have changed others meanwhile."""
        self._socket.session = replace(self._socket.session, **news)

    def _accepted(self, client_id: str, event_id: str) -> None:
        self._socket.push({"type": "accepted", "client_id": client_id, "id": event_id})

    @property
    def _conversation_id(self) -> str:
        return self._socket.session.conversation_id


async def receive(wire: Wire) -> str:
    """The text of the next frame; raises WebSocketDisconnect at the end."""
    message = await wire.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if text is None:
        raise Refused(400, "binary_frame", "Frames are JSON texts.", "send text frames.")
    return str(text)
