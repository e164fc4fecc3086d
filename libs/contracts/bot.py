"""Facts from the bot, written by nlu."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from libs.contracts.envelope import ConversationEvent, ErasureAcknowledged
from libs.contracts.sealed import Personal, Purpose, Sealed


class Outcome(StrEnum):
    """How a visitor's question ended, for the statistics."""

    ANSWERED = "answered"
    ASKED_FACT = "asked_fact"
    CLARIFIED = "clarified"
    FALLBACK = "fallback"
    HANDOFF_OFFERED = "handoff_offered"


class BotTurn(ConversationEvent):
    """What every bot turn carries beside its sealed text: facts about the question, none personal."""

    intent: str
    language: str
    outcome: Outcome
    confidence: float = Field(ge=0, le=1)
    pack_version: str
    message: Annotated[Sealed, Personal((Purpose.DIALOGUE,), "MessageBody: what the bot said")]
    mentioned: Annotated[
        Sealed | None,
        Personal(
            (Purpose.DIALOGUE,),
            "MentionedBody: e-mail addresses and order numbers that it was told",
        ),
    ] = None


class ReplyComposed(BotTurn):
    """The bot answered a message, asked for a missing fact, or said that it did not understand."""

    type: Literal["ReplyComposed"] = "ReplyComposed"


class HandoffOffered(BotTurn):
    """The bot offers a person; the widget opens the intake form of `topic` when the visitor accepts."""

    type: Literal["HandoffOffered"] = "HandoffOffered"
    topic: str
    reason: Literal["requested", "fallbacks", "topic"]
    known: Annotated[
        Sealed | None, Personal((Purpose.DIALOGUE,), "IntakeBody: what the bot knows for the form")
    ] = None


BotEvent = Annotated[
    ReplyComposed | HandoffOffered | ErasureAcknowledged, Field(discriminator="type")
]
