"""Facts about cases (human-handled threads), written by handoff."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged
from libs.contracts.sealed import Personal, Purpose, Sealed


class CaseEvent(ConversationEvent):
    """A fact of one case; `version` counts the case's changes of owner (bot, queue, agent, closed)."""

    case_id: UUID
    version: int = Field(ge=1)


class CaseQueued(CaseEvent):
    """A case entered the queue of a skill at `position` (1 = next); `open_now` is false out of hours."""

    type: Literal["CaseQueued"] = "CaseQueued"
    skill: str
    topic: str
    position: int = Field(ge=1)
    open_now: bool


class QueueMoved(CaseEvent):
    """A waiting case moved to a new `position` because another left the queue."""

    type: Literal["QueueMoved"] = "QueueMoved"
    position: int = Field(ge=1)


class CaseAssigned(CaseEvent):
    """An agent claimed the case (exactly one can); `waited_seconds` is the time in the queue."""

    type: Literal["CaseAssigned"] = "CaseAssigned"
    agent: Annotated[Sealed, Personal((Purpose.CASE,), "AgentBody: the agent's display name")]
    waited_seconds: float = Field(ge=0)


class AgentReplied(CaseEvent):
    """The agent who owns the case wrote to the visitor."""

    type: Literal["AgentReplied"] = "AgentReplied"
    message: Annotated[Sealed, Personal((Purpose.CASE,), "MessageBody: what the agent wrote")]


class CaseClosed(CaseEvent):
    """The case ended; the conversation belongs to the bot again."""

    type: Literal["CaseClosed"] = "CaseClosed"
    reason: Literal["solved", "unsolved", "abandoned", "erased"]
    handled_seconds: float = Field(ge=0)


CaseTopicEvent = Annotated[
    CaseQueued | QueueMoved | CaseAssigned | AgentReplied | CaseClosed | ErasureAcknowledged,
    Field(discriminator="type"),
]
