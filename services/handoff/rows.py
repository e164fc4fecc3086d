"""How a case lies in the store: ids as text, the form sealed as it came."""

from datetime import timedelta
from uuid import UUID

from libs.contracts.content import CASE_CAP_DAYS
from libs.contracts.sealed import Sealed
from libs.kit.mongo import Collection, Document, Index
from services.handoff.case import Case, Status

CASES = Collection(
    "cases",
    expiring=True,
    indexes=(
        # What is compared for equality first, the end of life last: the local store reads by no other
        # order, and by the leading field alone where a query names a list.
        Index(("status", "merchant_id", "skill", "expires_at")),
        Index(("conversation_id", "status")),
        Index(("agent_id", "status", "expires_at")),
    ),
    required={
        "merchant_id": "string", "conversation_id": "string", "status": "string",
        "version": "int", "queued_at": "date", "intake": "object",
    },
    lives=timedelta(days=CASE_CAP_DAYS),
    born="queued_at",
)  # fmt: skip


def to_row(case: Case) -> Document:
    """The document that a case is stored as."""
    fields = {name: value for name, value in vars(case).items() if name != "case_id"}
    return fields | {
        "_id": str(case.case_id), "request_id": str(case.request_id),
        "status": case.status.value, "intake": case.intake.model_dump(mode="json"),
    }  # fmt: skip


def from_row(document: Document) -> Case:
    """The case that a document holds."""
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Case(
        **fields | {
            "case_id": UUID(document["_id"]), "request_id": UUID(document["request_id"]),
            "status": Status(document["status"]), "intake": Sealed(**document["intake"]),
        }
    )  # fmt: skip
