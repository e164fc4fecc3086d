"""Every bus topic: who writes it, who reads it, how long it keeps, which purposes it may carry."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter

from libs.contracts.bot import BotEvent
from libs.contracts.case import CaseTopicEvent, QueueChanged, StaffingChanged
from libs.contracts.content import PackPublished
from libs.contracts.envelope import ErasureAcknowledged, Event
from libs.contracts.privacy import ErasureRecorded, PrivacyEvent, TranscriptAppended
from libs.contracts.question import QuestionCounted
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import VisitorEvent

PARTITIONS = 12
"""Fixed for life: another number would move keys between partitions and break their order."""

HOURS_72_MS = 72 * 3600 * 1000
"""Kafka is transport, not archive: personal topics keep three days (sealed)."""

FOR_EVER_MS = -1
"""What has no person in it: the newest record of each key of a compacted topic is always there."""

DAYS_400_MS = 400 * 24 * 3600 * 1000
"""The ledger of erasures: as long as marks of erased conversations; random ids and times only."""

DAYS_7_MS = 7 * 24 * 3600 * 1000
"""Dead letters wait this long for somebody to look."""

EVENT_BYTES = 512 * 1024
"""Largest event of a conversation; a message has at most some thousand characters."""

QUEUE_BYTES = 1024 * 1024
"""Largest queue: each of its places takes some 150 bytes."""

PACK_BYTES = 3 * 1024 * 1024
"""Largest pack: about 30,000 examples with their answers."""

SERVICES = ("gateway", "nlu", "handoff", "retention", "analytics")
"""The services; each of them acknowledges an erasure."""


@dataclass(frozen=True)
class Topic:
    """One topic of the bus and its contract; `events` is the tagged union that it may carry."""

    name: str
    writer: str
    readers: tuple[str, ...]
    about: str
    events: Any
    purposes: tuple[Purpose, ...] = ()
    partitions: int = PARTITIONS
    retention_ms: int = HOURS_72_MS
    compacted: bool = False
    max_bytes: int = EVENT_BYTES

    @property
    def cleanup(self) -> str:
        """What the broker does with old records, in its own words."""
        if not self.compacted:
            return "delete"
        return "compact" if self.retention_ms == FOR_EVER_MS else "compact,delete"

    @property
    def event_types(self) -> tuple[type[Event], ...]:
        """The event classes of the union, in the order of their declaration."""
        if isinstance(self.events, type):
            return (self.events,)
        return get_args(get_args(self.events)[0])

    def adapter(self) -> TypeAdapter[Event]:
        """The validator for records of this topic: unknown types and versions are refused."""
        return TypeAdapter(self.events)


VISITOR = Topic(
    name="prat.visitor.v1",
    writer="gateway",
    readers=("nlu", "handoff", "retention", "analytics"),
    about="What visitors do: start, write, are identified, ask for a person, give up waiting, rate.",
    events=VisitorEvent,
    purposes=(Purpose.DIALOGUE, Purpose.CASE),
)
BOT = Topic(
    name="prat.bot.v1",
    writer="nlu",
    readers=("gateway", "handoff", "retention", "analytics"),
    about="What the bot answers and offers.",
    events=BotEvent,
    purposes=(Purpose.DIALOGUE,),
)
CASE = Topic(
    name="prat.case.v1",
    writer="handoff",
    readers=("gateway", "nlu", "retention", "analytics"),
    about="Cases: queued, filed, assigned, answered, closed.",
    events=CaseTopicEvent,
    purposes=(Purpose.CASE,),
)
QUEUE = Topic(
    name="prat.queue.v1",
    writer="handoff",
    readers=("gateway",),
    about="Who waits, per merchant and skill: ids of cases in their order; the newest counts.",
    events=QueueChanged,
    compacted=True,
    max_bytes=QUEUE_BYTES,
)
STAFFING = Topic(
    name="prat.staffing.v1",
    writer="handoff",
    readers=("gateway", "nlu"),
    about="How many agents are online, per merchant and skill; the newest per merchant counts.",
    events=StaffingChanged,
    compacted=True,
    retention_ms=FOR_EVER_MS,
)
PRIVACY = Topic(
    name="prat.privacy.v1",
    writer="retention",
    readers=SERVICES,
    about="Erasures, requested and completed; objections, raised and withdrawn.",
    events=PrivacyEvent,
)
LEDGER = Topic(
    name="prat.erasure.v1",
    writer="retention",
    readers=(),
    about="Which conversations are erased, outside of the store: `prat restore` reads it first.",
    events=ErasureRecorded,
    retention_ms=DAYS_400_MS,
)
TRANSCRIPT = Topic(
    name="prat.transcript.v1",
    writer="retention",
    readers=("gateway", "handoff"),
    about="Which messages are stored, under which sequence number.",
    events=TranscriptAppended,
)
ANALYTICS = Topic(
    name="prat.analytics.v1",
    writer="analytics",
    readers=("retention",),
    about="Analytics' acknowledgements of erasures.",
    events=ErasureAcknowledged,
)
QUESTION = Topic(
    name="prat.question.v1",
    writer="analytics",
    readers=(),
    about="Stripped questions, for merchants' own pipelines: no text, no ids.",
    events=QuestionCounted,
)
CONTENT = Topic(
    name="prat.content.v1",
    writer="nlu",
    readers=SERVICES,
    about="Merchants and their packs; the newest per merchant counts.",
    events=PackPublished,
    compacted=True,
    retention_ms=FOR_EVER_MS,
    max_bytes=PACK_BYTES,
)

TOPICS: tuple[Topic, ...] = (
    VISITOR, BOT, CASE, QUEUE, STAFFING, PRIVACY, LEDGER, TRANSCRIPT, ANALYTICS, QUESTION, CONTENT,
)  # fmt: skip

ACKNOWLEDGEMENT_TOPICS = {topic.writer: topic for topic in (VISITOR, BOT, CASE, PRIVACY, ANALYTICS)}
"""Where each service says that it has erased: always on a topic that it alone writes."""

TOPIC_OF: dict[type[Event], Topic] = {
    event_type: topic
    for topic in TOPICS
    for event_type in topic.event_types
    if event_type is not ErasureAcknowledged
}
"""The one topic of each event type (acknowledgements: see ACKNOWLEDGEMENT_TOPICS)."""


def topic_for(event: Event) -> Topic:
    """The topic that `event` belongs on; an acknowledgement goes to its service's own topic."""
    if isinstance(event, ErasureAcknowledged):
        return ACKNOWLEDGEMENT_TOPICS[event.service]
    return TOPIC_OF[type(event)]


def dead_letter_topic(service: str) -> str:
    """The name of a service's dead-letter topic: records that it could not read or handle."""
    return f"prat.dlq.{service}"
