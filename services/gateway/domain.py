"""The rules at the visitor's door: facts and their ids, who owns a conversation, forms, speed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

from libs.contracts.bodies import PageContext
from libs.contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseFiled,
    CaseQueued,
    WaitRange,
)
from libs.contracts.content import IntakeField, PackPublished, Topic
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import (
    CaseRated,
    ConversationStarted,
    HandoffCancelled,
    HandoffRequested,
    MessageReceived,
    VisitorIdentified,
    VisitorSeen,
    VisitorTyping,
)
from services.gateway.stretches import Mark, next_moment


class Owner(StrEnum):
    """Who answers a conversation now."""

    BOT = "bot"
    QUEUE = "queue"
    FILED = "filed"
    AGENT = "agent"


WAITING = (Owner.QUEUE, Owner.FILED)
"""The owners that a visitor may take the case back from."""


@dataclass(frozen=True)
class Ownership:
    """Who answers, since which version of which case, and where the visitor stands in the queue.

    `opens_at` is when a filed message may be read; `asks_rating` whether the closed case may still
    be rated, `rated_as` the client id of the rating that was accepted.
    """

    owner: Owner = Owner.BOT
    case_id: UUID | None = None
    version: int = 0
    position: int | None = None
    open_now: bool = True
    wait: WaitRange | None = None
    opens_at: datetime | None = None
    asks_rating: bool = False
    rated_as: UUID | None = None

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
    marks: tuple[Mark, ...] = ()
    customer: Sealed | None = None


def message_id(conversation_id: str, client_id: UUID) -> UUID:
    """The id of a visitor's message: the same for every resend of it."""
    return uuid5(UUID(conversation_id), f"message:{client_id}")


def attachment_id(conversation_id: str, client_id: UUID) -> UUID:
    """The id of a visitor's file: the same however often it is sent."""
    return uuid5(UUID(conversation_id), f"attachment:{client_id}")


def customer_id(conversation_id: str) -> UUID:
    """Where who the visitor is by the shop's word is sealed: it belongs to no event."""
    return uuid5(UUID(conversation_id), "customer")


def page_context(context: Mapping[str, str], origins: Iterable[str]) -> PageContext | None:
    """What of a page's context is kept: its address without query, and only on the shop's own site."""
    page = re.split(r"[?#]", context.get("page", ""))[0]
    is_own = any(page == origin or page.startswith(f"{origin}/") for origin in origins)
    kept = {**context, "page": page if is_own else None}
    return PageContext.model_validate(kept) if any(kept.values()) else None


def erasure_of(token: str) -> UUID:
    """The id of the erasure that a token's holder begins: the same again when the answer got lost.

    The token is 256 random bits, so nobody else can work it out, and it says nothing of the token.
    """
    return UUID(bytes=sha256(f"erasure|{token}".encode()).digest()[:16], version=4)


def conversation_started(session: Session, now: datetime) -> ConversationStarted:
    """The fact that a conversation began."""
    event_id = uuid5(UUID(session.conversation_id), "started")
    return ConversationStarted(**_head(session, event_id, now), locale=session.locale)


def message_received(
    session: Session, event_id: UUID, sealed: Sealed, now: datetime
) -> MessageReceived:
    """The fact that the visitor wrote; after all that people did before, where clocks disagree."""
    at = next_moment(session.marks, now)
    return MessageReceived(**_head(session, event_id, at), locale=session.locale, message=sealed)


def handoff_requested(
    session: Session, event_id: UUID, topic: str, sealed: Sealed, now: datetime
) -> HandoffRequested:
    """The fact that the visitor filled in the form and asks for a person."""
    at = next_moment(session.marks, now)
    head = _head(session, event_id, at)
    return HandoffRequested(**head, locale=session.locale, topic=topic, intake=sealed)


def visitor_identified(
    session: Session, event_id: UUID, sealed: Sealed, now: datetime
) -> VisitorIdentified:
    """The fact that the shop has signed who the visitor is."""
    at = next_moment(session.marks, now)
    return VisitorIdentified(**_head(session, event_id, at), customer=sealed)


def handoff_cancelled(session: Session, event_id: UUID, now: datetime) -> HandoffCancelled:
    """The fact that the visitor does not want to wait for a person any more."""
    return HandoffCancelled(**_head(session, event_id, next_moment(session.marks, now)))


def visitor_typing(session: Session, now: datetime) -> VisitorTyping:
    """The fact that the visitor is writing to a person."""
    return VisitorTyping(**_head(session, uuid4(), next_moment(session.marks, now)))


def visitor_seen(session: Session, now: datetime) -> VisitorSeen:
    """The fact that a visitor who waits for a person has the chat open."""
    return VisitorSeen(**_head(session, uuid4(), next_moment(session.marks, now)))


def case_rated(session: Session, case_id: UUID, score: int, now: datetime) -> CaseRated:
    """The fact that the visitor rated a case; the same id again, as a case is rated once."""
    head = _head(session, uuid5(case_id, "rated"), next_moment(session.marks, now))
    return CaseRated(**head, case_id=case_id, score=score)


def _head(session: Session, event_id: UUID, at: datetime) -> dict[str, Any]:
    """The envelope of a fact of the session's conversation."""
    return {
        "event_id": event_id, "merchant_id": session.merchant_id,
        "conversation_id": session.conversation_id, "occurred_at": at,
    }  # fmt: skip


def somebody_there(
    pack: PackPublished, topic: str, online: Mapping[str, int] | None, now: datetime
) -> bool:
    """Whether a visitor with this topic would come into a queue: open, and an agent of the skill
    online; while nothing is known of agents, the calendar alone counts.
    """
    merchant = pack.merchant
    staffed = online is None or online.get(merchant.skill_for(topic), 0) > 0
    return staffed and merchant.hours.is_open(now, merchant.time_zone)


def after_request(ownership: Ownership, *, is_queue: bool) -> Ownership:
    """Right after the form, before handoff has said more: the visitor waits, or left a message.

    The version moves on: what is still to come of the case before has no say any more.
    """
    owner = Owner.QUEUE if is_queue else Owner.FILED
    before = Ownership(case_id=ownership.case_id, version=ownership.version + 1)
    return replace(before, owner=owner, open_now=is_queue)


def is_past(session: Session, event: CaseEvent) -> bool:
    """Whether a fact comes again, after newer ones: of this case, or of one before it.

    A gateway that was stopped begins a little before where it was; a visitor may have asked anew since.
    """
    if event.case_id == session.ownership.case_id:
        return event.version < session.ownership.version
    return any(event.occurred_at < mark.at for mark in session.marks)


def after_case_event(ownership: Ownership, event: CaseEvent) -> Ownership:
    """Who owns the conversation after a fact of its case; older facts of that case change nothing."""
    known = ownership if event.case_id == ownership.case_id else Ownership()
    if event.version < known.version:
        return ownership
    match event:
        case CaseQueued(position=position, wait=wait, open_now=is_open):
            news = Ownership(Owner.QUEUE, position=position, wait=wait, open_now=is_open)
        case CaseFiled(opens_at=opens_at):
            news = Ownership(Owner.FILED, opens_at=opens_at, open_now=False)
        case CaseAssigned():
            news = Ownership(Owner.AGENT)
        case CaseClosed(asks_rating=asks):
            news = Ownership(asks_rating=asks and known.rated_as is None, rated_as=known.rated_as)
        case _:
            return ownership
    return replace(news, case_id=event.case_id, version=event.version)


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
