"""What is known of whom, computed from the topics: each field's nature, use, holder and end. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from libs.contracts.asyncapi import personal_fields, sentence
from libs.contracts.content import Merchant
from libs.contracts.envelope import ConversationEvent, Event
from libs.contracts.sealed import Sealed
from libs.contracts.topics import (
    DAYS_7_MS,
    FOR_EVER_MS,
    HOURS_72_MS,
    LEDGER,
    SERVICES,
    TOPICS,
    TRANSCRIPT,
    Topic,
    dead_letter_topic,
)

LOGS_KEPT = timedelta(days=30)
KEY_BACKUPS_KEPT = timedelta(days=7)
STORE_BACKUPS_KEPT = timedelta(days=35)
"""What whoever runs the house does with logs and backups; keys go first, so that copies are void."""


BUS_KEPT = timedelta(milliseconds=HOURS_72_MS) + timedelta(hours=2)
"""Until a record is gone from the disk: Kafka removes closed segments, which last an hour at most."""

LETTERS_KEPT = timedelta(milliseconds=DAYS_7_MS)
ERASURE_MARKS_KEPT = timedelta(days=400)


class Use(StrEnum):
    """Why something about a person is kept at all; there is no fourth reason."""

    DIALOGUE = "dialogue"
    CASE = "case"
    SECURITY = "security"


class Nature(StrEnum):
    """How close something is to a person."""

    PERSONAL = "personal"
    """May say who a visitor is: what was written, filled in or said."""

    LINKED = "linked"
    """Says nothing by itself, but hangs on the random id of a conversation or a case."""

    STAFF = "staff"
    """About people who work with the chat: agents, editors."""

    NONE = "none"
    """About no person."""


class Ends(StrEnum):
    """What brings something to its end."""

    FIXED = "after a fixed time"
    CONVERSATION = "the shop's days for conversations after the last message"
    CASE = "the shop's days for cases, or on request"
    EITHER = "as its message: with the conversation, or with the case"
    NEWEST = "replaced by the next one"
    PROCESS = "when the process ends"
    ACCOUNT = "when the account is removed"
    MERCHANT = "when the shop leaves"


@dataclass(frozen=True)
class Life:
    """How long something is kept; `fixed` is the time where that does not depend on the shop."""

    ends: Ends
    fixed: timedelta = timedelta()

    def longest(self, merchant: Merchant) -> timedelta | None:
        """The longest time for a merchant's visitors; None where no clock ends it."""
        conversation = timedelta(days=merchant.retention_days)
        case = timedelta(days=merchant.case_cap_days)
        clocks = {
            Ends.FIXED: self.fixed, Ends.CONVERSATION: conversation, Ends.CASE: case,
            Ends.EITHER: max(conversation, case),
        }  # fmt: skip
        return clocks.get(self.ends)

    def __str__(self) -> str:
        return say_time(self.fixed) if self.ends is Ends.FIXED else str(self.ends)


@dataclass(frozen=True)
class Row:
    """One thing that is kept somewhere: `item` is a field of an event, or empty for a whole place."""

    place: str
    item: str
    holds: str
    nature: Nature
    uses: tuple[Use, ...]
    holder: str
    readers: tuple[str, ...]
    sealed: bool
    life: Life

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        return asdict(self) | {
            "readers": list(self.readers), "uses": list(self.uses), "life": str(self.life),
        }  # fmt: skip


LINKS = ("conversation_id", "case_id")
"""Fields by which an event hangs on a conversation."""

ENVELOPE = {*Event.model_fields, "type"}
"""Fields that every event has; in an event of a conversation they are as linked as the rest."""

USES_OF_LINKS = {TRANSCRIPT.name: (Use.DIALOGUE, Use.CASE)}
"""What ids are carried for on topics that carry nothing sealed; all others prove erasures."""


def bus_rows(topics: Iterable[Topic] = TOPICS) -> tuple[Row, ...]:
    """A row for each field of each event, and one for each service's dead letters."""
    fields = (row for topic in topics for event in topic.event_types for row in _rows(topic, event))
    return (*fields, *(_dead_letters(service) for service in SERVICES))


def broken_promises(topics: Iterable[Topic] = TOPICS) -> list[str]:
    """Every field that goes where it may not: in clear, unmarked, or for a purpose not allowed."""
    return [
        problem
        for topic in topics
        for problem in (*_topic_problems(topic), *_field_problems(topic))
    ]


def say_time(time: timedelta) -> str:
    """A length of time in the largest unit that fits it."""
    seconds = int(time.total_seconds())
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit * (3 if name == "day" else 1) and seconds % unit == 0:
            count = seconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def _rows(topic: Topic, event_type: type[Event]) -> Iterator[Row]:
    marks = personal_fields(event_type)
    for name in event_type.model_fields:
        mark = marks.get(name)
        nature = Nature.PERSONAL if mark else _plain_nature(event_type)
        uses = tuple(Use(purpose) for purpose in mark.purposes) if mark else _uses(topic, nature)
        yield Row(
            place=topic.name, item=f"{event_type.__name__}.{name}",
            holds=mark.holds if mark else _plainly(event_type, name), nature=nature, uses=uses,
            holder=topic.writer, readers=topic.readers, sealed=mark is not None,
            life=_life(topic),
        )  # fmt: skip


@cache
def _plain_nature(event_type: type[Event]) -> Nature:
    """Linked where an id of a conversation or a case is in the event, however deep."""
    schema = str(event_type.model_json_schema())
    return Nature.LINKED if any(f"'{name}'" in schema for name in LINKS) else Nature.NONE


def _plainly(event_type: type[Event], name: str) -> str:
    return "envelope" if name in ENVELOPE else sentence(event_type)


def _uses(topic: Topic, nature: Nature) -> tuple[Use, ...]:
    if nature is Nature.NONE:
        return ()
    carried = tuple(Use(purpose) for purpose in topic.purposes)
    return carried or USES_OF_LINKS.get(topic.name, (Use.SECURITY,))


def _life(topic: Topic) -> Life:
    if topic.retention_ms == FOR_EVER_MS:
        return Life(Ends.NEWEST)
    return Life(Ends.FIXED, timedelta(milliseconds=topic.retention_ms))


def _dead_letters(service: str) -> Row:
    return Row(
        place=dead_letter_topic(service), item="", nature=Nature.PERSONAL,
        holds="records that could not be read or handled, as they came: sealed", holder=service,
        uses=(Use.DIALOGUE, Use.CASE), readers=(), sealed=True,
        life=Life(Ends.FIXED, LETTERS_KEPT),
    )  # fmt: skip


def _topic_problems(topic: Topic) -> Iterator[str]:
    about_people = topic.purposes or any(
        issubclass(event, ConversationEvent) for event in topic.event_types
    )
    if about_people and topic.compacted:
        yield f"{topic.name} keeps conversations for ever: it is compacted"
    # The ledger of erasures must outlive every backup: ids of conversations that are no more.
    is_ledger = topic == LEDGER and not topic.purposes
    if about_people and not is_ledger and topic.retention_ms > HOURS_72_MS:
        yield f"{topic.name} keeps conversations for more than 72 hours"


def _field_problems(topic: Topic) -> Iterator[str]:
    allowed = ", ".join(topic.purposes) or "nothing sealed"
    for event_type in topic.event_types:
        marks = personal_fields(event_type)
        for name, field in event_type.model_fields.items():
            where, mark = f"{event_type.__name__}.{name}", marks.get(name)
            is_sealed = _holds_sealed(field.annotation)
            if is_sealed and mark is None:
                yield f"{where} is sealed and does not say for what: mark it Personal"
            if mark and not is_sealed:
                yield f"{where} is personal and travels in clear"
            for purpose in mark.purposes if mark else ():
                if purpose not in topic.purposes:
                    yield f"{where} is for {purpose}, and {topic.name} carries {allowed}"


def _holds_sealed(annotation: object) -> bool:
    return annotation is Sealed or any(map(_holds_sealed, get_args(annotation)))
