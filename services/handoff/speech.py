"""What is said of cases: envelopes, and who in a queue hears of a new place. Pure, like domain.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.contracts.case import CaseEvent, QueueMoved
from libs.contracts.envelope import derived_id, not_before
from services.handoff.case import TICK, Case
from services.handoff.queue import Queue, forecast_of
from services.handoff.routing import in_order


def positions(waiting: Iterable[Case]) -> dict[UUID, int]:
    """The place of each waiting case of one queue, 1 = next: who asked first is served first."""
    return {case.case_id: place for place, case in enumerate(in_order(waiting), start=1)}


def places_in_queues(waiting: Iterable[Case]) -> dict[UUID, int]:
    """The place of each waiting case in the queue of its own merchant and skill."""
    queues: dict[tuple[str, str], list[Case]] = {}
    for case in waiting:
        queues.setdefault((case.merchant_id, case.skill), []).append(case)
    return {case_id: n for queue in queues.values() for case_id, n in positions(queue).items()}


def head(case: Case, event_id: UUID, cause_id: UUID, at: datetime) -> dict[str, Any]:
    """The envelope of an event of `case`."""
    return {
        "event_id": event_id, "cause_id": cause_id, "occurred_at": at,
        "merchant_id": case.merchant_id, "conversation_id": case.conversation_id,
        "case_id": case.case_id, "version": case.version,
    }  # fmt: skip


def left(case: Case, waiting: Sequence[Case], cause: CaseEvent) -> tuple[QueueMoved, ...]:
    """What the others in the queue hear when `case` leaves it."""
    others = Queue(
        (other for other in waiting if other.case_id != case.case_id), forecast_of(waiting)
    )
    return moved(others, positions((*others, case)), positions(others), cause)


def moved(
    waiting: Sequence[Case], before: dict[UUID, int], now: dict[UUID, int], cause: CaseEvent
) -> tuple[QueueMoved, ...]:
    """What those hear whose place is another than before."""
    forecast = forecast_of(waiting)
    return tuple(
        QueueMoved(
            **head(
                case, derived_id(cause.event_id, f"moved:{case.case_id}"), cause.event_id,
                max(not_before(cause.occurred_at, cause), after(case, cause.occurred_at)),
            ),
            position=now[case.case_id], wait=forecast.wait(now[case.case_id]),
        )
        for case in waiting
        if before[case.case_id] != now[case.case_id]
    )  # fmt: skip


def retold(waiting: Queue, now: datetime) -> tuple[QueueMoved, ...]:
    """What everybody in a queue hears when waits have become clearly longer or shorter."""
    return tuple(
        QueueMoved(
            **head(
                case, derived_id(case.case_id, f"retold:{now.isoformat()}"), case.said_by,
                after(case, now),
            ),
            position=place, wait=waiting.forecast.wait(place),
        )
        for place, case in enumerate(in_order(waiting), start=1)
    )  # fmt: skip


def after(case: Case, now: datetime) -> datetime:
    """`now`, moved past what was said of the case before, where clocks disagree."""
    return max(now, case.changed_at + TICK)
