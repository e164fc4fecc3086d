"""The gateway's socket edge: token first, then frames in and out until somebody leaves."""

import asyncio
from dataclasses import dataclass

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from services.gateway.door import Door
from services.gateway.frames import Hello, Inbound, failed, parse
from services.gateway.history import Edge
from services.gateway.peers import Peers
from services.gateway.screen import Screen
from services.gateway.sessions import TRY_AGAIN, LiveSocket, LiveSockets
from services.gateway.visit import MALFORMED, Visit, receive

TOKEN, ORIGIN, LATE = 4401, 4403, 4408
CLOSE_CODES = {400: MALFORMED, 401: TOKEN, 403: ORIGIN, 408: LATE}


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

    async def _welcome(self, websocket: WebSocket) -> Visit:
        frame = await self._first_frame(websocket)
        if not isinstance(frame, Hello):
            raise Refused(401, "hello_missing", "The first frame must be hello.", "send hello.")
        origin = websocket.headers.get("origin")
        session = await self.door.authenticate(frame.conversation_id, frame.token, origin)
        if len(self.sockets.of(session.conversation_id)) >= _limit(self.door):
            raise Refused(429, "too_many_tabs", "Too many open tabs.", "close one of them.")
        edge = Edge(self.door, self.sockets, self.screen, self.peers)
        return Visit(edge, websocket, LiveSocket(websocket, session), frame.last_seq)

    async def _first_frame(self, websocket: WebSocket) -> Inbound:
        try:
            async with asyncio.timeout(self.door.settings.gateway_hello_seconds):
                return parse(await receive(websocket))
        except TimeoutError:
            raise Refused(408, "hello_late", "No hello came in time.", "reconnect.") from None


async def _close_quietly(websocket: WebSocket, code: int) -> None:
    try:
        await websocket.close(code)
    except RuntimeError:
        return


def _limit(door: Door) -> int:
    return door.settings.gateway_sockets_per_conversation
