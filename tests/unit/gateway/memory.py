"""Stand-ins around the gateway's screen and tabs: sessions in a dictionary, a ring without keys."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from libs.contracts.bodies import MessageBody
from libs.contracts.sealed import Sealed
from services.gateway.domain import Assigned, Ownership, Session
from services.gateway.sessions import LiveSocket
from services.gateway.stretches import Mark, merged


class MemorySessions:
    """The sessions, as the real store keeps them."""

    def __init__(self, *sessions: Session) -> None:
        self.kept = {session.conversation_id: session for session in sessions}

    async def find(self, conversation_id: str) -> Session | None:
        return self.kept.get(conversation_id)

    async def set_ownership(
        self, conversation_id: str, ownership: Ownership,
        mark: Mark | None = None, assigned: Assigned | None = None,
    ) -> None:  # fmt: skip
        news = {"assigned": assigned} if assigned else {}
        self._change(conversation_id, mark, ownership=ownership, **news)

    async def begin_wait(
        self, conversation_id: str, known: Ownership, waiting: Ownership, mark: Mark
    ) -> None:
        ownership = self.kept[conversation_id].ownership
        unmoved = (ownership.owner, ownership.version) == (known.owner, known.version)
        self._change(conversation_id, mark, ownership=waiting if unmoved else ownership)

    async def extend(self, conversation_id: str, expires_at: datetime) -> None:
        self._change(conversation_id, expires_at=expires_at)

    async def set_customer(self, conversation_id: str, customer: Sealed) -> None:
        self._change(conversation_id, customer=customer)

    async def take_rating(self, conversation_id: str, case_id: UUID, client_id: UUID) -> bool:
        ownership = self.kept[conversation_id].ownership
        counts = ownership.asks_rating or ownership.rated_as == client_id
        if ownership.case_id != case_id or not counts:
            return False
        rated = replace(ownership, asks_rating=False, rated_as=client_id)
        self._change(conversation_id, ownership=rated)
        return True

    def _change(self, conversation_id: str, mark: Mark | None = None, **news: Any) -> None:
        session = self.kept[conversation_id]
        marks = merged(session.marks, (mark,) if mark else ())
        self.kept[conversation_id] = replace(session, marks=marks, **news)


class Tab(LiveSocket):
    """An open tab that keeps what it is sent."""

    def __init__(self, session: Session) -> None:
        super().__init__(SimpleNamespace(), session)
        self.got: list[dict[str, Any]] = []

    def push(self, frame: dict[str, Any]) -> None:
        self.got.append(frame)

    async def send(self, frame: dict[str, Any]) -> None:
        self.got.append(frame)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The frames of one type."""
        return [frame for frame in self.got if frame["type"] == kind]


class OpenRing:
    """Opens everything."""

    async def open(self, _place: object, _sealed: object, body: type[Any]) -> Any:
        return body(text="said") if body is MessageBody else body(name="Kari")

    def forget(self, conversation_id: str) -> None:
        """Knows nothing to forget."""


class NoPeers:
    """The only gateway there is."""

    async def forward(self, _event: object) -> None:
        """Hands it to nobody."""

    async def opened(self, _conversation_id: str) -> None:
        """Tells nobody."""

    async def closed(self, _conversation_id: str) -> None:
        """Tells nobody."""
