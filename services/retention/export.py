"""The download's contents, and its machine-readable form, written piece by piece and signed."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from libs.contracts.bodies import Customer, IntakeBody, MessageBody
from libs.contracts.casefile import CaseFile, CaseRecord
from libs.contracts.content import Merchant, PackPublished
from libs.contracts.sealed import Purpose
from libs.contracts.transcript import StoredMessage
from libs.kit.transcript import Stretch
from services.retention.attachments import Held
from services.retention.export_format import (
    CaseFacts,
    Controller,
    Digest,
    File,
    Head,
    Improvement,
    Kept,
)
from services.retention.receipts import canonical

Opened = tuple[StoredMessage, MessageBody | IntakeBody]

Forms = Mapping[str, IntakeBody]
"""The opened form of each case, by the case's id."""

SignStatement = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Signs what it is given; the signature as it stands in the file."""


PIECE = 3 * 16_384
"""Bytes of a file that are written at once: a whole number of base64's groups."""


@dataclass(frozen=True)
class Export:
    """Everything that the download shows but the messages; texts are opened for its maker only.

    `casefile` is None where handoff could not be asked.
    """

    pack: PackPublished
    conversation_id: str
    made_at: datetime
    people: Sequence[Stretch] = ()
    objected_at: datetime | None = None
    casefile: CaseFile | None = None
    forms: Forms = field(default_factory=dict)
    customer: Customer | None = None
    files: Sequence[Held] = ()

    @property
    def merchant(self) -> Merchant:
        """The shop."""
        return self.pack.merchant

    def is_shown(self, entry: StoredMessage) -> bool:
        """Whether the chat showed an entry: not what the bot said while people had the say."""
        at = entry.sent_at
        hears_people = any(
            since <= at and (until is None or at < until) for since, until in self._with_people
        )
        return entry.author != "bot" or not hears_people

    @cached_property
    def _with_people(self) -> tuple[Stretch, ...]:
        """What the gateway knows of it, and the cases: so it is marked for the rights desk, too."""
        cases = self.casefile.cases if self.casefile else ()
        return (*self.people, *((case.queued_at, _over(case)) for case in cases))

    def head(self) -> Head:
        """Who answers for it, why it is kept and until when, the cases, and who looked."""
        merchant, file = self.merchant, self.casefile
        return Head(
            exported_at=self.made_at,
            merchant_id=merchant.id,
            conversation_id=self.conversation_id,
            controller=Controller(
                name=merchant.name,
                organisation_number=merchant.organisation_number,
                address=merchant.address,
            ),
            processor=merchant.provider,
            improvement=Improvement(objected=self.objected_at is not None, since=self.objected_at),
            customer=self.customer,
            purposes=(
                Kept(purpose=Purpose.DIALOGUE, days=merchant.retention_days),
                Kept(purpose=Purpose.CASE, days=merchant.case_cap_days),
            ),
            cases=tuple(self._case(case) for case in file.cases) if file else None,
            read_by=file.looks if file else None,
        )

    def message(self, entry: StoredMessage, body: MessageBody | IntakeBody) -> dict[str, Any]:
        """An entry for programs: who spoke, what, when, why it is kept and until when."""
        said = _given(body) if isinstance(body, IntakeBody) else _said(body)
        offer = {"offer_topic": entry.offer_topic} if entry.offer_topic else {}
        return {
            "message_id": str(entry.message_id),
            "seq": entry.seq,
            "at": entry.sent_at.isoformat(),
            "author": entry.author,
            "kind": entry.kind,
            "purpose": entry.sealed.purpose.value,
            "deleted_no_later_than": entry.expires_at.isoformat(),
            "shown": self.is_shown(entry),
            **said,
            **offer,
        }

    def _case(self, case: CaseRecord) -> CaseFacts:
        form = self.forms.get(str(case.case_id), IntakeBody())
        return CaseFacts(
            case_id=case.case_id, topic=case.topic, status=case.status, asked_at=case.queued_at,
            taken_at=case.assigned_at, ended_at=case.ended_at, ended_as=case.closed_reason,
            rating=case.rating, deleted_no_later_than=case.expires_at, facts=form.fields,
            customer=form.customer, context=form.context,
        )  # fmt: skip


def _over(case: CaseRecord) -> datetime | None:
    """The first whole millisecond in which the conversation is the bot's again, as the gateway has it."""
    return case.ended_at + timedelta(milliseconds=1) if case.ended_at else None


def encoded(content: bytes) -> Iterator[bytes]:
    """A file in base64, piece by piece."""
    for begin in range(0, len(content), PIECE):
        yield b64encode(content[begin : begin + PIECE])


class ExportFile(Protocol):
    """A form of the download, written piece by piece: `begin`, `messages` …, `file` …, `end`."""

    media_type: str

    def begin(self) -> bytes:
        """Everything before the messages."""

    def messages(self, entries: Iterable[Opened]) -> bytes:
        """The next messages."""

    def file(self, held: Held, content: bytes) -> Iterator[bytes]:
        """The next file that the visitor gave, after all messages."""

    def end(self) -> bytes:
        """Everything after them; without it the file is not whole."""


class JsonFile:
    """The form for machines: one line for each message and file, and a signature at the end."""

    media_type = "application/json"

    def __init__(self, export: Export, sign: SignStatement) -> None:
        self._export = export
        self._sign = sign
        self._digest = Digest()
        self._files = 0

    def begin(self) -> bytes:
        """The head, open for messages."""
        head = self._export.head().model_dump(mode="json")
        self._digest.head(head)
        text = json.dumps(head, ensure_ascii=False, indent=2)
        return f'{text.removesuffix("}").rstrip()},\n  "messages": ['.encode()

    def messages(self, entries: Iterable[Opened]) -> bytes:
        """A line for each."""
        return b"".join(self._line(entry, body) for entry, body in entries)

    def file(self, held: Held, content: bytes) -> Iterator[bytes]:
        """A line for each; without files there is no list of them."""
        yield b",\n    " if self._files else b'\n  ],\n  "files": [\n    '
        self._files += 1
        yield from self._digest.file(_file(held, content))

    def end(self) -> bytes:
        """The signature over all that was written."""
        text = json.dumps(self._sign(self._digest.statement()), indent=2).replace("\n", "\n  ")
        return f'\n  ],\n  "signature": {text}\n}}\n'.encode()

    def _line(self, entry: StoredMessage, body: MessageBody | IntakeBody) -> bytes:
        line = canonical(self._export.message(entry, body))
        comma = b"," if self._digest.messages else b""
        self._digest.message(line)
        return comma + b"\n    " + line


def _file(held: Held, content: bytes) -> Iterator[bytes]:
    """The canonical form of a file, of which never more than a piece is in memory once more."""
    facts = File(
        **vars(held.file), given_at=held.given_at, deleted_no_later_than=held.expires_at, content=""
    )
    before, after = canonical(facts.model_dump(mode="json")).split(b'"content":"', 1)
    yield before + b'"content":"'
    yield from encoded(content)
    yield after


def _given(body: IntakeBody) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_none=True)


def _said(body: MessageBody) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_defaults=True) | {"text": body.text}
