"""What retention does with each event: write the transcript, carry an erasure to its end."""

from dataclasses import dataclass

from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import AgentReplied
from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged
from libs.contracts.privacy import ErasureRequested
from libs.contracts.visitor import HandoffRequested, MessageReceived
from libs.kit.bus import HandlerTable, Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.outbox import Outbox
from libs.privacy.keys import KeyRing
from services.retention.domain import appended, entry_of
from services.retention.ledger import MARK_KEPT, Ledger
from services.retention.store import RetentionStore


@dataclass(frozen=True)
class RetentionHandlers:
    """One short method per event; every one of them may run twice."""

    bus: Publisher
    store: RetentionStore
    ledger: Ledger
    content: MerchantContent
    ring: KeyRing
    outbox: Outbox
    now: Now

    def table(self) -> HandlerTable:
        """Who reacts to what."""
        return {
            MessageReceived: self.message_spoken,
            HandoffRequested: self.message_spoken,
            ReplyComposed: self.message_spoken,
            HandoffOffered: self.message_spoken,
            AgentReplied: self.message_spoken,
            ErasureRequested: self.erasure_requested,
            ErasureAcknowledged: self.erasure_acknowledged,
        }

    async def message_spoken(self, event: ConversationEvent) -> None:
        """Somebody said something: it becomes the next entry of the transcript."""
        entry = entry_of(event, self.content.get(event.merchant_id).merchant)
        seq = await self.store.append(entry) if entry else None
        if entry and seq is not None:
            await self.bus.publish(appended(event, entry.author, seq, self.now()))

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Keys first, so that all copies everywhere are unreadable; then our own copy goes."""
        until = event.occurred_at + MARK_KEPT
        keys = await self.ring.destroy(event.merchant_id, event.conversation_id, until)
        await self.store.erase(event, keys, self.outbox)

    async def erasure_acknowledged(self, event: ErasureAcknowledged) -> None:
        """A service is done; the last one completes the erasure, and its receipt is signed."""
        await self.ledger.acknowledge(event)
