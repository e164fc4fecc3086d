"""The rules of cases: a fair queue, one owner at a time, and the events that tell of each change.

A case is born from a filled-in intake form only, so the form comes before the queue on every path:
    queued (version 1) → assigned (2) → closed (3)
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from libs.contracts.bodies import MAX_TEXT_BYTES
from libs.contracts.case import (
    AgentReplied,
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseQueued,
    QueueMoved,
)
from libs.contracts.content import Merchant
from libs.contracts.envelope import derived_id, not_before
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Sealed
from libs.contracts.visitor import HandoffRequested
from services.handoff.case import TICK, Case, Change, NotAllowed, Status

CloseReason = Literal["solved", "unsolved", "abandoned"]


def new_case(event: HandoffRequested, merchant: Merchant) -> Case:
    """The case that a filled-in form opens; the same one when the event comes again."""
    asked_at = _as_stored(event.occurred_at)
    return Case(
        case_id=derived_id(event.event_id, "case"),
        merchant_id=event.merchant_id,
        conversation_id=event.conversation_id,
        request_id=event.event_id,
        skill=merchant.skill_for(event.topic),
        topic=event.topic,
        locale=event.locale,
        intake=event.intake,
        queued_at=asked_at,
        changed_at=asked_at,
        expires_at=kept_until(event.occurred_at, merchant),
    )


def kept_until(at: datetime, merchant: Merchant) -> datetime:
    """When a case ends by itself if nothing more is said in it after `at`."""
    return at + timedelta(days=merchant.case_cap_days)


def positions(waiting: Iterable[Case]) -> dict[UUID, int]:
    """The place of each waiting case of one queue, 1 = next: who asked first is served first."""
    in_order = sorted(waiting, key=lambda case: (case.queued_at, case.case_id))
    return {case.case_id: place for place, case in enumerate(in_order, start=1)}


def places_in_queues(waiting: Iterable[Case]) -> dict[UUID, int]:
    """The place of each waiting case in the queue of its own merchant and skill."""
    queues: dict[tuple[str, str], list[Case]] = {}
    for case in waiting:
        queues.setdefault((case.merchant_id, case.skill), []).append(case)
    return {case_id: n for queue in queues.values() for case_id, n in positions(queue).items()}


def enqueue(case: Case, waiting: Sequence[Case], merchant: Merchant, now: datetime) -> Change:
    """Lets a new case into its queue; `waiting` are the cases that are there already."""
    places = positions((*waiting, case))
    at = max(now, case.queued_at + TICK)
    queued = CaseQueued(
        **_head(case, derived_id(case.case_id, "queued"), case.request_id, at),
        skill=case.skill,
        topic=case.topic,
        position=places[case.case_id],
        open_now=merchant.hours.is_open(now, merchant.time_zone),
    )
    moved = _moved(waiting, positions(waiting), places, queued)
    return Change(replace(case, changed_at=at), (queued, *moved))


def assignment_id(case: Case) -> UUID:
    """The id of the event that would assign `case` next: the agent's name is sealed for it."""
    return derived_id(case.case_id, f"assigned:{case.version + 1}")


def claim(
    case: Case, waiting: Sequence[Case], agent_id: str, agent: Sealed, now: datetime
) -> Change:
    """Gives a waiting case to an agent; once more to its owner changes nothing."""
    if case.status is Status.ASSIGNED and case.agent_id == agent_id:
        return Change(case, ())
    if case.status is not Status.QUEUED:
        raise NotAllowed("case_closed" if case.status is Status.CLOSED else "case_taken")
    at = _after(case, now)
    mine = replace(
        case, status=Status.ASSIGNED, version=case.version + 1, agent_id=agent_id,
        assigned_at=at, changed_at=at,
    )  # fmt: skip
    assigned = CaseAssigned(
        **_head(mine, assignment_id(case), derived_id(case.case_id, "queued"), at),
        agent=agent,
        waited_seconds=(at - case.queued_at).total_seconds(),
    )
    return Change(mine, (assigned, *_left(case, waiting, assigned)))


def reply_id(case: Case, client_id: UUID) -> UUID:
    """The id of the message that the console numbered `client_id`: a second try is the same one."""
    return derived_id(case.case_id, f"reply:{client_id}")


def check_text(text: str) -> str:
    """The text as it is sent; refuses an empty and an oversize one."""
    stripped = text.strip()
    if not stripped:
        raise NotAllowed("text_empty")
    if len(stripped.encode()) > MAX_TEXT_BYTES:
        raise NotAllowed("text_too_long")
    return stripped


def reply(
    case: Case, agent_id: str, event_id: UUID, message: Sealed, *, ends: datetime, now: datetime
) -> Change:
    """The owner's message to the visitor; the case is kept until `ends` at least."""
    check_owner(case, agent_id)
    at = _after(case, now)
    replied = AgentReplied(**_head(case, event_id, _assigned_by(case), at), message=message)
    kept = replace(case, changed_at=at, expires_at=max(case.expires_at, ends))
    return Change(kept, (replied,))


def close(case: Case, agent_id: str, reason: CloseReason, now: datetime) -> Change:
    """Ends the case, once; the conversation belongs to the bot again."""
    if case.status is Status.CLOSED and case.agent_id == agent_id:
        return Change(case, ())
    check_owner(case, agent_id)
    at = _after(case, now)
    version = case.version + 1
    closed = replace(case, status=Status.CLOSED, version=version, changed_at=at)
    return Change(closed, (_closed(closed, reason, _assigned_by(case)),))


def check_owner(case: Case, agent_id: str) -> None:
    """Lets only the agent who owns the case go on."""
    if case.status is Status.CLOSED:
        raise NotAllowed("case_closed")
    if case.status is not Status.ASSIGNED or case.agent_id != agent_id:
        raise NotAllowed("not_yours")


def erase(case: Case, waiting: Sequence[Case], event: ErasureRequested, now: datetime) -> Change:
    """The end of a case whose conversation is erased; `waiting` is the queue that it may leave."""
    if case.status is Status.CLOSED:
        return Change(case, ())
    at = max(_after(case, now), not_before(now, event))
    gone = replace(case, status=Status.CLOSED, version=case.version + 1, changed_at=at)
    closed = _closed(gone, "erased", event.event_id)
    left = _left(case, waiting, closed) if case.status is Status.QUEUED else ()
    return Change(gone, (closed, *left))


def _head(case: Case, event_id: UUID, cause_id: UUID, at: datetime) -> dict[str, Any]:
    """The envelope of an event of `case`."""
    return {
        "event_id": event_id, "cause_id": cause_id, "occurred_at": at,
        "merchant_id": case.merchant_id, "conversation_id": case.conversation_id,
        "case_id": case.case_id, "version": case.version,
    }  # fmt: skip


def _assigned_by(case: Case) -> UUID:
    return derived_id(case.case_id, f"assigned:{case.version}")


def _closed(case: Case, reason: CloseReason | Literal["erased"], cause_id: UUID) -> CaseClosed:
    since = case.assigned_at
    return CaseClosed(
        **_head(case, derived_id(case.case_id, "closed"), cause_id, case.changed_at),
        reason=reason,
        handled_seconds=(case.changed_at - since).total_seconds() if since else 0.0,
    )


def _left(case: Case, waiting: Sequence[Case], cause: CaseEvent) -> tuple[QueueMoved, ...]:
    """What the others in the queue hear when `case` leaves it."""
    others = [other for other in waiting if other.case_id != case.case_id]
    return _moved(others, positions((*others, case)), positions(others), cause)


def _moved(
    cases: Sequence[Case], before: dict[UUID, int], after: dict[UUID, int], cause: CaseEvent
) -> tuple[QueueMoved, ...]:
    return tuple(
        QueueMoved(
            **_head(
                case, derived_id(cause.event_id, f"moved:{case.case_id}"), cause.event_id,
                max(not_before(cause.occurred_at, cause), _after(case, cause.occurred_at)),
            ),
            position=after[case.case_id],
        )
        for case in cases
        if before[case.case_id] != after[case.case_id]
    )  # fmt: skip


def _after(case: Case, now: datetime) -> datetime:
    """`now`, moved past what was said of the case before, where clocks disagree."""
    return max(now, case.changed_at + TICK)


def _as_stored(at: datetime) -> datetime:
    """Cut to whole milliseconds, so that the order is the same before and after storing."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
