"""A case and its states. Pure, like domain.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from libs.contracts.envelope import Event, derived_id
from libs.contracts.sealed import Sealed

TICK = timedelta(milliseconds=1)
"""The store keeps whole milliseconds: a later event is at least one later."""

CloseReason = Literal["solved", "unsolved", "abandoned"]
Ended = Literal["agent", "visitor", "time", "erasure"]
Entered = Literal["asked", "returned", "transferred"]


class Status(StrEnum):
    """Where a case stands: in a queue, left as a message, with an agent, or over."""

    QUEUED = "queued"
    FILED = "filed"
    ASSIGNED = "assigned"
    CLOSED = "closed"


WAITING = (Status.QUEUED, Status.FILED)
"""Nobody owns it yet: an agent may take it, the visitor may withdraw it."""


class NotAllowed(Exception):
    """An agent asked for what the case's state does not allow; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Case:
    """A human-handled thread; the event `request_id` opened it and is the place of `intake`.

    `queued_at` is when the visitor asked, and stays: who comes back to the queue is at its head.
    `was_filed` marks a message left while nobody was there; it never stands in a queue. Whoever gave it
    back last, `returned_by`, is not given it again unasked.
    """

    case_id: UUID
    merchant_id: str
    conversation_id: str
    request_id: UUID
    skill: str
    topic: str
    locale: str
    intake: Sealed
    queued_at: datetime
    changed_at: datetime
    expires_at: datetime
    status: Status = Status.QUEUED
    version: int = 1
    entered: Entered = "asked"
    was_filed: bool = False
    opens_at: datetime | None = None
    agent_id: str | None = None
    returned_by: str | None = None
    assigned_at: datetime | None = None
    visitor_wrote_at: datetime | None = None
    visitor_seen_at: datetime | None = None
    agent_wrote_at: datetime | None = None
    read_at: datetime | None = None
    closed_reason: str | None = None
    closed_by: Ended | None = None
    asks_rating: bool = False
    rating: int | None = None

    @property
    def unread(self) -> bool:
        """Whether the visitor wrote something that the owner has not opened yet."""
        return self.visitor_wrote_at is not None and (
            self.read_at is None or self.visitor_wrote_at > self.read_at
        )

    @property
    def last_said_at(self) -> datetime | None:
        """When visitor or agent last wrote in it."""
        said = [at for at in (self.visitor_wrote_at, self.agent_wrote_at) if at]
        return max(said, default=None)

    @property
    def said_by(self) -> UUID:
        """The id of the event that tells of the state that the case is in now."""
        return derived_id(self.case_id, f"{self.status}:{self.version}")


@dataclass(frozen=True)
class Change:
    """A case as it is from now on, and the events that say so; both are stored together.

    `handled` is how long an agent was busy with it, where the change ends that.
    """

    case: Case
    events: tuple[Event, ...]
    handled: float | None = None
