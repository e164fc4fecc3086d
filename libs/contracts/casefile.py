"""What handoff tells retention of a conversation for its download: its cases, and who looked at them."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from libs.contracts.sealed import Sealed


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Look(_Told):
    """Somebody was shown something: when, in which roles, how, and which parts; never who."""

    at: AwareDatetime
    roles: tuple[str, ...]
    what: str
    fields: tuple[str, ...]


class CaseRecord(_Told):
    """A case as it is kept; `request_id` is what the form is sealed for."""

    case_id: UUID
    request_id: UUID
    topic: str
    status: str
    queued_at: AwareDatetime
    assigned_at: AwareDatetime | None
    ended_at: AwareDatetime | None = None
    closed_reason: str | None
    rating: int | None
    expires_at: AwareDatetime
    intake: Sealed


class CaseFile(_Told):
    """Everything that handoff knows of a conversation, without colleagues' notes."""

    cases: tuple[CaseRecord, ...] = ()
    looks: tuple[Look, ...] = ()
