"""The plain texts inside sealed fields: readable only with the key of their purpose."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
    """What was said in one message, by whoever said it; `speaker` is an agent's display name."""

    text: str
    language: str | None = None
    speaker: str | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()


class IntakeBody(Body):
    """The facts a visitor gave in the intake form, by the field keys that the pack declares."""

    fields: dict[str, str] = Field(default_factory=dict)


class AgentBody(Body):
    """The agent who took a case, as shown to the visitor."""

    name: str
