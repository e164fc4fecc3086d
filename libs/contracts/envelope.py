"""The envelope around every event: ids that survive retries, times that keep causal order."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MerchantId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$")]
"""A web shop's id, chosen when it joins: lower-case letters, digits and hyphens."""

ConversationId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""128 random bits in hex; says nothing about the visitor."""


class Event(BaseModel):
    """A fact that has happened. Readers ignore fields they do not know (v1 only grows)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: UUID
    schema_version: Literal[1] = 1
    merchant_id: MerchantId
    cause_id: UUID | None = None
    occurred_at: AwareDatetime

    @property
    def key(self) -> str:
        """The bus key: records with one key stay in order."""
        return self.merchant_id


class ConversationEvent(Event):
    """A fact of one conversation; keyed by it, so that its order survives the bus."""

    conversation_id: ConversationId

    @property
    def key(self) -> str:
        """The conversation id: all facts of a conversation share a partition."""
        return self.conversation_id


class ErasureAcknowledged(ConversationEvent):
    """A service has deleted what it held of an erased conversation; `deleted` counts per collection."""

    type: Literal["ErasureAcknowledged"] = "ErasureAcknowledged"
    erasure_id: UUID
    service: str
    deleted: dict[str, int]


def derived_id(cause: UUID, step: str) -> UUID:
    """The id of what follows from `cause` at `step`: the same on every retry, so repeats are seen."""
    return uuid5(cause, step)


def not_before(now: datetime, cause: Event | None) -> datetime:
    """`now`, moved past the cause where clocks disagree: max(now, cause + 1 µs)."""
    return now if cause is None else max(now, cause.occurred_at + timedelta(microseconds=1))
