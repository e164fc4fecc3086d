"""The socket's frames: what visitors may send, checked; what they are sent, built."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from libs.contracts.attachment import MOST_FILES
from libs.contracts.bodies import MAX_TEXT_BYTES, IntakeBody, MessageBody
from libs.contracts.content import Language
from libs.contracts.envelope import ConversationId
from libs.contracts.transcript import StoredMessage
from libs.kit.errors import Refused
from services.gateway.domain import Ownership

MAX_FIELD_LENGTH = 2000
"""Longest answer in an intake form, in characters."""


class Frame(BaseModel):
    """Base of all inbound frames: unknown keys are refused, errors never quote."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Hello(Frame):
    """First frame of every socket: whose it is, and what it has already."""

    type: Literal["hello"]
    conversation_id: ConversationId
    token: Annotated[str, Field(max_length=128)]
    last_seq: Annotated[int, Field(ge=0)] = 0


OrderNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{4,32}$")]
"""An order number as a shop's page says it; whether it looks like the shop's own, nlu finds out."""


class Say(Frame):
    """A message; the same `client_id` again is the same message. `order`: what the page is about;
    `attachments`: ids of files that were given before, without which there must be a text.
    """

    type: Literal["message"]
    client_id: UUID
    text: Annotated[str, Field(max_length=MAX_TEXT_BYTES)]
    locale: Language | None = None
    order: OrderNumber | None = None
    attachments: Annotated[tuple[UUID, ...], Field(max_length=MOST_FILES)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Say":
        if not self.text and not self.attachments:
            raise ValueError
        return self


class Context(Frame):
    """What the shop's page shows: nothing but this, and not much of it."""

    page: Annotated[str, Field(max_length=300, pattern=r"^https?://\S+$")] | None = None
    product: Annotated[str, Field(max_length=120)] | None = None
    order: OrderNumber | None = None


class Handoff(Frame):
    """The filled-in intake form: the wish to talk to a person."""

    type: Literal["handoff"]
    client_id: UUID
    topic: Annotated[str, Field(max_length=40)]
    locale: Language
    fields: dict[
        Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=MAX_FIELD_LENGTH)]
    ]
    context: Context | None = None


class Resume(Frame):
    """The widget noticed a gap and asks for what is stored after `after_seq`."""

    type: Literal["resume"]
    after_seq: Annotated[int, Field(ge=0)]


class LeaveQueue(Frame):
    """The visitor does not want to wait for a person any more, or takes a left message back."""

    type: Literal["leave_queue"]
    client_id: UUID


class Typing(Frame):
    """The visitor is writing to the agent."""

    type: Literal["typing"]


class Rate(Frame):
    """How a closed case went, 1 to 5; without a score the visitor does not want to say."""

    type: Literal["rate"]
    client_id: UUID
    case_id: UUID
    score: Annotated[int, Field(strict=True, ge=1, le=5)] | None


class SwitchLocale(Frame):
    """The visitor chose another language for the widget."""

    type: Literal["locale"]
    locale: Language


Inbound = Annotated[
    Hello | Say | Handoff | LeaveQueue | Typing | Rate | Resume | SwitchLocale,
    Field(discriminator="type"),
]
INBOUND: TypeAdapter[Inbound] = TypeAdapter(Inbound)


def parse(text: str) -> Inbound:
    """The frame in a text; raises Refused (400) naming the fields at fault, never their content."""
    try:
        frame = INBOUND.validate_json(text)
    except ValidationError as error:
        where = {".".join(map(str, detail["loc"])) or "frame" for detail in _details(error)}
        fault = ", ".join(sorted(where))
    else:
        return _checked(frame)
    raise Refused(
        400, "malformed_frame", f"The frame is not valid at: {fault}.",
        "send one JSON object per frame as described in docs/visitor-api.md.",
    )  # fmt: skip


def _checked(frame: Inbound) -> Inbound:
    if isinstance(frame, Say) and len(frame.text.encode()) > MAX_TEXT_BYTES:
        raise Refused(
            413, "text_too_long", f"A message may have {MAX_TEXT_BYTES} bytes.", "shorten it."
        )
    return frame


def _details(error: ValidationError) -> list[Any]:
    return [*error.errors(include_input=False, include_context=False, include_url=False)]


def spoken(
    message_id: UUID, author: str, body: MessageBody, at: str, offer: str | None = None
) -> dict[str, Any]:
    """A message as it is pushed the moment it happens, before it has a number."""
    return {
        "type": "message", "id": str(message_id), "seq": None, "author": author,
        "kind": "message", "speaker": body.speaker, "text": body.text, "language": body.language,
        "buttons": [button.model_dump() for button in body.buttons],
        "cards": [card.model_dump() for card in body.cards], "offer": offer, "at": at,
        "attachments": [file.model_dump(mode="json") for file in body.attachments],
    }  # fmt: skip


def stored_entry(entry: StoredMessage, body: MessageBody | IntakeBody) -> dict[str, Any]:
    """An entry of the transcript as it is sent on resume."""
    at = entry.sent_at.isoformat()
    if isinstance(body, IntakeBody):
        empty = spoken(entry.message_id, entry.author, MessageBody(text=""), at)
        return empty | {"seq": entry.seq, "kind": "intake", "fields": body.fields}
    frame = spoken(entry.message_id, entry.author, body, at, entry.offer_topic)
    return frame | {"seq": entry.seq}


def failed(error: Refused, client_id: UUID | None = None) -> dict[str, Any]:
    """An error frame, with the message's client id where it is about one."""
    about = {"client_id": str(client_id)} if client_id else {}
    return {"type": "error", **error.as_json()["error"], **about}


def owner_fields(ownership: Ownership, agent: str | None = None) -> dict[str, Any]:
    """Who answers, as frames say it."""
    wait, opens_at = ownership.wait, ownership.opens_at
    return {
        "owner": ownership.owner.value, "position": ownership.position,
        "wait": wait.model_dump() if wait else None, "open_now": ownership.open_now,
        "opens_at": opens_at.isoformat() if opens_at else None, "agent": agent,
        "case_id": str(ownership.case_id) if ownership.case_id else None,
        "rate": ownership.asks_rating,
    }  # fmt: skip


def skipped(entry: StoredMessage) -> dict[str, Any]:
    """In place of an entry that is not shown: its number leaves no gap."""
    return {"type": "skip", "seq": entry.seq}
