"""Cases and events that handoff's unit tests need."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from services.handoff import domain
from services.handoff.case import Case
from tests.builders import NOW, conversation_id, merchant, sealed

SHOP = merchant()
NAME = sealed(Purpose.CASE)


def asked_for(at: datetime = NOW, **changes: Any) -> HandoffRequested:
    """A filled-in form that asks for a person."""
    fields: dict[str, Any] = {
        "event_id": uuid4(), "merchant_id": SHOP.id, "conversation_id": conversation_id(),
        "occurred_at": at, "locale": "nb", "topic": "track_parcel",
        "intake": sealed(Purpose.CASE),
    }  # fmt: skip
    return HandoffRequested(**(fields | changes))


def waiting_case(seconds: float = 0, **changes: Any) -> Case:
    """A case that entered the queue `seconds` after NOW."""
    return domain.new_case(asked_for(NOW + timedelta(seconds=seconds), **changes), SHOP)


def owned_case(agent_id: str = "kari") -> Case:
    """A case that an agent has claimed a minute after it came."""
    return domain.claim(waiting_case(), [], agent_id, NAME, NOW + timedelta(minutes=1)).case


def erasure_of(case: Case) -> ErasureRequested:
    """The fact that the case's conversation is to be erased."""
    return ErasureRequested(
        event_id=uuid4(), merchant_id=case.merchant_id, conversation_id=case.conversation_id,
        occurred_at=NOW, erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
