"""What a tab has missed: the transcript, without what the bot said while people had the say."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from libs.contracts.transcript import StoredMessage, TranscriptPage
from libs.kit.bus import AWAY as AWAY_ERRORS
from libs.kit.errors import Refused
from libs.kit.transcript import open_entry
from libs.privacy.sealing import KeyGone
from services.gateway.domain import Session
from services.gateway.door import Door
from services.gateway.frames import Hello, Inbound, skipped, stored_entry
from services.gateway.peers import Peers
from services.gateway.screen import Screen
from services.gateway.sessions import ERASED, LiveSocket, LiveSockets

CATCH_UP_PAUSE = 1.0
"""Seconds between tries to read the history while retention is away."""


@dataclass(frozen=True)
class Edge:
    """What every open tab works with."""

    door: Door
    sockets: LiveSockets
    screen: Screen
    peers: Peers

    async def admit(self, frame: Inbound, origin: str | None) -> tuple[Session, Hello]:
        """The session that a tab's first frame opens; Refused if it is no hello, or one too many."""
        if not isinstance(frame, Hello):
            raise Refused(401, "hello_missing", "The first frame must be hello.", "send hello.")
        session = await self.door.authenticate(frame.conversation_id, frame.token, origin)
        limit = self.door.settings.gateway_sockets_per_conversation
        if len(self.sockets.of(session.conversation_id)) >= limit:
            raise Refused(429, "too_many_tabs", "Too many open tabs.", "close one of them.")
        return session, frame


class History:
    """Sends a tab what it has missed."""

    def __init__(self, edge: Edge, socket: LiveSocket) -> None:
        self._edge = edge
        self._door = edge.door
        self._socket = socket
        self._conversation = socket.session.conversation_id

    async def send(self, after: int, *, welcome: bool = False) -> None:
        """Sends what is stored after a number, behind a welcome if it is the first; tries until it
        can be read.
        """
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
        page = await self._door.transcript.page(self._conversation, after)
        if welcome:
            await self._welcome(page)
        else:
            await self._edge.screen.refresh(self._conversation)
        for entry in page.messages:
            await self._socket.send(await self._shown(entry))
        if page.messages and page.messages[-1].seq < page.head:
            await self._send_history(page.messages[-1].seq, welcome=False)

    async def _shown(self, entry: StoredMessage) -> dict[str, Any]:
        if self._edge.screen.hides(self._conversation, entry.author, entry.sent_at):
            return skipped(entry)
        return stored_entry(entry, await open_entry(self._door.ring, entry))

    async def _welcome(self, page: TranscriptPage) -> None:
        """Read again after registering: a change of owner in between was pushed to nobody.

        What was pushed while the store was read is newer than what the store said.
        """
        known = self._socket.session.ownership
        session = await self._edge.screen.refresh(self._conversation)
        if session is None:
            raise KeyGone
        if self._socket.session.ownership is known:
            self._socket.session = replace(
                self._socket.session, ownership=session.ownership, assigned=session.assigned
            )
        session = self._socket.session
        name = await self._edge.screen.agent_name(session)
        owner = self._edge.screen.owner(session.ownership, name)
        heard = self._socket.objects
        objects = page.objects if heard is None else heard
        welcome = {"type": "welcome", "last_seq": page.head, "objects": objects, **owner}
        await self._socket.send(welcome)
