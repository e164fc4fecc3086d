"""What a shop's own help desk is told of a case, and when it is tried again. Pure, like domain.py.

Never what anybody wrote: no form, no messages, no names. Whoever may read those follows the link.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from libs.contracts.case import (
    AgentReplied,
    CaseAssigned,
    CaseClosed,
    CaseErased,
    CaseEvent,
    CaseFiled,
    CaseQueued,
)
from libs.contracts.envelope import Event

KINDS: Mapping[type[Event], tuple[str, frozenset[str]]] = {
    CaseQueued: ("case.queued", frozenset({"position", "open_now", "reason"})),
    CaseFiled: ("case.filed", frozenset({"opens_at"})),
    CaseAssigned: ("case.assigned", frozenset({"waited_seconds"})),
    AgentReplied: ("case.replied", frozenset()),
    CaseClosed: ("case.closed", frozenset({"reason", "by", "handled_seconds", "solved_topic"})),
    CaseErased: ("case.erased", frozenset()),
}
"""The facts that are told, and which of their own fields; places in the queue and typing are not."""

IDS = frozenset({"event_id", "merchant_id", "conversation_id", "case_id", "version"})

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=24)
MOST_TRIES = 13
"""The first and twelve more: the pauses double from a minute to a day, two and a half days in all."""

JITTER = 0.2
"""Up to so much longer: notices that failed together are not tried together."""

SUCCESS = range(200, 300)
GONE = 410


class Verdict(Enum):
    """How a try ended."""

    DELIVERED = "delivered"
    AGAIN = "again"
    STOPPED = "stopped"


def told(events: Iterable[Event]) -> list[CaseEvent]:
    """The events that the shop's help desk hears of at all."""
    return [event for event in events if isinstance(event, CaseEvent) and type(event) in KINDS]


def is_last(event: CaseEvent) -> bool:
    """Whether a notice says that the shop is to delete what it has of the case: nothing comes after."""
    ended_so = isinstance(event, CaseClosed) and event.reason == "erased"
    return ended_so or isinstance(event, CaseErased)


def notice(event: CaseEvent, skill: str, topic: str, console_url: str) -> str:
    """The body that is signed and sent: the same text at every try."""
    kind, own = KINDS[type(event)]
    data: dict[str, Any] = event.model_dump(mode="json", include={*IDS, *own})
    data |= {"skill": skill, "topic": topic, "link": f"{console_url}/#case/{event.case_id}"}
    body = {"type": kind, "timestamp": event.occurred_at.isoformat(), "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def verdict(status: int) -> Verdict:
    """What an answer means: 2xx taken in, 410 never again, anything else (redirects, too) later."""
    if status in SUCCESS:
        return Verdict.DELIVERED
    return Verdict.STOPPED if status == GONE else Verdict.AGAIN


def pause(tries: int, chance: float) -> timedelta | None:
    """How long to wait after so many failed tries, by a random `chance` of 0..1; None: give up."""
    if tries >= MOST_TRIES:
        return None
    wait = FIRST_PAUSE * 2.0 ** (tries - 1) * (1 + JITTER * chance)
    return min(wait, LONGEST_PAUSE)
