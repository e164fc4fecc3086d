"""What is counted: in how many conversations a few known words occur. No text and no id fits in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from libs.contracts.bodies import Body
from libs.contracts.bot import BotTurn
from libs.contracts.case import CaseAssigned, CaseClosed, CaseFiled, CaseQueued
from libs.contracts.content import LANGUAGES, PackPublished
from libs.contracts.envelope import ConversationEvent
from libs.contracts.question import QuestionCounted
from libs.contracts.visitor import CaseRated

Length = Literal["short", "medium", "long"]
Side = Literal["message", "turn"]

SHORT, MEDIUM = 40, 200
"""Characters up to which a message is short, or of medium length."""

OTHER = "other"
"""Stands for every word that the merchant has not published itself, and for what few share."""

UNMASKABLE = "unmaskable"
"""Counted instead of a length when a text could not be opened or stripped; the text is dropped."""

TIME_BOUNDS = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
"""Seconds; a time is counted under the first bound that it does not pass."""

LONGER = "longer"


class Table(StrEnum):
    """What is counted, and which words its cells have."""

    CHATS = "chats"  # begun
    HANDED = "handed"  # over
    VOLUME = "volume"  # messages, questions: these count every time, not once per conversation
    TOPICS = "topics"
    LANGUAGES = "languages"
    OUTCOMES = "outcomes"
    HOURS = "hours"  # 00 to 23
    LENGTHS = "lengths"  # or unmaskable
    MENTIONS = "mentions"  # kinds of things that were masked
    CASES = "cases"  # steps
    WAITS = "waits"  # bounds in seconds
    HANDLING = "handling"  # bounds in seconds
    RATINGS = "ratings"  # 1 to 5
    ERASURES = "erasures"  # asked


@dataclass(frozen=True)
class Cell:
    """One counter of a table."""

    table: Table
    word: str


@dataclass(frozen=True)
class Moment:
    """A day and an hour of the merchant's calendar."""

    day: date
    hour: int


class MessageFacts(Body):
    """What is kept of a message once it is stripped."""

    length: Length
    mentions: tuple[str, ...]
    phrase: str | None = None
    """Strictly masked; of conversations that are sampled."""


class TurnFacts(Body):
    """What is kept of the bot's turn."""

    topic: str
    language: str
    outcome: str
    hour: datetime
    until: datetime | None = None
    """How long the question may be kept to improve the bot; None where the bot was sure."""


BEGUN = Cell(Table.CHATS, "begun")
HANDED_OVER = Cell(Table.HANDED, "over")
MESSAGE = Cell(Table.VOLUME, "messages")
QUESTION = Cell(Table.VOLUME, "questions")


def moment_of(event: ConversationEvent, time_zone: str) -> Moment:
    """The merchant's day and hour in which `event` happened."""
    local = event.occurred_at.astimezone(ZoneInfo(time_zone))
    return Moment(local.date(), local.hour)


def message_facts(characters: int, kinds: Iterable[str], phrase: str | None = None) -> MessageFacts:
    """The facts of a message of so many characters in which these kinds of things were masked."""
    length: Length = (
        "short" if characters <= SHORT else "medium" if characters <= MEDIUM else "long"
    )
    mentions = tuple(sorted({kind.lower() for kind in kinds}))
    return MessageFacts(length=length, mentions=mentions, phrase=phrase)


def turn_facts(
    event: BotTurn, pack: PackPublished | None, until: datetime | None = None
) -> TurnFacts:
    """The facts of a turn, in words of the merchant's pack only."""
    return TurnFacts(
        topic=known_topic(event.intent, pack),
        language=event.language if event.language in LANGUAGES else OTHER,
        outcome=event.outcome.value,
        hour=event.occurred_at.replace(minute=0, second=0, microsecond=0),
        until=until,
    )


def known_topic(key: str, pack: PackPublished | None) -> str:
    """`key` if the merchant's pack has such a topic; a wall against text in a field for keys."""
    return key if pack is not None and pack.topic(key) else OTHER


def message_cells(moment: Moment, facts: MessageFacts | None) -> tuple[Cell, ...]:
    """What a message adds; without facts its text could not be opened or stripped."""
    length = Cell(Table.LENGTHS, facts.length if facts else UNMASKABLE)
    mentions = (Cell(Table.MENTIONS, kind) for kind in (facts.mentions if facts else ()))
    return BEGUN, MESSAGE, _hour(moment), length, *mentions


def turn_cells(moment: Moment, facts: TurnFacts) -> tuple[Cell, ...]:
    """What a bot's turn adds: one question with its topic, language and outcome."""
    return (
        BEGUN, QUESTION, _hour(moment), Cell(Table.TOPICS, facts.topic),
        Cell(Table.LANGUAGES, facts.language), Cell(Table.OUTCOMES, facts.outcome),
    )  # fmt: skip


def plain_cells(
    moment: Moment, event: ConversationEvent, pack: PackPublished | None
) -> tuple[Cell, ...]:
    """What a message or turn adds without its text being opened."""
    if isinstance(event, BotTurn):
        return turn_cells(moment, turn_facts(event, pack))
    return BEGUN, MESSAGE, _hour(moment)


def waiting_cells(moment: Moment, event: CaseQueued | CaseFiled) -> tuple[Cell, ...]:
    """What a case adds when it enters the queue, or waits as a message because nobody is there."""
    step = "queued" if isinstance(event, CaseQueued) else "filed"
    return BEGUN, HANDED_OVER, _hour(moment), Cell(Table.CASES, step)


def assigned_cells(event: CaseAssigned) -> tuple[Cell, ...]:
    """What a case adds when an agent takes it: that, and how long it waited."""
    waited = Cell(Table.WAITS, time_word(event.waited_seconds))
    return Cell(Table.CASES, "assigned"), waited


def closed_cells(event: CaseClosed) -> tuple[Cell, ...]:
    """What a case adds when it ends: how, and how long it was handled."""
    handled = Cell(Table.HANDLING, time_word(event.handled_seconds))
    return Cell(Table.CASES, event.reason), handled


def rated_cells(event: CaseRated) -> tuple[Cell, ...]:
    """What a visitor's word on a case adds."""
    return (Cell(Table.RATINGS, str(event.score)),)


def erased_cells() -> tuple[Cell, ...]:
    """What an erasure adds."""
    return (Cell(Table.ERASURES, "asked"),)


def time_word(seconds: float) -> str:
    """The bound that a time is counted under."""
    return next((str(bound) for bound in TIME_BOUNDS if seconds <= bound), LONGER)


def question(
    event_id: UUID, merchant_id: str, message: MessageFacts, turn: TurnFacts
) -> QuestionCounted:
    """The fact for the merchant's own pipelines: nothing leads back to the conversation."""
    return QuestionCounted(
        event_id=event_id,
        merchant_id=merchant_id,
        occurred_at=turn.hour,
        topic=turn.topic,
        language=turn.language,
        outcome=turn.outcome,
        mentions=message.mentions,
        length=message.length,
    )


def _hour(moment: Moment) -> Cell:
    return Cell(Table.HOURS, f"{moment.hour:02d}")
