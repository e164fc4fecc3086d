"""The words of the dialogue's rules: what was understood, where it stands, what was found, a turn."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import Outcome
from libs.contracts.content import Language
from services.nlu.entities import Entities

Status = Literal[
    "received", "packed", "sent", "out_for_delivery",
    "ready_for_pickup", "delivered", "returned", "cancelled",
]  # fmt: skip


@dataclass(frozen=True)
class Understanding:
    """What a message means: its language, the topic it is closest to, what it mentions."""

    language: Language
    intent: str
    confidence: float
    entities: Entities = field(default_factory=Entities)


@dataclass(frozen=True)
class Dialogue:
    """Where a conversation stands; `awaiting` is the topic that waits for a fact.

    `locale` is the page's language when it was last seen: a visitor may switch it.
    """

    language: Language
    locale: str = ""
    turns: int = 0
    topic: str | None = None
    awaiting: str | None = None
    fallbacks: int = 0
    unknown_orders: int = 0
    order_number: str | None = None


@dataclass(frozen=True)
class Parcel:
    """An order as the shop's own system knows it."""

    order_number: str
    status: Status
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = None
    pickup_point: str | None = None


@dataclass(frozen=True)
class Product:
    """An item of the shop's product feed."""

    title: str
    price: str
    in_stock: bool
    link: str | None = None


class Missing(StrEnum):
    """Why nothing was found: the shop does not know it, or could not be asked."""

    UNKNOWN = "unknown"
    AWAY = "away"


@dataclass(frozen=True)
class LookUp:
    """The errand of asking the shop's order system."""

    order_number: str


@dataclass(frozen=True)
class Search:
    """The errand of searching the shop's products; a `guess` counts only if something fits well."""

    guess: bool = False


Errand = LookUp | Search | None
Finding = Parcel | tuple[Product, ...] | Missing | None


@dataclass(frozen=True)
class Offer:
    """The offer of a person; `topic` is the intake form that opens when the visitor accepts."""

    topic: str
    reason: Literal["requested", "fallbacks", "topic"]


@dataclass(frozen=True)
class Turn:
    """What the bot says, what became of the question, and where the dialogue stands then."""

    body: MessageBody
    intent: str
    outcome: Outcome
    confidence: float
    dialogue: Dialogue
    offer: Offer | None = None
