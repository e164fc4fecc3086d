"""The rules of keeping and forgetting: which events become entries, when they end, when all is gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from libs.contracts.bot import HandoffOffered, ReplyComposed
from libs.contracts.case import AgentReplied
from libs.contracts.content import Merchant
from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged, derived_id, not_before
from libs.contracts.privacy import (
    ErasureCompleted,
    ErasureRecorded,
    ErasureRequested,
    ObjectionRaised,
    ObjectionWithdrawn,
    TranscriptAppended,
)
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.topics import SERVICES
from libs.contracts.transcript import Author
from libs.contracts.visitor import HandoffRequested, MessageReceived

RequestedBy = Literal["visitor", "agent", "merchant"]


@dataclass(frozen=True)
class Entry:
    """A transcript entry before it has a number."""

    event: ConversationEvent
    author: Author
    kind: Literal["message", "intake"]
    sealed: Sealed
    expires_at: datetime
    offer_topic: str | None = None
    answers: UUID | None = None


@dataclass(frozen=True)
class Numbering:
    """The newest number of a conversation, and numbers kept free for questions not yet arrived."""

    last: int = 0
    reserved: Mapping[str, int] = field(default_factory=dict)

    def next(self, message_id: UUID, *, question: UUID | None = None) -> tuple[int, "Numbering"]:
        """The number for a message. An answer that comes before its `question` (topics are read side
        by side) leaves the number before its own free for it, so that no answer stands first.
        """
        reserved = dict(self.reserved)
        kept = reserved.pop(str(message_id), None)
        if kept is not None:
            return kept, Numbering(self.last, reserved)
        if question is None:
            return self.last + 1, Numbering(self.last + 1, reserved)
        reserved[str(question)] = self.last + 1
        return self.last + 2, Numbering(self.last + 2, reserved)


@dataclass(frozen=True)
class Erasure:
    """How far an erasure has come; `deleted` counts per service and collection."""

    erasure_id: UUID
    requested_by: RequestedBy
    requested_at: datetime
    deleted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    completed_at: datetime | None = None
    receipt: Mapping[str, Any] | None = None

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The services that have not acknowledged yet."""
        return tuple(service for service in SERVICES if service not in self.deleted)

    @property
    def all_acknowledged(self) -> bool:
        """Whether every service has acknowledged."""
        return not self.waiting_for


def noted(erasure: Erasure, event: ErasureAcknowledged) -> Erasure:
    """The erasure after an acknowledgement. The largest count stays: whoever is asked again finds
    nothing left to delete. A completed erasure never changes.
    """
    if erasure.completed_at:
        return erasure
    before = erasure.deleted.get(event.service, {})
    counts = {name: max(count, before.get(name, 0)) for name, count in event.deleted.items()}
    return replace(erasure, deleted={**erasure.deleted, event.service: {**before, **counts}})


def entry_of(event: ConversationEvent, merchant: Merchant) -> Entry | None:
    """The transcript entry that an event becomes, or None for events without a text."""
    match event:
        case MessageReceived():
            return _entry(event, merchant, "visitor", event.message)
        case HandoffRequested():
            return _entry(event, merchant, "visitor", event.intake, kind="intake")
        case HandoffOffered():
            return _entry(event, merchant, "bot", event.message, offer_topic=event.topic)
        case ReplyComposed():
            return _entry(event, merchant, "bot", event.message)
        case AgentReplied():
            return _entry(event, merchant, "agent", event.message)
        case _:
            return None


def expiry(merchant: Merchant, purpose: Purpose, sent_at: datetime) -> datetime:
    """When a message ends: the merchant's days (at most 90) after sending; its cap for case texts."""
    days = merchant.retention_days if purpose is Purpose.DIALOGUE else merchant.case_cap_days
    return sent_at + timedelta(days=days)


def appended(
    event: ConversationEvent, author: Author, seq: int, now: datetime
) -> TranscriptAppended:
    """The fact that an event's message is stored as number `seq`; the same again on a retry."""
    return TranscriptAppended(
        event_id=derived_id(event.event_id, "stored"),
        merchant_id=event.merchant_id,
        conversation_id=event.conversation_id,
        cause_id=event.event_id,
        occurred_at=not_before(now, event),
        message_id=event.event_id,
        seq=seq,
        author=author,
    )


def requested(erasure: Erasure, merchant_id: str, conversation_id: str) -> ErasureRequested:
    """The fact that everything of a conversation is to be deleted by everybody."""
    return ErasureRequested(
        event_id=derived_id(erasure.erasure_id, "requested"),
        merchant_id=merchant_id,
        conversation_id=conversation_id,
        occurred_at=erasure.requested_at,
        erasure_id=erasure.erasure_id,
        requested_by=erasure.requested_by,
    )


def recorded(erasure: Erasure, merchant_id: str, conversation_id: str) -> ErasureRecorded:
    """The fact that a conversation is erased, for whoever restores a store that forgot it."""
    return ErasureRecorded(
        event_id=derived_id(erasure.erasure_id, "recorded"),
        merchant_id=merchant_id,
        conversation_id=conversation_id,
        occurred_at=erasure.requested_at,
        erasure_id=erasure.erasure_id,
        requested_by=erasure.requested_by,
    )


def objection(
    merchant_id: str, conversation_id: str, now: datetime, *, objects: bool
) -> ObjectionRaised | ObjectionWithdrawn:
    """The fact that a visitor objects to improvement by these questions, or does not any more."""
    fact = ObjectionRaised if objects else ObjectionWithdrawn
    return fact(
        event_id=uuid4(), merchant_id=merchant_id, conversation_id=conversation_id, occurred_at=now
    )


def completed(last: ErasureAcknowledged, erasure: Erasure, now: datetime) -> ErasureCompleted:
    """The fact that the last service has acknowledged; raises ValueError while one is missing."""
    if not erasure.all_acknowledged:
        raise ValueError(erasure.waiting_for)
    return ErasureCompleted(
        event_id=derived_id(erasure.erasure_id, "completed"),
        merchant_id=last.merchant_id,
        conversation_id=last.conversation_id,
        cause_id=last.event_id,
        occurred_at=not_before(now, last),
        erasure_id=erasure.erasure_id,
        deleted={service: dict(counts) for service, counts in erasure.deleted.items()},
    )


def _entry(
    event: ConversationEvent,
    merchant: Merchant,
    author: Author,
    sealed: Sealed,
    *,
    kind: Literal["message", "intake"] = "message",
    offer_topic: str | None = None,
) -> Entry:
    ends = expiry(merchant, sealed.purpose, event.occurred_at)
    answers = event.cause_id if author == "bot" else None
    return Entry(event, author, kind, sealed, ends, offer_topic, answers)
