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
from libs.contracts.privacy import ErasureRequested, TranscriptAppended
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.gateway.domain import Ownership, after_case_event, erasure_acknowledged
from services.gateway.frames import spoken
from services.gateway.sessions import LiveSockets
from services.gateway.store import SessionStore


@dataclass(frozen=True)
class GatewayHandlers:
    """One short method per event; a push that misses is made good by resuming from the transcript."""

    bus: Publisher
    store: SessionStore
    sockets: LiveSockets
    ring: KeyRing
    now: Now

    def deliveries(self) -> HandlerTable:
        """Who reacts to what the bot, the agents and retention say."""
        return {
            ReplyComposed: self.bot_spoke,
            HandoffOffered: self.bot_spoke,
            AgentReplied: self.agent_replied,
            CaseQueued: self.case_changed,
            QueueMoved: self.case_changed,
            CaseAssigned: self.case_changed,
            CaseClosed: self.case_changed,
            ErasureRequested: self.erasure_requested,
        }

    def confirmations(self) -> HandlerTable:
        """Who reacts to the transcript's growth."""
        return {TranscriptAppended: self.transcript_appended}

    async def bot_spoke(self, event: BotTurn) -> None:
        """The bot's turn goes to the open tabs."""
        if not self.sockets.of(event.conversation_id):
            return
        body = await self.ring.open(Place.of(event), event.message, MessageBody)
        offer = event.topic if isinstance(event, HandoffOffered) else None
        frame = spoken(event.event_id, "bot", body, event.occurred_at.isoformat(), offer)
        self.sockets.push(event.conversation_id, frame)

    async def agent_replied(self, event: AgentReplied) -> None:
        """The agent's message goes to the open tabs."""
        if not self.sockets.of(event.conversation_id):
            return
        body = await self.ring.open(Place.of(event), event.message, MessageBody)
        frame = spoken(event.event_id, "agent", body, event.occurred_at.isoformat())
        self.sockets.push(event.conversation_id, frame)

    async def case_changed(self, event: CaseEvent) -> None:
        """The case moved: remember who owns the conversation and tell the open tabs."""
        session = await self.store.find(event.conversation_id)
        if session is None:
            return
        ownership = after_case_event(session.ownership, event)
        await self.store.set_ownership(event.conversation_id, ownership)
        self.tell_owner(event.conversation_id, ownership, await self._agent_name(event))

    def tell_owner(self, conversation_id: str, ownership: Ownership, agent: str | None) -> None:
        """Pushes who owns the conversation and lets open sockets seal accordingly."""
        for socket in self.sockets.of(conversation_id):
            socket.session = replace(socket.session, ownership=ownership)
        self.sockets.push(conversation_id, {"type": "owner", **owner_fields(ownership, agent)})

    async def transcript_appended(self, event: TranscriptAppended) -> None:
        """A message is stored: the open tabs learn its number."""
        frame = {"type": "stored", "id": str(event.message_id), "seq": event.seq}
        self.sockets.push(event.conversation_id, frame)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Sockets close, the session goes, keys are forgotten; then we say so."""
        self.sockets.close(event.conversation_id)
        self.ring.forget(event.conversation_id)
        deleted = await self.store.delete(event.conversation_id)
        await self.bus.publish(erasure_acknowledged(event, {"sessions": deleted}, self.now()))

    async def _agent_name(self, event: CaseEvent) -> str | None:
        if not isinstance(event, CaseAssigned):
            return None
        return (await self.ring.open(Place.of(event, "agent"), event.agent, AgentBody)).name


def owner_fields(ownership: Ownership, agent: str | None = None) -> dict[str, object]:
    """Who answers, as frames say it."""
    return {
        "owner": ownership.owner.value,
        "position": ownership.position,
        "open_now": ownership.open_now,
        "agent": agent,
    }
