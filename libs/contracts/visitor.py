"""Facts from the visitor's door, written by the gateway."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged
from libs.contracts.sealed import Personal, Purpose, Sealed


class ConversationStarted(ConversationEvent):
    """A visitor sent the first message or asked for a person; `locale` is the page's language."""

    type: Literal["ConversationStarted"] = "ConversationStarted"
    locale: str


class MessageReceived(ConversationEvent):
    """A visitor wrote a message; sealed for `case` while a human owns the conversation."""

    type: Literal["MessageReceived"] = "MessageReceived"
    locale: str
    message: Annotated[
        Sealed, Personal((Purpose.DIALOGUE, Purpose.CASE), "MessageBody: what the visitor wrote")
    ]


class HandoffRequested(ConversationEvent):
    """A visitor filled in the intake form and asks for a person: from here on the bot is silent."""

    type: Literal["HandoffRequested"] = "HandoffRequested"
    locale: str
    topic: str
    intake: Annotated[Sealed, Personal((Purpose.CASE,), "IntakeBody: the facts of the form")]


class VisitorIdentified(ConversationEvent):
    """The shop's own server has signed who the visitor is; said again when its word has changed."""

    type: Literal["VisitorIdentified"] = "VisitorIdentified"
    customer: Annotated[
        Sealed, Personal((Purpose.CASE,), "Customer: who the shop says the visitor is")
    ]


class HandoffCancelled(ConversationEvent):
    """A visitor who waits for a person does not want to any more: the case ends unhandled."""

    type: Literal["HandoffCancelled"] = "HandoffCancelled"


class VisitorTyping(ConversationEvent):
    """A visitor is writing while a human owns the conversation; true for some seconds only."""

    type: Literal["VisitorTyping"] = "VisitorTyping"


class VisitorSeen(ConversationEvent):
    """A visitor who waits for a person has the chat open; said again about once a minute."""

    type: Literal["VisitorSeen"] = "VisitorSeen"


class CaseRated(ConversationEvent):
    """A visitor says how a closed case went: 1 (badly) to 5 (very well), and nothing else."""

    type: Literal["CaseRated"] = "CaseRated"
    case_id: UUID
    score: int = Field(ge=1, le=5)


VisitorEvent = Annotated[
    ConversationStarted
    | MessageReceived
    | HandoffRequested
    | VisitorIdentified
    | HandoffCancelled
    | VisitorTyping
    | VisitorSeen
    | CaseRated
    | ErasureAcknowledged,
    Field(discriminator="type"),
]
