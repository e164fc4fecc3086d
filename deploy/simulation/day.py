"""An invented day: when visitors ask for a person, for what, and which agents come and go."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from math import log
from random import Random
from typing import Any

from libs.contracts.content import Merchant, Opening, OpeningHours
from services.handoff.rights import EVERY_SKILL

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
MERCHANT_ID = "fjellbekk"
LANGUAGES = ("nb", "sv", "da", "fi", "en")
TOPICS = {"track_parcel": 0.45, "return_item": 0.3, "payment_methods": 0.25}
SPOKEN = {"nb": 0.62, "sv": 0.18, "en": 0.12, "da": 0.05, "fi": 0.03}
HOURLY = (2, 5, 8, 10, 9, 8, 7, 6.5, 6, 6, 6.5, 7, 5, 3, 1.5, 1)
"""How visitors are spread over the hours from 07 to 23; the shop is open from 08 to 22."""

FIRST_HOUR = 7
TEAMS: tuple[tuple[frozenset[str], float], ...] = (
    (frozenset({EVERY_SKILL}), 0.45), (frozenset({"delivery", "returns"}), 0.2),
    (frozenset({"delivery"}), 0.15), (frozenset({"returns"}), 0.08), (frozenset({"general"}), 0.12),
)  # fmt: skip
WRITTEN: tuple[tuple[frozenset[str], float], ...] = (
    (frozenset(), 0.7), (frozenset({"nb", "da", "en"}), 0.2), (frozenset({"sv", "fi", "en"}), 0.1),
)  # fmt: skip
"""The languages that agents write; none named is all."""

SHIFTS = ((7.8, 16.0), (10.0, 18.0), (13.8, 22.0))
BREAK_HOURS = 0.5


@dataclass(frozen=True)
class Plan:
    """What a day is made of; the same seed is the same day."""

    chats: int = 10_000
    agents: int = 66
    seed: int = 1
    capacity: int = 3
    handling_seconds: float = 420.0
    handling_spread: float = 0.6
    patience_seconds: float = 2400.0
    returned: float = 0.01
    transferred: float = 0.02
    vanishing: float = 0.1


@dataclass(frozen=True)
class Ask:
    """A visitor who asks for a person; leaves the queue after `patience` seconds."""

    at: datetime
    topic: str
    locale: str
    patience: float


@dataclass(frozen=True)
class Shift:
    """An agent's day: comes, has a break, goes; `vanishes` without a word at some moment, or never."""

    agent_id: str
    skills: frozenset[str]
    languages: frozenset[str]
    comes: datetime
    rests: datetime
    goes: datetime
    vanishes: datetime | None


@dataclass
class Chance:
    """Where everything that happens by chance comes from."""

    plan: Plan
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        """Begins at the plan's seed."""
        self.random = Random(self.plan.seed)  # noqa: S311 - nothing secret: a day that can be repeated

    def asks(self) -> list[Ask]:
        """Every visitor of the day, in order."""
        return sorted((self._ask() for _ in range(self.plan.chats)), key=lambda ask: ask.at)

    def shifts(self) -> list[Shift]:
        """Every agent of the day."""
        return [self._shift(number) for number in range(self.plan.agents)]

    def handling(self) -> timedelta:
        """How long a chat takes: log-normal, as such times are."""
        plan = self.plan
        middle = log(plan.handling_seconds) - plan.handling_spread**2 / 2
        return timedelta(seconds=self.random.lognormvariate(middle, plan.handling_spread))

    def happens(self, share: float) -> bool:
        """Whether something that is so likely happens."""
        return self.random.random() < share

    def one_of(self, shares: dict[str, float]) -> str:
        """One of these, each as likely as is said."""
        return self.random.choices([*shares], [*shares.values()])[0]

    def _ask(self) -> Ask:
        hour = self.random.choices(range(len(HOURLY)), HOURLY)[0] + self.random.random()
        return Ask(
            at=clock(FIRST_HOUR + hour),
            topic=self.one_of(TOPICS), locale=self.one_of(SPOKEN),
            patience=self.random.expovariate(1 / self.plan.patience_seconds),
        )  # fmt: skip

    def _shift(self, number: int) -> Shift:
        comes, goes = SHIFTS[number % len(SHIFTS)]
        goes += self.random.uniform(-0.1, 0.1)
        vanishes = self.random.uniform(comes + 1, goes - 1)
        return Shift(
            f"agent{number}", self._weighted(TEAMS), self._weighted(WRITTEN),
            clock(comes + self.random.uniform(-0.1, 0.1)),
            clock(self.random.uniform(comes + 2.5, comes + 4.5)), clock(goes),
            clock(vanishes) if self.happens(self.plan.vanishing) else None,
        )  # fmt: skip

    def _weighted(self, shares: tuple[tuple[frozenset[str], float], ...]) -> frozenset[str]:
        return self.random.choices([one for one, _ in shares], [share for _, share in shares])[0]


def clock(hour: float) -> datetime:
    """The moment of the day, in whole milliseconds as the store keeps them."""
    return MIDNIGHT + timedelta(milliseconds=round(hour * 3_600_000))


def shop() -> Merchant:
    """The shop whose day it is: open from 08 to 22, chats are given to who is free."""
    text: dict[Any, str] = dict.fromkeys(LANGUAGES, "…")
    opening = Opening(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(8), closes=time(22))
    return Merchant(
        id=MERCHANT_ID, name="Fjellbekk Friluft AS", organisation_number="000 000 000",
        address="Bekkeveien 1", provider="Prat Demo Provider AS", colour="#0f6e6e",
        languages=("nb", "sv", "da", "fi", "en"), time_zone="UTC", origins=(), notice_url=text,
        welcome=text, hours=OpeningHours(openings=(opening,)), default_skill="general",
        skills={"track_parcel": "delivery", "return_item": "returns"}, routing="auto",
    )  # fmt: skip
