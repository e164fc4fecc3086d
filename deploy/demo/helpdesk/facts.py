"""What is taken of an event of `prat.case.v1`, and of a webhook: by allow-list, one shape for both."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from deploy.demo.helpdesk.mirror import CaseFact, Status
from libs.contracts.case import CaseAssigned, CaseClosed, CaseErased, CaseFiled, CaseQueued
from libs.contracts.envelope import Event

_STATUS_OF_EVENT: Mapping[type[Event], Status] = {
    CaseQueued: "queued", CaseFiled: "filed", CaseAssigned: "assigned", CaseClosed: "closed",
    CaseErased: "erased",
}  # fmt: skip

_STATUS_OF_NOTICE: Mapping[str, Status] = {
    "case.queued": "queued", "case.filed": "filed", "case.assigned": "assigned",
    "case.closed": "closed", "case.erased": "erased",
}  # fmt: skip


class Notice(BaseModel):
    """A webhook's body; what is not named here is passed over, so that v1 may grow."""

    type: str
    timestamp: AwareDatetime
    data: dict[str, Any]


def fact_of_event(event: Event) -> CaseFact | None:
    """What an event of the bus says of a case's state; None where it says nothing of it."""
    status = _STATUS_OF_EVENT.get(type(event))
    if status is None:
        return None
    return _fact(event.model_dump(mode="json"), status, event.occurred_at)


def fact_of_notice(notice: Notice) -> CaseFact | None:
    """The same of a webhook; raises ValidationError where the data are not a case's."""
    status = _STATUS_OF_NOTICE.get(notice.type)
    return _fact(notice.data, status, notice.timestamp) if status else None


def _fact(data: Mapping[str, Any], status: Status, at: AwareDatetime) -> CaseFact:
    erased: Literal["erased"] = "erased"
    said = erased if (status, data.get("reason")) == ("closed", erased) else status
    return CaseFact.model_validate({**data, "status": said, "changed_at": at})
