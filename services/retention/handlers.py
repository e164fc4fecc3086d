"""What retention does with events, many at a time: write the transcript, carry erasures to their end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import AgentReplied
from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged, Event
from libs.contracts.privacy import ErasureRequested, TranscriptAppended
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested, MessageReceived, VisitorIdentified
from libs.kit.bus import Batch, Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.outbox import Outbox
from libs.privacy.keys import KeyRing
from services.retention.customers import Customers
from services.retention.domain import Entry, appended, entry_of, expiry
from services.retention.ledger import MARK_KEPT, Ledger
from services.retention.store import RetentionStore

KINDS: frozenset[type[Event]] = frozenset(
    {
        MessageReceived, HandoffRequested, ReplyComposed, HandoffOffered, AgentReplied,
        VisitorIdentified, ErasureRequested, ErasureAcknowledged,
    }
)  # fmt: skip
"""Who said something, who that is, and what is asked and said of erasures."""


@dataclass(frozen=True)
class RetentionHandlers:
    """What becomes of a batch; it may come twice."""

    bus: Publisher
    store: RetentionStore
    customers: Customers
    ledger: Ledger
    content: MerchantContent
    ring: KeyRing
    outbox: Outbox
    now: Now

    async def handle(self, batch: Batch) -> None:
        """What was said in one transaction; then erasures. The mark of an erased conversation is older
        than the word of it, so whatever else of it is in the batch is refused.
        """
        await self._keep(batch)
        for event in batch.events:
            if isinstance(event, VisitorIdentified):
                merchant = self.content.get(event.merchant_id).merchant
                until = expiry(merchant, Purpose.DIALOGUE, event.occurred_at)
                await self.customers.keep(event, until)
            if isinstance(event, ErasureRequested):
                await self._erase(event)
            if isinstance(event, ErasureAcknowledged):
                await self.ledger.acknowledge(event)

    async def _keep(self, batch: Batch) -> None:
        """Whatever somebody said becomes the next entry of its transcript, and is told to be stored."""
        entries = [entry for event in batch.events if (entry := self._entry(event))]
        numbers = await self.store.append(entries)
        lanes: dict[str, list[TranscriptAppended]] = {}
        for entry in entries:
            if seq := numbers.get(entry.event.event_id):
                stored = appended(entry.event, entry.author, seq, self.now())
                lanes.setdefault(stored.key, []).append(stored)
        await asyncio.gather(*map(self._tell, lanes.values()))

    def _entry(self, event: ConversationEvent) -> Entry | None:
        if isinstance(event, VisitorIdentified | ErasureRequested | ErasureAcknowledged):
            return None
        return entry_of(event, self.content.get(event.merchant_id).merchant)

    async def _tell(self, events: Sequence[TranscriptAppended]) -> None:
        for event in events:
            await self.bus.publish(event)

    async def _erase(self, event: ErasureRequested) -> None:
        """Keys first, so that all copies everywhere are unreadable; then our own copy goes."""
        until = event.occurred_at + MARK_KEPT
        keys = await self.ring.destroy(event.merchant_id, event.conversation_id, until)
        await self.store.erase(event, keys, self.outbox)
