"""The gateway's socket edge: token first, then frames in and out until somebody leaves."""

import asyncio
from dataclasses import dataclass

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from services.gateway.frames import Inbound, failed, parse
from services.gateway.history import Edge
from services.gateway.sessions import TRY_AGAIN, LiveSocket
from services.gateway.visit import MALFORMED, Visit, receive

TOKEN, ORIGIN, LATE = 4401, 4403, 4408
CLOSE_CODES = {400: MALFORMED, 401: TOKEN, 403: ORIGIN, 408: LATE}


@dataclass(frozen=True)
class SocketRoutes:
    """Serves /v1/socket."""

    edge: Edge

    def routes(self) -> list[WebSocketRoute]:
        """The table of routes."""
        return [WebSocketRoute("/v1/socket", self.serve)]

    async def serve(self, websocket: WebSocket) -> None:
        """One socket, from handshake to close; a foreign page is refused before it opens."""
        if not self.edge.door.known_origin(websocket.headers.get("origin")):
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
        session, hello = await self.edge.admit(frame, websocket.headers.get("origin"))
        return Visit(self.edge, websocket, LiveSocket(websocket, session), hello.last_seq)

    async def _first_frame(self, websocket: WebSocket) -> Inbound:
        try:
            async with asyncio.timeout(self.edge.door.settings.gateway_hello_seconds):
                return parse(await receive(websocket))
        except TimeoutError:
            raise Refused(408, "hello_late", "No hello came in time.", "reconnect.") from None


async def _close_quietly(websocket: WebSocket, code: int) -> None:
    try:
        await websocket.close(code)
    except RuntimeError:
        return
