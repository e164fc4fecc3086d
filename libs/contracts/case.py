"""Facts about cases (human-handled threads), written by handoff."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged, Event
from libs.contracts.sealed import Personal, Purpose, Sealed


class CaseEvent(ConversationEvent):
    """A fact of one case; `version` counts the case's changes of owner (bot, queue, agent, closed)."""

    case_id: UUID
    version: int = Field(ge=1)


class WaitRange(BaseModel):
    """How long a wait will probably be, in seconds: half of all waits lie between the two."""

    model_config = ConfigDict(frozen=True)

    low_seconds: int = Field(ge=0)
    high_seconds: int = Field(ge=0)


class CaseQueued(CaseEvent):
    """A case entered the queue of a skill at `position` (1 = next); `open_now` is false out of hours.

    `wait` is absent while too little is known; `reason` says whether the visitor asked, or an agent
    who had the case is gone or passed it on.
    """

    type: Literal["CaseQueued"] = "CaseQueued"
    skill: str
    topic: str
    position: int = Field(ge=1)
    open_now: bool
    wait: WaitRange | None = None
    reason: Literal["asked", "returned", "transferred"] = "asked"


class CaseFiled(CaseEvent):
    """Nobody is there: the case is a message that waits, without a queue, for an agent to take it."""

    type: Literal["CaseFiled"] = "CaseFiled"
    skill: str
    topic: str
    opens_at: AwareDatetime | None = None


class CaseAssigned(CaseEvent):
    """An agent claimed the case (exactly one can); `waited_seconds` is the time in the queue."""

    type: Literal["CaseAssigned"] = "CaseAssigned"
    agent: Annotated[Sealed, Personal((Purpose.CASE,), "AgentBody: the agent's display name")]
    waited_seconds: float = Field(ge=0)


class AgentReplied(CaseEvent):
    """The agent who owns the case wrote to the visitor."""

    type: Literal["AgentReplied"] = "AgentReplied"
    message: Annotated[Sealed, Personal((Purpose.CASE,), "MessageBody: what the agent wrote")]


class AgentTyping(CaseEvent):
    """The agent who owns the case is writing; true for some seconds only."""

    type: Literal["AgentTyping"] = "AgentTyping"


class CaseClosed(CaseEvent):
    """The case ended; the conversation belongs to the bot again.

    `by` says who ended it (`time`: the visitor's patience ran out); `solved_topic` what was solved,
    so that the bot need not begin there again; `asks_rating` whether the visitor is asked how it went.
    """

    type: Literal["CaseClosed"] = "CaseClosed"
    reason: Literal["solved", "unsolved", "abandoned", "erased"]
    handled_seconds: float = Field(ge=0)
    by: Literal["agent", "visitor", "time", "erasure"] | None = None
    solved_topic: str | None = None
    asks_rating: bool = False


class CaseErased(CaseEvent):
    """A case that was over is erased with its conversation: whoever has something of it deletes that.

    Of a case that was still open, CaseClosed with reason `erased` says the same.
    """

    type: Literal["CaseErased"] = "CaseErased"


CaseTopicEvent = Annotated[
    CaseQueued
    | CaseFiled
    | CaseAssigned
    | AgentReplied
    | AgentTyping
    | CaseClosed
    | CaseErased
    | ErasureAcknowledged,
    Field(discriminator="type"),
]


class StaffingChanged(Event):
    """How many agents are online for each skill of a merchant; the newest per merchant counts."""

    type: Literal["StaffingChanged"] = "StaffingChanged"
    online: dict[str, int]


MOST_PLACES = 5000
"""A longer queue is told from its head; whoever stands behind hears when that is reached."""


class QueuePlace(BaseModel):
    """One case that waits, as of its `version`; `wait` is absent while too little is known."""

    model_config = ConfigDict(frozen=True)

    case_id: UUID
    version: int = Field(ge=1)
    wait: WaitRange | None = None


class QueueChanged(Event):
    """Who waits for a skill of a merchant, the next one first; the newest per queue counts.

    Said when others than a newcomer at the end have new places, or waits have clearly changed.
    """

    type: Literal["QueueChanged"] = "QueueChanged"
    skill: str
    places: tuple[QueuePlace, ...] = Field(max_length=MOST_PLACES)

    @property
    def key(self) -> str:
        """The queue: a merchant's skill."""
        return f"{self.merchant_id}|{self.skill}"
