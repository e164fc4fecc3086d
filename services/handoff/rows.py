"""How a case lies in the store: ids as text, the form sealed as it came."""

from uuid import UUID

from libs.contracts.sealed import Sealed
from libs.kit.mongo import Document
from services.handoff.case import Case, Status


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
