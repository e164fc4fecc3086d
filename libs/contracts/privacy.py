"""Facts about erasure and about the stored transcript, written by retention."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.contracts.envelope import (
    ConversationEvent,
    ErasureAcknowledged,
    derived_id,
    not_before,
)


class ErasureRequested(ConversationEvent):
    """A conversation's keys are destroyed; every service deletes what it holds and acknowledges."""

    type: Literal["ErasureRequested"] = "ErasureRequested"
    erasure_id: UUID
    requested_by: Literal["visitor", "agent", "merchant"]

    def acknowledged(
        self, service: str, deleted: Mapping[str, int], now: datetime
    ) -> ErasureAcknowledged:
        """The fact that `service` has deleted its part; the same fact again on a retry."""
        return ErasureAcknowledged(
            event_id=derived_id(self.event_id, f"acknowledged:{service}"),
            merchant_id=self.merchant_id,
            conversation_id=self.conversation_id,
            cause_id=self.event_id,
            occurred_at=not_before(now, self),
            erasure_id=self.erasure_id,
            service=service,
            deleted=dict(deleted),
        )


class ErasureRecorded(ConversationEvent):
    """A conversation is erased for good: no backup of the store may bring it back."""

    type: Literal["ErasureRecorded"] = "ErasureRecorded"
    erasure_id: UUID
    requested_by: Literal["visitor", "agent", "merchant"]


class ErasureCompleted(ConversationEvent):
    """Every service has acknowledged; `deleted` counts per service and collection."""

    type: Literal["ErasureCompleted"] = "ErasureCompleted"
    erasure_id: UUID
    deleted: dict[str, dict[str, int]]


class ObjectionRaised(ConversationEvent):
    """A visitor does not want the questions of this conversation, from its start, used to improve."""

    type: Literal["ObjectionRaised"] = "ObjectionRaised"


class ObjectionWithdrawn(ConversationEvent):
    """A visitor who had objected lets the questions of this conversation be used to improve."""

    type: Literal["ObjectionWithdrawn"] = "ObjectionWithdrawn"


class TranscriptAppended(ConversationEvent):
    """A message is stored durably as number `seq` (1, 2, 3 …) of its conversation."""

    type: Literal["TranscriptAppended"] = "TranscriptAppended"
    message_id: UUID
    seq: int = Field(ge=1)
    author: Literal["visitor", "bot", "agent"]


PrivacyEvent = Annotated[
    ErasureRequested
    | ErasureCompleted
    | ErasureAcknowledged
    | ObjectionRaised
    | ObjectionWithdrawn,
    Field(discriminator="type"),
]
