"""Invented conversations to download."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import IntakeBody
from libs.contracts.casefile import CaseFile, CaseRecord, Look
from libs.contracts.sealed import Purpose
from libs.contracts.transcript import StoredMessage
from services.retention.attachments import Held
from services.retention.export import Export, ExportFile, JsonFile, Opened
from services.retention.export_page import HtmlFile
from services.retention.proofs import export_signature
from services.retention.receipts import Signer
from tests.builders import NOW, pack, sealed

CONVERSATION = "a" * 32
Files = Iterable[tuple[Held, bytes]]
SIGNER = Signer(bytes(range(32)))


def entry(
    seq: int, author: Any, kind: Any = "message", purpose: Purpose = Purpose.DIALOGUE
) -> StoredMessage:
    """A stored entry that opens with no key."""
    return StoredMessage(
        message_id=uuid4(), merchant_id="fjellbekk", conversation_id=CONVERSATION, seq=seq,
        author=author, kind=kind, sealed=sealed(purpose), sent_at=NOW, expires_at=NOW,
    )  # fmt: skip


def case_record(**changes: Any) -> CaseRecord:
    """A case that an agent has taken."""
    fields: dict[str, Any] = {
        "case_id": uuid4(), "request_id": uuid4(), "topic": "track_parcel", "status": "assigned",
        "queued_at": NOW, "assigned_at": NOW + timedelta(minutes=1), "closed_reason": None,
        "rating": None, "expires_at": NOW + timedelta(days=365), "intake": sealed(Purpose.CASE),
    }  # fmt: skip
    return CaseRecord(**fields | changes)


def look(*roles: str, what: str = "case_read") -> Look:
    """Somebody who read form and messages."""
    return Look(at=NOW, roles=roles, what=what, fields=("intake", "messages"))


def export(casefile: CaseFile | None = None, **changes: Any) -> Export:
    """A download; its cases' forms hold an order number."""
    cases = casefile.cases if casefile else ()
    forms = {str(case.case_id): IntakeBody(fields={"order_number": "10482217"}) for case in cases}
    return Export(pack(), CONVERSATION, NOW, casefile=casefile, forms=forms, **changes)


def held(media_type: Any = "image/png", size: int = 3) -> Held:
    """A file that was given now and is kept for a year."""
    file = Attachment(attachment_id=uuid4(), media_type=media_type, size=size)
    return Held(file, NOW, NOW + timedelta(days=365))


def as_json(
    made: Export, entries: Iterable[Opened], signer: Signer = SIGNER, files: Files = ()
) -> bytes:
    """The form for machines."""
    return written(JsonFile(made, partial(export_signature, signer)), entries, files)


def as_html(
    made: Export, entries: Iterable[Opened], language: str = "nb", files: Files = ()
) -> str:
    """The form for people."""
    return written(HtmlFile(made, language), entries, files).decode()


def written(file: ExportFile, entries: Iterable[Opened], files: Files = ()) -> bytes:
    """The whole file, one message at a time."""
    return b"".join((
        file.begin(), *(file.messages([one]) for one in entries),
        *(piece for held, content in files for piece in file.file(held, content)), file.end(),
    ))  # fmt: skip
