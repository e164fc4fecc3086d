"""The rules at the visitor's door: ids, who owns a conversation, how fast one may write, forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from libs.contracts.case import CaseAssigned, CaseClosed, CaseEvent, CaseQueued, QueueMoved
from libs.contracts.content import IntakeField, PackPublished, Topic
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import ConversationStarted, HandoffRequested, MessageReceived


class Owner(StrEnum):
    """Who answers a conversation now."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


@dataclass(frozen=True)
class Ownership:
    """Who answers, since which version of which case, and where the visitor stands in the queue."""

    owner: Owner = Owner.BOT
    case_id: UUID | None = None
    version: int = 0
    position: int | None = None
    open_now: bool = True

    @property
    def purpose(self) -> Purpose:
        """What the visitor's next message is sealed for: a person's eyes only, or the dialogue."""
        return Purpose.DIALOGUE if self.owner is Owner.BOT else Purpose.CASE


@dataclass(frozen=True)
class Assigned:
    """The agent of a conversation: the sealed name, and the event that it was sealed for."""

    event_id: UUID
    agent: Sealed


@dataclass(frozen=True)
class Session:
    """One conversation as the gateway knows it; the token itself is never kept, only its hash."""

    conversation_id: str
    merchant_id: str
    locale: str
    token_hash: bytes
    expires_at: datetime
    ownership: Ownership = Ownership()
    assigned: Assigned | None = None


def message_id(conversation_id: str, client_id: UUID) -> UUID:
    """The id of a visitor's message: the same for every resend of it."""
    return uuid5(UUID(conversation_id), f"message:{client_id}")


def conversation_started(session: Session, now: datetime) -> ConversationStarted:
    """The fact that a conversation began."""
    return ConversationStarted(
        event_id=uuid5(UUID(session.conversation_id), "started"),
        merchant_id=session.merchant_id,
        conversation_id=session.conversation_id,
        occurred_at=now,
        locale=session.locale,
    )


def message_received(
    session: Session, event_id: UUID, sealed: Sealed, now: datetime
) -> MessageReceived:
    """The fact that the visitor wrote."""
    return MessageReceived(
        event_id=event_id,
        merchant_id=session.merchant_id,
        conversation_id=session.conversation_id,
        occurred_at=now,
        locale=session.locale,
        message=sealed,
    )


def handoff_requested(
    session: Session, event_id: UUID, topic: str, sealed: Sealed, now: datetime
) -> HandoffRequested:
    """The fact that the visitor filled in the form and asks for a person."""
    return HandoffRequested(
        event_id=event_id,
        merchant_id=session.merchant_id,
        conversation_id=session.conversation_id,
        occurred_at=now,
        locale=session.locale,
        topic=topic,
        intake=sealed,
    )


def after_request(ownership: Ownership, pack: PackPublished, now: datetime) -> Ownership:
    """Right after the form: the visitor waits, before handoff has said at which position."""
    merchant = pack.merchant
    open_now = merchant.hours.is_open(now, merchant.time_zone)
    return replace(ownership, owner=Owner.QUEUE, position=None, open_now=open_now)


def after_case_event(ownership: Ownership, event: CaseEvent) -> Ownership:
    """Who owns the conversation after a fact of its case; older facts of that case change nothing."""
    if event.case_id == ownership.case_id and event.version < ownership.version:
        return ownership
    seen = replace(ownership, case_id=event.case_id, version=event.version)
    match event:
        case CaseQueued():
            return replace(
                seen, owner=Owner.QUEUE, position=event.position, open_now=event.open_now
            )
        case QueueMoved():
            return replace(seen, owner=Owner.QUEUE, position=event.position)
        case CaseAssigned():
            return replace(seen, owner=Owner.AGENT, position=None)
        case CaseClosed():
            return replace(seen, owner=Owner.BOT, position=None)
        case _:
            return ownership


EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,24}")
ORDER_NUMBER = re.compile(r"\d{8}")


def form_faults(topic: Topic, fields: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a filled-in form: field key → code; empty when it may be sent."""
    declared = {field.key for field in topic.intake}
    faults = {key: "not_asked_for" for key in fields if key not in declared}
    for field in topic.intake:
        if fault := _field_fault(field, fields.get(field.key, "").strip()):
            faults[field.key] = fault
    return faults


def _field_fault(field: IntakeField, value: str) -> str | None:
    if not value:
        return "required" if field.required else None
    if field.kind == "email" and not EMAIL.fullmatch(value):
        return "not_an_email"
    if field.kind == "order_number" and not ORDER_NUMBER.fullmatch(re.sub(r"[\s.-]", "", value)):
        return "not_an_order_number"
    return None


class Bucket:
    """A token bucket: `burst` at once, refilled at `rate` per second. Time comes from the caller."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Takes one token; False when there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
