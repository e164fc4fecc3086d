"""When people and when the bot owned a conversation: what the bot says while people do is not shown.

The times are whole milliseconds, as the transcript keeps them: what was said live and what is read
again later are judged alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.contracts.case import CaseClosed, CaseEvent, CaseFiled, CaseQueued

MILLISECOND = timedelta(milliseconds=1)

MARKS_KEPT = 40
"""The beginnings and ends of the last twenty stretches."""


@dataclass(frozen=True, order=True)
class Mark:
    """From `at` on people own the conversation, or the bot does again."""

    at: datetime
    is_human: bool


def is_human_at(marks: Iterable[Mark], at: datetime) -> bool:
    """Whether people owned the conversation at a moment: the newest mark until then says so.

    Marks may come in any order and more than once; a moment that ends one stretch and begins
    another belongs to people.
    """
    moment = whole(at)
    until_then = [mark for mark in marks if mark.at <= moment]
    return bool(until_then) and max(until_then).is_human


def stretches(marks: Iterable[Mark]) -> tuple[tuple[datetime, datetime | None], ...]:
    """From when until when people owned the conversation, in order; None: they still do."""
    found: list[tuple[datetime, datetime | None]] = []
    for mark in sorted(set(marks)):
        is_human = bool(found) and found[-1][1] is None
        if mark.is_human and not is_human:
            found.append((mark.at, None))
        elif is_human and not mark.is_human:
            found[-1] = (found[-1][0], mark.at)
    return tuple(found)


def asked_at(at: datetime) -> Mark:
    """The mark of a request for a person."""
    return Mark(whole(at), is_human=True)


def mark_of(marks: Iterable[Mark], event: CaseEvent) -> Mark | None:
    """The mark that a fact of a case makes; None where it says what is known.

    A case that waits means that a person was asked for, even if the gateway stopped before it could
    note its own request.
    """
    ends = isinstance(event, CaseClosed)
    if not ends and not isinstance(event, CaseQueued | CaseFiled):
        return None
    mark = Mark(rounded_up(event.occurred_at) if ends else whole(event.occurred_at), not ends)
    return None if is_human_at(marks, mark.at) is mark.is_human else mark


def next_moment(marks: Iterable[Mark], now: datetime) -> datetime:
    """`now` in whole milliseconds, moved past every mark where clocks disagree."""
    newest = max((mark.at for mark in marks), default=None)
    moment = rounded_up(now)
    return moment if newest is None else max(moment, newest + MILLISECOND)


def merged(*marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """All marks, each once, the newest that are kept."""
    return tuple(sorted({one for some in marks for one in some}))[-MARKS_KEPT:]


def whole(at: datetime) -> datetime:
    """Cut to whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def rounded_up(at: datetime) -> datetime:
    """The first whole millisecond that is not before `at`."""
    return whole(at) if whole(at) == at else whole(at) + MILLISECOND
