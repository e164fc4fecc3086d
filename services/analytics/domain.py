"""What is counted: cells of merchant, day, hour and a few known words. No text and no id fits in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from libs.contracts.bodies import Body
from libs.contracts.bot import BotTurn
from libs.contracts.case import CaseAssigned, CaseClosed, CaseQueued
from libs.contracts.content import LANGUAGES, PackPublished
from libs.contracts.envelope import Event
from libs.contracts.question import QuestionCounted

Length = Literal["short", "medium", "long"]
Side = Literal["message", "turn"]

SHORT, MEDIUM = 40, 200
"""Characters up to which a message is short, or of medium length."""

OTHER = "other"
"""Stands for every word that the merchant has not published itself."""

UNMASKABLE = "unmaskable"
"""Counted instead of a length when a text could not be opened or stripped; the text is dropped."""

WAIT_BOUNDS = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
"""Seconds; a waiting time is counted under the first bound that it does not pass."""

LONGER = "longer"


class Table(StrEnum):
    """The collections of counts, and what their keys say after merchant, day and hour."""

    QUESTIONS = "questions"  # topic, language, outcome
    MESSAGES = "messages"  # length, or unmaskable
    MENTIONS = "mentions"  # kind of thing that was masked
    CASES = "cases"  # topic, step
    WAITS = "waits"  # bound in seconds


@dataclass(frozen=True)
class Hour:
    """An hour of a merchant's day, in the merchant's own time zone."""

    merchant_id: str
    day: str
    hour: int

    def cell(self, table: Table, *words: str) -> "Cell":
        """The cell of `table` for these words in this hour."""
        return Cell(table, "|".join((self.merchant_id, self.day, f"{self.hour:02d}", *words)))


@dataclass(frozen=True)
class Cell:
    """One counter; its key is the whole of what is known of the questions counted in it."""

    table: Table
    key: str


class MessageFacts(Body):
    """What is kept of a message once it is stripped."""

    length: Length
    mentions: tuple[str, ...]


class TurnFacts(Body):
    """What is kept of the bot's turn."""

    topic: str
    language: str
    outcome: str
    hour: datetime


def hour_of(event: Event, time_zone: str) -> Hour:
    """The merchant's hour in which `event` happened."""
    local = event.occurred_at.astimezone(ZoneInfo(time_zone))
    return Hour(event.merchant_id, local.date().isoformat(), local.hour)


def message_facts(characters: int, kinds: Iterable[str]) -> MessageFacts:
    """The facts of a message of so many characters in which these kinds of things were masked."""
    length: Length = (
        "short" if characters <= SHORT else "medium" if characters <= MEDIUM else "long"
    )
    return MessageFacts(length=length, mentions=tuple(sorted({kind.lower() for kind in kinds})))


def turn_facts(event: BotTurn, pack: PackPublished | None) -> TurnFacts:
    """The facts of a turn, in words of the merchant's pack only."""
    return TurnFacts(
        topic=known_topic(event.intent, pack),
        language=event.language if event.language in LANGUAGES else OTHER,
        outcome=event.outcome.value,
        hour=event.occurred_at.replace(minute=0, second=0, microsecond=0),
    )


def known_topic(key: str, pack: PackPublished | None) -> str:
    """`key` if the merchant's pack has such a topic; a wall against text in a field for keys."""
    return key if pack is not None and pack.topic(key) else OTHER


def message_cells(hour: Hour, facts: MessageFacts) -> tuple[Cell, ...]:
    """What a message adds."""
    mentions = (hour.cell(Table.MENTIONS, kind) for kind in facts.mentions)
    return hour.cell(Table.MESSAGES, facts.length), *mentions


def unmaskable_cells(hour: Hour) -> tuple[Cell, ...]:
    """What a message adds whose text could not be opened or stripped."""
    return (hour.cell(Table.MESSAGES, UNMASKABLE),)


def turn_cells(hour: Hour, facts: TurnFacts) -> tuple[Cell, ...]:
    """What a bot's turn adds: one question with its topic, language and outcome."""
    return (hour.cell(Table.QUESTIONS, facts.topic, facts.language, facts.outcome),)


def queued_cells(hour: Hour, event: CaseQueued, pack: PackPublished | None) -> tuple[Cell, ...]:
    """What a case adds when it enters the queue."""
    return (hour.cell(Table.CASES, known_topic(event.topic, pack), "queued"),)


def assigned_cells(hour: Hour, event: CaseAssigned) -> tuple[Cell, ...]:
    """What a case adds when an agent takes it: that, and how long it waited."""
    waited = hour.cell(Table.WAITS, wait_word(event.waited_seconds))
    return hour.cell(Table.CASES, OTHER, "assigned"), waited


def closed_cells(hour: Hour, event: CaseClosed) -> tuple[Cell, ...]:
    """What a case adds when it ends."""
    return (hour.cell(Table.CASES, OTHER, event.reason),)


def wait_word(seconds: float) -> str:
    """The bound that a waiting time is counted under."""
    return next((str(bound) for bound in WAIT_BOUNDS if seconds <= bound), LONGER)


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
