"""How a case leaves its agent without ending: back to the queue, to a skill, to a colleague. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from libs.contracts.content import Merchant
from libs.contracts.sealed import Sealed
from services.handoff.case import Case, Change, Entered, Status
from services.handoff.domain import assign, check_owner, enqueue, file
from services.handoff.speech import after


def give_back(
    case: Case, waiting: Sequence[Case], agent_id: str, merchant: Merchant, now: datetime
) -> Change:
    """Puts the owner's case back to the head of its queue, for somebody else."""
    check_owner(case, agent_id)
    unwanted = replace(case, returned_by=agent_id)
    return _freed(unwanted, waiting, case.skill, "returned", merchant=merchant, now=now)


def take_back(
    case: Case, waiting: Sequence[Case], agent_id: str, merchant: Merchant, now: datetime
) -> Change:
    """Takes a case from an agent who is gone: back to the head of its queue, for anybody."""
    check_owner(case, agent_id)
    return _freed(case, waiting, case.skill, "returned", merchant=merchant, now=now)


def to_skill(
    case: Case,
    waiting: Sequence[Case],
    agent_id: str,
    skill: str,
    *,
    merchant: Merchant,
    now: datetime,
) -> Change:
    """Puts the owner's case into the queue of a skill; `waiting` are the cases there."""
    check_owner(case, agent_id)
    return _freed(case, waiting, skill, "transferred", merchant=merchant, now=now)


def to_colleague(case: Case, agent_id: str, other_id: str, name: Sealed, now: datetime) -> Change:
    """Makes a colleague the owner at once; once more to the same one changes nothing."""
    if case.status is Status.ASSIGNED and case.agent_id == other_id:
        return Change(case, ())
    check_owner(case, agent_id)
    return assign(replace(case, entered="transferred"), other_id, name, now)


def _freed(
    case: Case,
    waiting: Sequence[Case],
    skill: str,
    entered: Entered,
    *,
    merchant: Merchant,
    now: datetime,
) -> Change:
    """A left message goes back among the left messages: its writer stands in no queue."""
    free = replace(
        case, status=Status.FILED if case.was_filed else Status.QUEUED, version=case.version + 1,
        skill=skill, entered=entered, agent_id=None, assigned_at=None, changed_at=after(case, now),
    )  # fmt: skip
    if case.was_filed:
        return file(free, merchant, now)
    return enqueue(free, waiting, merchant, now)
