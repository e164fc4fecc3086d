"""The rules of cases: a fair queue, one owner at a time, and the events that tell of each change.

A case is born from a filled-in intake form only, so the form comes before the queue on every path:
    queued or filed (version 1) → assigned → closed; passing.py takes back and on, ending.py ends.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.bodies import MAX_TEXT_BYTES
from libs.contracts.case import AgentReplied, AgentTyping, CaseAssigned, CaseFiled, CaseQueued
from libs.contracts.content import Merchant
from libs.contracts.envelope import derived_id
from libs.contracts.opening import opens_at
from libs.contracts.sealed import Sealed
from libs.contracts.visitor import HandoffRequested
from services.handoff.case import TICK, WAITING, Case, Change, NotAllowed, Status
from services.handoff.queue import Queue, forecast_of
from services.handoff.speech import after, head, left, positions, told_queue

MAX_NOTE_BYTES = 4 * 1024


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


def is_staffed(merchant: Merchant, online: int, now: datetime) -> bool:
    """Whether somebody can take a case now: open by the calendar, and an agent of the skill there."""
    return online > 0 and merchant.hours.is_open(now, merchant.time_zone)


def enter(
    case: Case, waiting: Sequence[Case], merchant: Merchant, now: datetime, *, online: int
) -> Change:
    """Lets a new case in: into its queue, or among the left messages while nobody is there."""
    if is_staffed(merchant, online, now):
        return enqueue(case, waiting, merchant, now)
    return file(case, merchant, now)


def enqueue(case: Case, waiting: Sequence[Case], merchant: Merchant, now: datetime) -> Change:
    """Puts a case into the queue; `waiting` are the cases that are there already."""
    places = positions((*waiting, case))
    at = max(now, case.changed_at + TICK)
    queued = CaseQueued(
        **head(case, case.said_by, _entered_by(case), at),
        skill=case.skill,
        topic=case.topic,
        position=places[case.case_id],
        open_now=merchant.hours.is_open(now, merchant.time_zone),
        wait=forecast_of(waiting).wait(places[case.case_id]),
        reason=case.entered,
    )
    entered = replace(case, changed_at=at)
    if places[case.case_id] > len(waiting):
        return Change(entered, (queued,))
    everybody = Queue((*waiting, entered), forecast_of(waiting))
    return Change(entered, (queued, told_queue(everybody, entered, queued)))


def file(case: Case, merchant: Merchant, now: datetime) -> Change:
    """Keeps a case as a left message: without a queue, until an agent takes it."""
    opens = opens_at(merchant, now)
    at = max(now, case.changed_at + TICK)
    filed = replace(
        case,
        status=Status.FILED,
        was_filed=True,
        changed_at=at,
        opens_at=opens and _as_stored(opens),
    )
    said = CaseFiled(
        **head(filed, filed.said_by, _entered_by(filed), at),
        skill=case.skill, topic=case.topic, opens_at=opens,
    )  # fmt: skip
    return Change(filed, (said,))


def assignment_id(case: Case) -> UUID:
    """The id of the event that would assign `case` next: the agent's name is sealed for it."""
    return _as_assigned(case, "").said_by


def claim(
    case: Case, waiting: Sequence[Case], agent_id: str, agent: Sealed, now: datetime
) -> Change:
    """Gives a waiting case to an agent; once more to its owner changes nothing."""
    if case.status is Status.ASSIGNED and case.agent_id == agent_id:
        return Change(case, ())
    if case.status not in WAITING:
        raise NotAllowed("case_closed" if case.status is Status.CLOSED else "case_taken")
    change = assign(case, agent_id, agent, now)
    assigned = change.events[0]
    assert isinstance(assigned, CaseAssigned)
    queue = waiting if case.status is Status.QUEUED else ()
    return replace(change, events=(assigned, *left(case, queue, assigned)))


def assign(case: Case, agent_id: str, agent: Sealed, now: datetime) -> Change:
    """Makes an agent the owner, whoever was before."""
    at = after(case, now)
    mine = replace(_as_assigned(case, agent_id), assigned_at=at, changed_at=at)
    assigned = CaseAssigned(
        **head(mine, mine.said_by, case.said_by, at),
        agent=agent,
        waited_seconds=(at - case.queued_at).total_seconds(),
    )
    return Change(mine, (assigned,))


def reply_id(case: Case, client_id: UUID) -> UUID:
    """The id of the message that the console numbered `client_id`: a second try is the same one."""
    return derived_id(case.case_id, f"reply:{client_id}")


def check_text(text: str, most: int = MAX_TEXT_BYTES, too_long: str = "text_too_long") -> str:
    """The text as it is kept; refuses an empty and an oversize one."""
    stripped = text.strip()
    if not stripped:
        raise NotAllowed("text_empty")
    if len(stripped.encode()) > most:
        raise NotAllowed(too_long)
    return stripped


def reply(
    case: Case, agent_id: str, event_id: UUID, message: Sealed, *, ends: datetime, now: datetime
) -> Change:
    """The owner's message to the visitor; the case is kept until `ends` at least."""
    check_owner(case, agent_id)
    at = after(case, now)
    replied = AgentReplied(**head(case, event_id, case.said_by, at), message=message)
    kept = replace(case, changed_at=at, agent_wrote_at=at, expires_at=max(case.expires_at, ends))
    return Change(kept, (replied,))


def typing(case: Case, agent_id: str, event_id: UUID, now: datetime) -> AgentTyping:
    """The fact that the owner is writing: true for some seconds, kept nowhere."""
    check_owner(case, agent_id)
    return AgentTyping(**head(case, event_id, case.said_by, after(case, now)))


def check_owner(case: Case, agent_id: str) -> None:
    """Lets only the agent who owns the case go on."""
    if case.status is Status.CLOSED:
        raise NotAllowed("case_closed")
    if case.status is not Status.ASSIGNED or case.agent_id != agent_id:
        raise NotAllowed("not_yours")


def _as_assigned(case: Case, agent_id: str) -> Case:
    return replace(case, status=Status.ASSIGNED, version=case.version + 1, agent_id=agent_id)


def _entered_by(case: Case) -> UUID:
    """What a case stands in the queue for: the visitor's form, or the agent who gave it away."""
    before = replace(case, status=Status.ASSIGNED, version=case.version - 1)
    return case.request_id if case.version == 1 else before.said_by


def _as_stored(at: datetime) -> datetime:
    """Cut to whole milliseconds, so that the order is the same before and after storing."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
