"""The plain texts inside sealed fields: readable only with the key of their purpose."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.attachment import Attachment

MAX_TEXT_BYTES = 8 * 1024
"""A message's text is cut off at the gate beyond this many UTF-8 bytes."""


class Body(BaseModel):
    """Base of every sealed plain text; validation errors never quote the input."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Button(Body):
    """A quick answer under a bot turn: pressing it sends `text`, or opens the intake form."""

    text: str
    action: Literal["say", "handoff"] = "say"


class Card(Body):
    """A product or a parcel, shown as a card under a bot turn."""

    kind: Literal["product", "parcel"]
    title: str
    lines: tuple[str, ...] = ()
    link: str | None = None


class MessageBody(Body):
    """What was said in one message, by whoever said it; `speaker` is an agent's display name.

    `order` is the order number that the shop's page was about when the visitor wrote;
    `attachments` are files that the visitor gave with it.
    """

    text: str
    language: str | None = None
    speaker: str | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    order: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Customer(Body):
    """Who the shop says the visitor is: signed by the shop's own server, checked by the gateway."""

    sub: str
    name: str | None = None
    email: str | None = None


class PageContext(Body):
    """What the shop's page showed when the visitor asked for a person."""

    page: str | None = None
    product: str | None = None
    order: str | None = None


class IntakeBody(Body):
    """The facts a visitor gave in the intake form, by the field keys that the pack declares.

    `customer` and `context` come from the shop: who it says this is, and what its page showed.
    """

    fields: dict[str, str] = Field(default_factory=dict)
    customer: Customer | None = None
    context: PageContext | None = None


class MentionedBody(Body):
    """E-mail addresses and order numbers that a message to the bot held: who asks is found by them."""

    emails: tuple[str, ...] = ()
    order_numbers: tuple[str, ...] = ()


class AgentBody(Body):
    """The agent who took a case, as shown to the visitor."""

    name: str
