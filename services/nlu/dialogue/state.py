"""The words of the dialogue's rules: what was understood, where it stands, what was found, a turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from libs.contracts.bodies import MentionedBody, MessageBody
from libs.contracts.bot import Outcome
from libs.contracts.content import Language
from services.nlu.reading.entities import Entities

Status = Literal[
    "received", "packed", "sent", "out_for_delivery",
    "ready_for_pickup", "delivered", "returned", "cancelled",
]  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A topic that a message may be about, and how probable that is."""

    topic: str
    confidence: float


@dataclass(frozen=True)
class Understanding:
    """What a message means: its language, the topic that it is surely about, what it mentions.

    `intent` is `fallback` where the bot is not sure; `close` names the topics worth asking between
    then; `candidates` are the likeliest three, whatever was decided. `text` is the message itself,
    `leaning` another language that it seems to be in without being clear.
    """

    language: Language
    intent: str
    confidence: float
    candidates: tuple[Candidate, ...] = ()
    close: tuple[str, ...] = ()
    entities: Entities = field(default_factory=Entities)
    text: str = field(default="", repr=False)
    leaning: Language | None = None


@dataclass(frozen=True)
class Dialogue:
    """Where a conversation stands.

    `locale` is the page's language when it was last seen: a visitor may switch it; `leaning` another
    language that the last message seemed to be in. `topic` is what was talked about last; `awaiting`
    the topic that waits for a fact, `left` how many turns other topics took meanwhile, `paused` a
    topic that waits behind it. `choices` are the topics that the last turn asked between, and
    `question` the message that it was about; `offered` is the form of the person whom the last turn
    offered. `facts` is what the visitor has said, by key of the fact.
    """

    language: Language
    locale: str = ""
    leaning: Language | None = None
    turns: int = 0
    topic: str | None = None
    awaiting: str | None = None
    left: int = 0
    paused: str | None = None
    choices: tuple[str, ...] = ()
    offered: str | None = None
    fallbacks: int = 0
    unknowns: int = 0
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    question: str | None = field(default=None, repr=False)


AT_REST: Mapping[str, object] = MappingProxyType(
    {
        "awaiting": None, "left": 0, "paused": None, "choices": (), "offered": None,
        "fallbacks": 0, "unknowns": 0,
    }
)  # fmt: skip
"""What a dialogue is when nothing is waited for."""


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
    """An item of the shop's product feed; `lacks` is what was asked for and no such product has.

    `sizes` are those of the same item that are in stock, whatever colour or size was found.
    """

    title: str
    price: str
    in_stock: bool
    link: str | None = None
    article: str = ""
    brand: str = ""
    colour: str = ""
    size: str = ""
    sizes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShopAnswer:
    """Which of a topic's answers the shop's own system wants said, and what it is filled with."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


class Missing(StrEnum):
    """Why nothing was found: the shop does not know it, or could not be asked."""

    UNKNOWN = "unknown"
    AWAY = "away"


@dataclass(frozen=True)
class LookUp:
    """The errand of asking the shop's order system."""

    order_number: str


@dataclass(frozen=True)
class AskShop:
    """The errand of asking the shop's own system what a topic of its own needs."""

    type: str
    topic: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Search:
    """The errand of searching the shop's products; a `guess` counts only if something fits well."""

    text: str
    guess: bool = False


Errand = LookUp | AskShop | Search | None
Finding = Parcel | ShopAnswer | tuple[Product, ...] | Missing | None


@dataclass(frozen=True)
class Offer:
    """The offer of a person; `topic` is the intake form that opens when the visitor accepts."""

    topic: str
    reason: Literal["requested", "fallbacks", "topic"]


@dataclass(frozen=True)
class Turn:
    """What the bot says, what became of the question, and where the dialogue stands then.

    `known` are the answers to the offered form that need not be asked for again; `mentioned` is what the
    message held by which the conversation is found again.
    """

    body: MessageBody
    intent: str
    outcome: Outcome
    confidence: float
    dialogue: Dialogue
    offer: Offer | None = None
    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    mentioned: MentionedBody | None = field(default=None, repr=False)
