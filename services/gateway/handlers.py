"""What the gateway does with each event: push it to the browser, remember who owns the conversation."""

from dataclasses import dataclass, replace

from libs.contracts.bodies import AgentBody, MessageBody
from libs.contracts.bot import BotTurn, HandoffOffered, ReplyComposed
from libs.contracts.case import (
    AgentReplied,
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseQueued,
    QueueMoved,
)
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ErasureRequested, TranscriptAppended
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.gateway.domain import Assigned, Owner, Ownership, Session, after_case_event
from services.gateway.frames import spoken
from services.gateway.peers import Peers
from services.gateway.sessions import LiveSockets
from services.gateway.store import SessionStore


@dataclass(frozen=True)
class Screen:
    """Shows events in the tabs that are open here; what is missed is made good by resuming."""

    sockets: LiveSockets
    ring: KeyRing
    store: SessionStore

    async def show(self, event: ConversationEvent) -> None:
        """Shows an event, if a tab of its conversation is open here."""
        if not self.sockets.of(event.conversation_id):
            return
        match event:
            case BotTurn() | AgentReplied():
                await self._show_turn(event)
            case CaseEvent():
                await self._show_owner(event)
            case TranscriptAppended():
                frame = {"type": "stored", "id": str(event.message_id), "seq": event.seq}
                self.sockets.push(event.conversation_id, frame)
            case ErasureRequested():
                self.ring.forget(event.conversation_id)
                self.sockets.close(event.conversation_id)

    def tell_owner(self, conversation_id: str, ownership: Ownership, agent: str | None) -> None:
        """Tells the tabs who owns the conversation and lets them seal accordingly."""
        for socket in self.sockets.of(conversation_id):
            socket.session = replace(socket.session, ownership=ownership)
        self.sockets.push(conversation_id, {"type": "owner", **owner_fields(ownership, agent)})

    async def _show_turn(self, event: BotTurn | AgentReplied) -> None:
        body = await self.ring.open(Place.of(event), event.message, MessageBody)
        author = "agent" if isinstance(event, AgentReplied) else "bot"
        offer = event.topic if isinstance(event, HandoffOffered) else None
        at = event.occurred_at.isoformat()
        frame = spoken(event.event_id, author, body, at, offer)
        self.sockets.push(event.conversation_id, frame)

    async def _show_owner(self, event: CaseEvent) -> None:
        session = await self.store.find(event.conversation_id)
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


@dataclass(frozen=True)
class GatewayHandlers:
    """One short method per event: remember what must be remembered, then show it."""

    bus: Publisher
    store: SessionStore
    screen: Screen
    peers: Peers
    now: Now

    def deliveries(self) -> HandlerTable:
        """Who reacts to what the bot, the agents and retention say."""
        return {
            ReplyComposed: self.spoken,
            HandoffOffered: self.spoken,
            AgentReplied: self.spoken,
            CaseQueued: self.case_changed,
            QueueMoved: self.case_changed,
            CaseAssigned: self.case_changed,
            CaseClosed: self.case_changed,
            ErasureRequested: self.erasure_requested,
        }

    def confirmations(self) -> HandlerTable:
        """Who reacts to the transcript's growth."""
        return {TranscriptAppended: self.spoken}

    async def spoken(self, event: ConversationEvent) -> None:
        """Something for the visitor's eyes: show it here, and where else tabs are open."""
        await self.screen.show(event)
        await self.peers.forward(event)

    async def case_changed(self, event: CaseEvent) -> None:
        """The case moved: remember who owns the conversation, then show it."""
        session = await self.store.find(event.conversation_id)
        if session is None:
            return
        if isinstance(event, CaseAssigned):
            assigned = Assigned(event.event_id, event.agent)
            await self.store.set_assigned(event.conversation_id, assigned)
        ownership = after_case_event(session.ownership, event)
        await self.store.set_ownership(event.conversation_id, ownership)
        await self.spoken(event)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Tabs close, the session goes, keys are forgotten; then we say so."""
        await self.spoken(event)
        self.screen.ring.forget(event.conversation_id)
        deleted = await self.store.delete(event.conversation_id)
        await self.bus.publish(event.acknowledged("gateway", {"sessions": deleted}, self.now()))


def owner_fields(ownership: Ownership, agent: str | None = None) -> dict[str, object]:
    """Who answers, as frames say it."""
    return {
        "owner": ownership.owner.value,
        "position": ownership.position,
        "open_now": ownership.open_now,
        "agent": agent,
    }
