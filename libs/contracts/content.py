"""A merchant's content: who it is, when it is staffed, what its bot knows. Published, never personal."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.envelope import Event, MerchantId

Language = Literal["nb", "sv", "da", "fi", "en"]
LANGUAGES: tuple[Language, ...] = ("nb", "sv", "da", "fi", "en")
"""Languages that every text for visitors exists in."""

ByLanguage = dict[Language, str]


class Content(BaseModel):
    """Base of all content models: unknown keys are errors, so that a typo in a file is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Opening(Content):
    """One stretch of opening hours on given weekdays (0 = Monday), in the merchant's zone."""

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...]
    opens: time
    closes: time


class OpeningHours(Content):
    """When agents answer; `closed_on` lists holidays. A stretch ends before `closes`; 00:00 = midnight."""

    openings: tuple[Opening, ...]
    closed_on: tuple[date, ...] = ()

    def is_open(self, at: datetime, time_zone: str) -> bool:
        """Whether agents answer at `at` (aware), seen in the merchant's `time_zone`."""
        local = at.astimezone(ZoneInfo(time_zone))
        if local.date() in self.closed_on:
            return False
        return any(
            local.weekday() in opening.weekdays
            and opening.opens <= local.time()
            and (opening.closes == time(0) or local.time() < opening.closes)
            for opening in self.openings
        )


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
    retention_days: Annotated[int, Field(ge=1, le=90)] = 90
    case_cap_days: Annotated[int, Field(ge=1, le=365)] = 365
    webhook_url: str | None = None
    feed_url: str | None = None
    facts: dict[str, ByLanguage] = Field(default_factory=dict)

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


class Fact(Content):
    """A fact the bot must know before it can answer, its `pattern` and the question that asks for it."""

    key: Literal["order_number", "product"]
    pattern: str
    ask: ByLanguage
    invalid: ByLanguage


class Topic(Content):
    """One topic of a pack: what visitors say, what the bot answers, what is asked before the queue."""

    key: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
    title: ByLanguage
    examples: dict[Language, tuple[str, ...]]
    answers: dict[str, ByLanguage]
    buttons: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    needs: Fact | None = None
    action: Literal["answer", "order_lookup", "product_search", "handoff"] = "answer"
    intake: tuple[IntakeField, ...] = ()


class PackPublished(Event):
    """A merchant's content as it is from now on; the newest per merchant counts (compacted topic)."""

    type: Literal["PackPublished"] = "PackPublished"
    pack_version: str
    merchant: Merchant
    topics: tuple[Topic, ...]

    def topic(self, key: str) -> Topic | None:
        """The topic with this key, or None."""
        return next((topic for topic in self.topics if topic.key == key), None)

    def intake_topics(self) -> tuple[Topic, ...]:
        """Topics that a visitor may choose when asking for a person."""
        return tuple(topic for topic in self.topics if topic.intake)
