"""The tabs that are open here: what an event shows in them, and what is not shown."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from libs.contracts.bodies import AgentBody, IntakeBody, MessageBody
from libs.contracts.bot import BotTurn, HandoffOffered
from libs.contracts.case import AgentReplied, AgentTyping, CaseEvent, QueueChanged
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import (
    ErasureRequested,
    ObjectionRaised,
    ObjectionWithdrawn,
    TranscriptAppended,
)
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.frames import owner_fields, spoken
from services.gateway.queues import Queues
from services.gateway.sessions import LiveSockets
from services.gateway.store import SessionStore
from services.gateway.stretches import is_human_at, merged


@dataclass(frozen=True)
class Screen:
    """Shows events in the tabs that are open here; what is missed is made good by resuming."""

    sockets: LiveSockets
    ring: KeyRing
    store: SessionStore
    queues: Queues = field(default_factory=Queues)

    async def show(self, event: ConversationEvent) -> None:
        """Shows an event, if a tab of its conversation is open here."""
        if not self.sockets.of(event.conversation_id):
            return
        match event:
            case BotTurn():
                await self._show_bot(event)
            case AgentReplied():
                await self._show_turn(event, "agent")
            case AgentTyping():
                await self._show_typing(event)
            case CaseEvent():
                await self._show_owner(event)
            case TranscriptAppended():
                frame = {"type": "stored", "id": str(event.message_id), "seq": event.seq}
                self.sockets.push(event.conversation_id, frame)
            case ObjectionRaised() | ObjectionWithdrawn():
                self._show_objection(event)
            case ErasureRequested():
                self.ring.forget(event.conversation_id)
                self.sockets.close(event.conversation_id)

    def tell_owner(self, conversation_id: str, ownership: Ownership, agent: str | None) -> None:
        """Tells the tabs who owns the conversation and lets them seal accordingly."""
        for socket in self.sockets.of(conversation_id):
            socket.session = replace(socket.session, ownership=ownership)
        self.sockets.push(conversation_id, {"type": "owner", **self.owner(ownership, agent)})

    def owner(self, ownership: Ownership, agent: str | None = None) -> dict[str, Any]:
        """Who answers, as frames say it; with the newest place of who waits."""
        return owner_fields(self.queues.placed(ownership), agent)

    def queue_changed(self, event: QueueChanged) -> None:
        """A queue is another from now on: whoever waits here and has a new place or wait sees it."""
        waiting = [one for one in self.sockets.sessions() if one.ownership.owner is Owner.QUEUE]
        before = [self.queues.placed(one.ownership) for one in waiting]
        self.queues.put(event)
        for session, known in zip(waiting, before, strict=True):
            now = self.queues.placed(session.ownership)
            if now != known:
                self.tell_owner(session.conversation_id, session.ownership, None)

    async def refresh(self, conversation_id: str) -> Session | None:
        """The session as the store has it; the tabs learn when people owned the conversation."""
        session = await self.store.find(conversation_id)
        for socket in self.sockets.of(conversation_id) if session else ():
            marks = merged(socket.session.marks, session.marks if session else ())
            socket.session = replace(socket.session, marks=marks)
        return session

    def hides(self, conversation_id: str, author: str, at: datetime) -> bool:
        """Whether something that was said is not shown: the bot's words while people had the say."""
        return author == "bot" and is_human_at(self.sockets.marks(conversation_id), at)

    async def _show_bot(self, event: BotTurn) -> None:
        """Another gateway may have taken the request for a person, so the store is asked."""
        await self.refresh(event.conversation_id)
        if not self.hides(event.conversation_id, "bot", event.occurred_at):
            await self._show_turn(event, "bot")

    async def _show_turn(self, event: BotTurn | AgentReplied, author: str) -> None:
        body = await self.ring.open(Place.of(event), event.message, MessageBody)
        offer = event.topic if isinstance(event, HandoffOffered) else None
        at = event.occurred_at.isoformat()
        frame = spoken(event.event_id, author, body, at, offer)
        if isinstance(event, HandoffOffered) and event.known:
            known = await self.ring.open(Place.of(event, "known"), event.known, IntakeBody)
            frame |= {"known": known.fields}
        self.sockets.push(event.conversation_id, frame)

    def _show_objection(self, event: ObjectionRaised | ObjectionWithdrawn) -> None:
        for socket in self.sockets.of(event.conversation_id):
            socket.objects = isinstance(event, ObjectionRaised)
            socket.push({"type": "objection", "objects": socket.objects})

    async def _show_typing(self, event: AgentTyping) -> None:
        for socket in self.sockets.of(event.conversation_id):
            ownership = socket.session.ownership
            if ownership.owner is Owner.AGENT and ownership.case_id == event.case_id:
                socket.push({"type": "typing", "author": "agent"})

    async def _show_owner(self, event: CaseEvent) -> None:
        session = await self.refresh(event.conversation_id)
        if session:
            name = await self.agent_name(session)
            self.tell_owner(event.conversation_id, session.ownership, name)

    async def agent_name(self, session: Session) -> str | None:
        """The name of the agent who owns the conversation, if one does."""
        assigned = session.assigned
        if session.ownership.owner is not Owner.AGENT or assigned is None:
            return None
        place = Place(session.merchant_id, session.conversation_id, assigned.event_id, "agent")
        return (await self.ring.open(place, assigned.agent, AgentBody)).name
