"""The machine-readable download, format `prat-export/1`: its fields, its digest, its signature. Pure.

Signed is the SHA-256 over the canonical form of everything before the messages, then a line feed and
the canonical form of each message, and of each file, in order: so it can be written, and checked, piece
by piece.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import Button, Card, Customer, PageContext
from libs.contracts.casefile import Look
from libs.contracts.sealed import Purpose
from libs.contracts.transcript import Author
from services.retention.receipts import canonical

FORMAT: Literal["prat-export/1"] = "prat-export/1"
"""Name and version of the JSON format; readers ignore keys they do not know."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Controller(_Part):
    """The shop, who answers for what happens to the data."""

    name: str
    organisation_number: str
    address: str


class Improvement(_Part):
    """Whether the visitor objects to the bot being improved by these questions, and since when."""

    objected: bool
    since: AwareDatetime | None


class Kept(_Part):
    """Why something is kept, and for how many days at most after it was sent."""

    purpose: Purpose
    days: int


class CaseFacts(_Part):
    """A case at customer service; `facts` are what the visitor filled in, as it stands now, the rest is
    what the shop added to it.
    """

    case_id: UUID
    topic: str
    status: str
    asked_at: AwareDatetime
    taken_at: AwareDatetime | None
    ended_at: AwareDatetime | None = None
    ended_as: str | None
    rating: int | None
    deleted_no_later_than: AwareDatetime
    facts: dict[str, str]
    customer: Customer | None = Field(
        default=None, description="Who the shop said the visitor is, signed by the shop."
    )
    context: PageContext | None = Field(
        default=None, description="What the shop's page showed when a person was asked for."
    )


class Head(_Part):
    """Everything that stands before the messages."""

    format: Literal["prat-export/1"] = FORMAT
    exported_at: AwareDatetime
    merchant_id: str
    conversation_id: str
    controller: Controller
    processor: str = Field(description="The company that runs the chat on the shop's behalf.")
    improvement: Improvement
    customer: Customer | None = Field(
        default=None,
        description="Who the shop says the visitor is, signed by the shop, as it last said.",
    )
    purposes: tuple[Kept, ...]
    cases: tuple[CaseFacts, ...] | None = Field(
        description="The cases at customer service; null when they could not be looked up just then."
    )
    read_by: tuple[Look, ...] | None = Field(
        description="Each time that a person looked, and in which roles; null as above."
    )


class Message(_Part):
    """One entry: what visitor, bot (always a program) or agent (always a person) said or filled in."""

    message_id: UUID
    seq: int
    at: AwareDatetime
    author: Author
    kind: Literal["message", "intake"]
    purpose: Purpose
    deleted_no_later_than: AwareDatetime
    shown: bool = Field(description="Whether the chat showed it.")
    text: str | None = None
    fields: dict[str, str] | None = Field(
        default=None, description="What was filled in before the queue, as it stands now."
    )
    customer: Customer | None = Field(
        default=None, description="Who the shop said the visitor is, signed by the shop."
    )
    context: PageContext | None = Field(
        default=None, description="What the shop's page showed when a person was asked for."
    )
    language: str | None = None
    order: str | None = Field(default=None, description="The order that the shop's page was about.")
    attachments: tuple[Attachment, ...] = Field(
        default=(), description="Files that the visitor gave: ids, types and sizes in bytes."
    )
    speaker: str | None = Field(default=None, description="The agent's display name.")
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    offer_topic: str | None = None


class File(Attachment):
    """A file that the visitor gave, whole."""

    given_at: AwareDatetime
    deleted_no_later_than: AwareDatetime
    content: str = Field(
        description="Its bytes in base64.", json_schema_extra={"contentEncoding": "base64"}
    )


class Signed(_Part):
    """Who signed, and what: the digest and the number of messages."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    key_id: str
    digest: str
    messages: int = Field(ge=0)
    value: str


class ConversationExport(Head):
    """A conversation as its visitor downloads it."""

    messages: tuple[Message, ...]
    files: tuple[File, ...] = Field(
        default=(), description="The files that the visitor gave, also those that were never sent."
    )
    signature: Signed


class Digest:
    """The digest of an export, piece by piece."""

    def __init__(self) -> None:
        self._sha, self.messages = sha256(), 0

    def head(self, head: Mapping[str, Any]) -> None:
        """What stands before the messages."""
        self._sha.update(canonical(head))

    def message(self, line: bytes) -> None:
        """The next message in its canonical form."""
        self._sha.update(b"\n" + line)
        self.messages += 1

    def file(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The next file in its canonical form, which is passed on piece by piece."""
        self._sha.update(b"\n")
        for piece in pieces:
            self._sha.update(piece)
            yield piece

    def statement(self) -> dict[str, Any]:
        """What is signed."""
        return {"format": FORMAT, "digest": self._sha.hexdigest(), "messages": self.messages}


def digest_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the signature of a whole export must say."""
    digest, after = Digest(), ("messages", "files", "signature")
    digest.head({key: value for key, value in body.items() if key not in after})
    for message in body["messages"]:
        digest.message(canonical(message))
    for file in body.get("files", ()):
        deque(digest.file([canonical(file)]), maxlen=0)
    return digest.statement()


def schema() -> dict[str, Any]:
    """The JSON Schema of the format."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://prat.example/schemas/conversation-export.json",
        **ConversationExport.model_json_schema(mode="serialization"),
    }
