"""A merchant's content: who it is, when it is staffed, what its bot knows. Published, never personal."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.envelope import Event, MerchantId

Language = Literal["nb", "sv", "da", "fi", "en"]
LANGUAGES: tuple[Language, ...] = ("nb", "sv", "da", "fi", "en")
"""Languages that every text for visitors exists in."""

RETENTION_DAYS = 90
"""The longest life of what a visitor and the bot said; a merchant may shorten it."""

CASE_CAP_DAYS = 365
"""The longest life of what was said to people, if nobody asks for its deletion before."""

USUAL_K, LEAST_K = 10, 5
"""How many conversations must share what statistics show: usually, and at the least."""

ByLanguage = dict[Language, str]

Country = Literal["NO", "SE", "DK", "FI"]
"""Countries whose shops are served: their holidays, their supervisory authorities."""


class Content(BaseModel):
    """Base of all content models: unknown keys are errors, so that a typo in a file is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Opening(Content):
    """One stretch of opening hours on given weekdays (0 = Monday), in the merchant's zone."""

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...]
    opens: time
    closes: time


class SpecialDay(Content):
    """A date with hours of its own, instead of those of its weekday."""

    on: date
    opens: time
    closes: time


class OpeningHours(Content):
    """When agents answer; a stretch ends before `closes`; 00:00 = midnight.

    `closed_on` lists days off, to which publishing adds the public holidays of the country `holidays`;
    `special` days win over both.
    """

    openings: tuple[Opening, ...]
    closed_on: tuple[date, ...] = ()
    holidays: Country | None = None
    special: tuple[SpecialDay, ...] = ()

    def is_open(self, at: datetime, time_zone: str) -> bool:
        """Whether agents answer at `at` (aware), seen in the merchant's `time_zone`."""
        local = at.astimezone(ZoneInfo(time_zone))
        return any(
            opens <= local.time() and (closes == time(0) or local.time() < closes)
            for opens, closes in self.on(local.date())
        )

    def on(self, day: date) -> tuple[tuple[time, time], ...]:
        """The stretches of a date: those of the date itself, else of its weekday; none on days off."""
        special = tuple((one.opens, one.closes) for one in self.special if one.on == day)
        if special or day in self.closed_on:
            return special
        return tuple(
            (one.opens, one.closes) for one in self.openings if day.weekday() in one.weekdays
        )


class CannedReply(Content):
    """A ready answer that an agent inserts by typing `/` and its key."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{2,30}$")]
    text: ByLanguage


class SubProcessor(Content):
    """A company that works for the provider: what it does, where, and what protects data elsewhere.

    `safeguard` is needed outside of the EEA only.
    """

    name: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    does: ByLanguage
    safeguard: Literal["adequacy", "standard_clauses"] | None = None


class Privacy(Content):
    """What a merchant's chat notice says that the house cannot know itself.

    `agreement` is the version of the data-processing agreement; `link` says whether the chat links
    the notice that the house makes, or the merchant's own at `notice_url`.
    """

    contact: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    country: Country
    agreement: Annotated[str, Field(min_length=1, max_length=40)]
    agreed_on: date | None = None
    officer: str | None = None
    sub_processors: tuple[SubProcessor, ...] = ()
    link: Literal["made", "own"] = "made"


class Merchant(Content):
    """A web shop: what the visitor is told of it, where its chat may run, its systems and limits."""

    id: MerchantId
    name: str
    organisation_number: str
    address: str
    provider: str
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    languages: tuple[Language, ...]
    time_zone: str
    origins: tuple[str, ...]
    notice_url: ByLanguage
    welcome: ByLanguage
    hours: OpeningHours
    skills: dict[str, str]
    default_skill: str
    retention_days: Annotated[int, Field(ge=1, le=RETENTION_DAYS)] = RETENTION_DAYS
    case_cap_days: Annotated[int, Field(ge=1, le=CASE_CAP_DAYS)] = CASE_CAP_DAYS
    routing: Literal["claim", "auto"] = "claim"
    """Whether agents take cases from the queue, or the next fitting case is given to who is free."""

    patience_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    """How long a visitor who is away may stay in the queue."""

    rating: bool = True
    """Whether visitors are asked how a case went."""

    attachments: Literal["off", "people"] = "off"
    """Whether visitors may give files: never, or while a person has or will have the conversation."""

    canned: tuple[CannedReply, ...] = ()
    case_webhook_url: str | None = None
    """Where the shop's own help desk hears of cases; signed like the order look-up."""

    webhook_url: str | None = None
    feed_url: str | None = None
    facts: dict[str, ByLanguage] = Field(default_factory=dict)
    privacy: Privacy | None = None
    """What the chat's privacy notice needs; without it the chat links the merchant's own."""

    wrong_answer_rate: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """The share of wrong answers among the bot's answers that the shop puts up with."""

    brands: tuple[str, ...] = ()
    """Brands and products of the shop that bear people's names: statistics take them for nobody."""

    statistics_k: Annotated[int, Field(ge=LEAST_K, le=1000)] = USUAL_K
    """So many conversations must share something before the statistics show it."""

    def skill_for(self, topic: str) -> str:
        """The skill whose agents take cases of `topic`."""
        return self.skills.get(topic, self.default_skill)


class IntakeField(Content):
    """One fact asked before the queue; `why` tells the visitor what it is for."""

    key: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
    kind: Literal["text", "long_text", "email", "order_number"]
    required: bool = False
    label: ByLanguage
    why: ByLanguage


EntityType = Literal[
    "order_number", "tracking_number", "email", "phone", "date", "amount", "size", "colour",
    "product", "text",
]  # fmt: skip
"""What a fact of a message can be; `text` is whatever the visitor writes."""


class Fact(Content):
    """A fact the bot must know before it can answer: its type, purpose, and the question for it.

    `kept` says how long: until the conversation ends, or only for the answer that needs it.
    """

    key: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
    type: EntityType
    pattern: str | None = None
    purpose: Literal["dialogue"] = "dialogue"
    kept: Literal["conversation", "answer"] = "conversation"
    ask: ByLanguage
    invalid: ByLanguage


class TopicTest(Content):
    """A line that must be understood as its topic (or as `expect`); run before publishing."""

    say: str
    language: Language
    expect: str | None = None


class Topic(Content):
    """One topic of a pack: what visitors say, what the bot answers, what is asked before the queue.

    `like` names a topic whose answers and facts serve where this one has none of its own;
    `offer_on` the answers after which a person is offered; the answer `closed` takes the place of
    `answer` while no agent is there; `webhook` is the type of the event that a `webhook` topic
    asks the shop's own system with.
    """

    key: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
    title: ByLanguage
    action: Literal["answer", "order_lookup", "product_search", "webhook", "handoff"] = "answer"
    like: str | None = None
    examples: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    answers: dict[str, ByLanguage] = Field(default_factory=dict)
    offer_on: tuple[str, ...] = ()
    buttons: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    needs: tuple[Fact, ...] = ()
    webhook: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")] | None = None
    intake: tuple[IntakeField, ...] = ()
    tests: tuple[TopicTest, ...] = ()


class PackPublished(Event):
    """A merchant's content as it is from now on; the newest per merchant counts (compacted topic)."""

    type: Literal["PackPublished"] = "PackPublished"
    pack_version: str
    merchant: Merchant
    topics: tuple[Topic, ...]
    sources: dict[str, str] = Field(default_factory=dict)
    """The merchant's own files as written, by path (`topics/gift_card.yaml`): comments survive."""

    def topic(self, key: str) -> Topic | None:
        """The topic with this key, or None."""
        return next((topic for topic in self.topics if topic.key == key), None)

    def answer(self, topic: Topic, name: str) -> ByLanguage:
        """The topic's answer of this name, or the one of the topic that it is like; empty for none."""
        lender = self.topic(topic.like) if topic.like else None
        return topic.answers.get(name) or (lender.answers.get(name) if lender else None) or {}

    def facts_of(self, topic: Topic) -> tuple[Fact, ...]:
        """What the topic must know before it answers: its own facts, or those of its like."""
        lender = self.topic(topic.like) if topic.like else None
        return topic.needs or (lender.needs if lender else ())

    def intake_topics(self) -> tuple[Topic, ...]:
        """Topics that a visitor may choose when asking for a person."""
        return tuple(topic for topic in self.topics if topic.intake)
