"""A case and its states. Pure, like domain.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.contracts.envelope import Event
from libs.contracts.sealed import Sealed

TICK = timedelta(milliseconds=1)
"""The store keeps whole milliseconds: a later event is at least one later."""


class Status(StrEnum):
    """Where a case stands."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class NotAllowed(Exception):
    """An agent asked for what the case's state does not allow; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Case:
    """A human-handled thread; the event `request_id` opened it and is the place of `intake`."""

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
    agent_id: str | None = None
    assigned_at: datetime | None = None
    visitor_wrote_at: datetime | None = None
    read_at: datetime | None = None

    @property
    def unread(self) -> bool:
        """Whether the visitor wrote something that the owner has not opened yet."""
        return self.visitor_wrote_at is not None and (
            self.read_at is None or self.visitor_wrote_at > self.read_at
        )


@dataclass(frozen=True)
class Change:
    """A case as it is from now on, and the events that say so; both are stored together."""

    case: Case
    events: tuple[Event, ...]
