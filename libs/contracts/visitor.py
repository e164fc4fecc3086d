"""Facts from the visitor's door, written by the gateway."""

from typing import Annotated, Literal

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


VisitorEvent = Annotated[
    ConversationStarted | MessageReceived | HandoffRequested | ErasureAcknowledged,
    Field(discriminator="type"),
]
