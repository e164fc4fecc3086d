"""What is said of cases: envelopes, and who waits in which order. Pure, like domain.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from libs.contracts.case import MOST_PLACES, CaseEvent, QueueChanged, QueuePlace
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


def left(case: Case, waiting: Sequence[Case], cause: CaseEvent) -> tuple[QueueChanged, ...]:
    """What is told of the queue that `case` has stood in, when it leaves."""
    others = tuple(other for other in waiting if other.case_id != case.case_id)
    if len(others) == len(waiting):
        return ()
    return (told_queue(Queue(others, forecast_of(waiting)), case, cause),)


def told_queue(waiting: Queue, beside: Case, cause: CaseEvent) -> QueueChanged:
    """A whole queue, in its order, as it is after `cause`; `beside` is a case that is or was in it."""
    return QueueChanged(
        event_id=derived_id(cause.event_id, "queue"), cause_id=cause.event_id,
        occurred_at=not_before(cause.occurred_at, cause),
        merchant_id=beside.merchant_id, skill=beside.skill, places=_places(waiting),
    )  # fmt: skip


def retold(waiting: Queue, now: datetime) -> tuple[QueueChanged, ...]:
    """What is told of a queue when waits have become clearly longer or shorter."""
    if not waiting:
        return ()
    first = waiting[0]
    return (
        QueueChanged(
            event_id=derived_id(first.case_id, f"retold:{now.isoformat()}"), occurred_at=now,
            merchant_id=first.merchant_id, skill=first.skill, places=_places(waiting),
        ),
    )  # fmt: skip


def _places(waiting: Queue) -> tuple[QueuePlace, ...]:
    return tuple(
        QueuePlace(case_id=case.case_id, version=case.version, wait=waiting.forecast.wait(place))
        for place, case in enumerate(islice(in_order(waiting), MOST_PLACES), start=1)
    )


def after(case: Case, now: datetime) -> datetime:
    """`now`, moved past what was said of the case before, where clocks disagree."""
    return max(now, case.changed_at + TICK)
