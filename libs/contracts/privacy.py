"""Facts about erasure and about the stored transcript, written by retention."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged


class ErasureRequested(ConversationEvent):
    """A conversation's keys are destroyed; every service deletes what it holds and acknowledges."""

    type: Literal["ErasureRequested"] = "ErasureRequested"
    erasure_id: UUID
    requested_by: Literal["visitor", "agent", "merchant"]


class ErasureCompleted(ConversationEvent):
    """Every service has acknowledged; `deleted` counts per service and collection."""

    type: Literal["ErasureCompleted"] = "ErasureCompleted"
    erasure_id: UUID
    deleted: dict[str, dict[str, int]]


class TranscriptAppended(ConversationEvent):
    """A message is stored durably as number `seq` (1, 2, 3 …) of its conversation."""

    type: Literal["TranscriptAppended"] = "TranscriptAppended"
    message_id: UUID
    seq: int = Field(ge=1)
    author: Literal["visitor", "bot", "agent"]


PrivacyEvent = Annotated[
    ErasureRequested | ErasureCompleted | ErasureAcknowledged, Field(discriminator="type")
]
