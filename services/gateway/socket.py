"""The gateway's socket edge: token first, then frames in and out until somebody leaves."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from libs.kit.transcript import open_entry
from libs.privacy.sealing import KeyGone
from services.gateway.domain import Bucket, Owner
from services.gateway.door import Door
from services.gateway.frames import (
    Handoff,
    Hello,
    Inbound,
    Resume,
    Say,
    SwitchLocale,
    failed,
    parse,
    spoken,
    stored_entry,
)
from services.gateway.handlers import Screen, owner_fields
from services.gateway.peers import Peers
from services.gateway.sessions import ERASED, TRY_AGAIN, LiveSocket, LiveSockets

MALFORMED, TOKEN, ORIGIN, LATE = 4400, 4401, 4403, 4408
CLOSE_CODES = {400: MALFORMED, 401: TOKEN, 403: ORIGIN, 408: LATE}

CATCH_UP_PAUSE = 1.0
"""Seconds between tries to read the history while retention is away."""

UNDELIVERED = Refused(
    503, "try_again", "Your message could not be delivered yet.",
    "send it again with the same client_id.",
)  # fmt: skip
TOO_FAST = Refused(429, "too_fast", "That was very fast.", "wait a second and send it again.")


@dataclass(frozen=True)
class SocketRoutes:
    """Serves /v1/socket."""

    door: Door
    sockets: LiveSockets
    screen: Screen
    peers: Peers

    def routes(self) -> list[WebSocketRoute]:
        """The table of routes."""
        return [WebSocketRoute("/v1/socket", self.serve)]

    async def serve(self, websocket: WebSocket) -> None:
        """One socket, from handshake to close; a foreign page is refused before it opens."""
        if not self.door.known_origin(websocket.headers.get("origin")):
            await websocket.close(ORIGIN)
            return
        await websocket.accept()
        try:
            visit = await self._welcome(websocket)
        except Refused as error:
            await websocket.send_json(failed(error))
            await websocket.close(CLOSE_CODES.get(error.status, MALFORMED))
            return
        except WebSocketDisconnect:
            return
        except AWAY_ERRORS:
            await _close_quietly(websocket, TRY_AGAIN)
            return
        await visit.run()

    async def _welcome(self, websocket: WebSocket) -> "Visit":
        frame = await self._first_frame(websocket)
        if not isinstance(frame, Hello):
            raise Refused(401, "hello_missing", "The first frame must be hello.", "send hello.")
        origin = websocket.headers.get("origin")
        session = await self.door.authenticate(frame.conversation_id, frame.token, origin)
        if len(self.sockets.of(session.conversation_id)) >= _limit(self.door):
            raise Refused(429, "too_many_tabs", "Too many open tabs.", "close one of them.")
        return Visit(self, websocket, LiveSocket(websocket, session), frame.last_seq)

    async def _first_frame(self, websocket: WebSocket) -> Inbound:
        try:
            async with asyncio.timeout(self.door.settings.gateway_hello_seconds):
                return parse(await _receive(websocket))
        except TimeoutError:
            raise Refused(408, "hello_late", "No hello came in time.", "reconnect.") from None


class Visit:
    """One open tab of one visitor."""

    def __init__(
        self, edge: SocketRoutes, websocket: WebSocket, socket: LiveSocket, last_seq: int
    ) -> None:
        self._edge = edge
        self._door = edge.door
        self._websocket = websocket
        self._socket = socket
        self._last_seq = last_seq
        settings = edge.door.settings
        self._bucket = Bucket(
            settings.gateway_messages_per_second, settings.gateway_message_burst, time.monotonic()
        )
        self._closing = False

    async def run(self) -> None:
        """Registers, catches up and serves until the socket closes; registering comes first, so
        that nothing falls between history and live pushes.
        """
        self._edge.sockets.add(self._socket)
        await self._edge.peers.opened(self._conversation_id)
        tasks = [
            asyncio.create_task(self._socket.pump()),
            asyncio.create_task(self._catch_up(self._last_seq, welcome=True)),
            asyncio.create_task(self._read()),
        ]
        try:
            await asyncio.wait((tasks[0], tasks[2]), return_when=asyncio.FIRST_COMPLETED)
            if self._closing:
                await asyncio.wait((tasks[0],), timeout=1)
        finally:
            self._edge.sockets.remove(self._socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._edge.peers.closed(self._conversation_id)

    async def _read(self) -> None:
        while not self._closing:
            try:
                frame = parse(await _receive(self._websocket))
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
            case Resume():
                await self._catch_up(frame.after_seq)
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
        try:
            event_id, session = await self._door.hand_over(self._socket.session, frame)
        except Refused as error:
            self._socket.push(failed(error, frame.client_id))
            return
        except AWAY_ERRORS:
            self._try_again(frame.client_id)
            return
        self._know(locale=session.locale)
        self._accepted(str(frame.client_id), str(event_id))
        if self._socket.session.ownership.owner is Owner.BOT:
            self._edge.screen.tell_owner(self._conversation_id, session.ownership, None)

    def _try_again(self, client_id: UUID) -> None:
        """Closes the socket too: messages behind the failed one must not overtake it."""
        self._closing = True
        self._socket.push(failed(UNDELIVERED, client_id))
        self._socket.close_after_sending(TRY_AGAIN)

    async def _catch_up(self, after: int, *, welcome: bool = False) -> None:
        while True:
            try:
                await self._send_history(after, welcome=welcome)
            except AWAY_ERRORS:
                await asyncio.sleep(CATCH_UP_PAUSE)
            except KeyGone:
                self._socket.push({"type": "erased"})
                self._socket.close_after_sending(ERASED)
                return
            else:
                return

    async def _send_history(self, after: int, *, welcome: bool) -> None:
        page = await self._door.transcript.page(self._conversation_id, after)
        if welcome:
            await self._welcome(page.head)
        for entry in page.messages:
            body = await open_entry(self._door.ring, entry)
            await self._socket.send(stored_entry(entry, body))
        if page.messages and page.messages[-1].seq < page.head:
            await self._send_history(page.messages[-1].seq, welcome=False)

    async def _welcome(self, head: int) -> None:
        """Read again after registering: a change of owner in between was pushed to nobody.

        What was pushed while the store was read is newer than what the store said.
        """
        known = self._socket.session.ownership
        session = await self._door.store.find(self._conversation_id)
        if session is None:
            raise KeyGone
        if self._socket.session.ownership is known:
            self._know(ownership=session.ownership, assigned=session.assigned)
        session = self._socket.session
        owner = owner_fields(session.ownership, await self._edge.screen.agent_name(session))
        await self._socket.send({"type": "welcome", "last_seq": head, **owner})

    def _know(self, **news: Any) -> None:
        """Changes these fields of the tab's session; a push may have changed others meanwhile."""
        self._socket.session = replace(self._socket.session, **news)

    def _accepted(self, client_id: str, event_id: str) -> None:
        self._socket.push({"type": "accepted", "client_id": client_id, "id": event_id})

    @property
    def _conversation_id(self) -> str:
        return self._socket.session.conversation_id


async def _receive(websocket: WebSocket) -> str:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if text is None:
        raise Refused(400, "binary_frame", "Frames are JSON texts.", "send text frames.")
    return str(text)


async def _close_quietly(websocket: WebSocket, code: int) -> None:
    try:
        await websocket.close(code)
    except RuntimeError:
        return


def _limit(door: Door) -> int:
    return door.settings.gateway_sockets_per_conversation
