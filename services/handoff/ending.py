"""How cases end: closed by their agent, given up by the visitor or by time, erased. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from libs.contracts.case import CaseClosed, CaseErased
from libs.contracts.content import Merchant
from libs.contracts.envelope import derived_id, not_before
from libs.contracts.privacy import ErasureRequested
from libs.contracts.visitor import CaseRated, HandoffCancelled
from services.handoff.case import WAITING, Case, Change, CloseReason, Ended, Status
from services.handoff.domain import check_owner
from services.handoff.speech import after, head, left


def close(case: Case, agent_id: str, reason: CloseReason, now: datetime, *,
          solved_topic: str | None = None, asks_rating: bool = False) -> Change:  # fmt: skip
    """Ends the case, once; the conversation belongs to the bot again."""
    if case.status is Status.CLOSED and case.agent_id == agent_id:
        return Change(case, ())
    check_owner(case, agent_id)
    ended = _ended(replace(case, asks_rating=asks_rating), reason, "agent", case.said_by, now)
    assert isinstance(ended.events[0], CaseClosed)
    return replace(
        ended, events=(ended.events[0].model_copy(update={"solved_topic": solved_topic}),),
        # A left message lies about while its writer is away: that says nothing of chats.
        handled=None if case.was_filed else ended.events[0].handled_seconds,
    )  # fmt: skip


def cancel(case: Case, waiting: Sequence[Case], event: HandoffCancelled, now: datetime) -> Change:
    """The visitor does not want to wait any more; too late once an agent has the case."""
    if case.status not in WAITING or event.occurred_at <= case.queued_at:
        return Change(case, ())
    at = max(now, event.occurred_at)
    return _leaving(case, waiting, _ended(case, "abandoned", "visitor", event.event_id, at))


def has_given_up(case: Case, merchant: Merchant, now: datetime) -> bool:
    """Whether a visitor in the queue gave no sign of life for longer than the merchant waits."""
    signs = (case.queued_at, case.changed_at, case.visitor_wrote_at, case.visitor_seen_at)
    patience = timedelta(minutes=merchant.patience_minutes)
    return case.status is Status.QUEUED and now - max(filter(None, signs)) > patience


def give_up(case: Case, waiting: Sequence[Case], merchant: Merchant, now: datetime) -> Change:
    """Ends the wait of a visitor who has gone away."""
    if not has_given_up(case, merchant, now):
        return Change(case, ())
    return _leaving(case, waiting, _ended(case, "abandoned", "time", case.said_by, now))


def rate(case: Case, event: CaseRated) -> Change:
    """How the visitor found it: once, and only where that was asked."""
    asked = case.status is Status.CLOSED and case.asks_rating and case.rating is None
    return Change(replace(case, rating=event.score) if asked else case, ())


def erase(case: Case, waiting: Sequence[Case], event: ErasureRequested, now: datetime) -> Change:
    """The end of a case whose conversation is erased; `waiting` is the queue that it may leave.

    Of one that was over before, help desks are told that it is to be deleted there, too.
    """
    at = max(after(case, now), not_before(now, event))
    if case.status is Status.CLOSED:
        gone = replace(case, version=case.version + 1, changed_at=at)
        said = CaseErased(**head(gone, derived_id(case.case_id, "erased"), event.event_id, at))
        return Change(gone, (said,))
    return _leaving(case, waiting, _ended(case, "erased", "erasure", event.event_id, at))


def _leaving(case: Case, waiting: Sequence[Case], ended: Change) -> Change:
    closed = ended.events[0]
    assert isinstance(closed, CaseClosed)
    queue = waiting if case.status is Status.QUEUED else ()
    return replace(ended, events=(closed, *left(case, queue, closed)))


def _ended(
    case: Case, reason: CloseReason | Literal["erased"], by: Ended, cause_id: UUID, now: datetime
) -> Change:
    at = after(case, now)
    closed = replace(
        case, status=Status.CLOSED, version=case.version + 1, changed_at=at,
        closed_reason=reason, closed_by=by,
    )  # fmt: skip
    since = case.assigned_at
    said = CaseClosed(
        **head(closed, closed.said_by, cause_id, at),
        reason=reason, by=by, asks_rating=case.asks_rating,
        handled_seconds=(at - since).total_seconds() if since else 0.0,
    )  # fmt: skip
    return Change(closed, (said,))
