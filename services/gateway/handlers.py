"""What the gateway does with each event: push it to the browser, remember who owns the conversation."""

from dataclasses import dataclass
from datetime import timedelta

from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import (
    AgentReplied,
    AgentTyping,
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseFiled,
    CaseQueued,
)
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import (
    ErasureRequested,
    ObjectionRaised,
    ObjectionWithdrawn,
    TranscriptAppended,
)
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from services.gateway.domain import Assigned, after_case_event, is_past
from services.gateway.peers import Peers
from services.gateway.screen import Screen
from services.gateway.store import SessionStore
from services.gateway.stretches import mark_of

TYPING_SECONDS = 6
"""So long it is true that somebody is writing; what comes later is passed over."""


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
            AgentTyping: self.agent_typing,
            CaseQueued: self.case_changed,
            CaseFiled: self.case_changed,
            CaseAssigned: self.case_changed,
            CaseClosed: self.case_changed,
            ObjectionRaised: self.spoken,
            ObjectionWithdrawn: self.spoken,
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
        if session is None or is_past(session, event):
            return
        ownership = after_case_event(session.ownership, event)
        mark = mark_of(session.marks, event)
        assigned = None
        if isinstance(event, CaseAssigned):
            assigned = Assigned(event.event_id, event.agent)
        await self.store.set_ownership(event.conversation_id, ownership, mark, assigned)
        await self.spoken(event)

    async def agent_typing(self, event: AgentTyping) -> None:
        """The agent is writing just now: worth showing only while it is true."""
        if self.now() - event.occurred_at < timedelta(seconds=TYPING_SECONDS):
            await self.spoken(event)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Tabs close, the session goes, keys are forgotten; then we say so."""
        await self.spoken(event)
        self.screen.ring.forget(event.conversation_id)
        deleted = await self.store.delete(event.conversation_id)
        await self.bus.publish(event.acknowledged("gateway", {"sessions": deleted}, self.now()))
