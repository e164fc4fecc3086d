"""Requests about somebody's data, and their states. Pure.

    received → identified → done → closed, or from either of the first two: refused → closed.
Nothing is done for somebody who is not identified. The clock is the GDPR's: one month from receipt,
two more where that is said, with a reason, within the first (Article 12(3)).
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.handoff.case import NotAllowed

KEPT_AFTER_CLOSING = timedelta(days=90)
"""A closed request proves that it was answered; it holds nothing of the person any more."""

LONGEST_OPEN = timedelta(days=400)
CONFIRM_WITHIN = timedelta(days=7)
"""A link that was mailed is good for so long."""

SOON = timedelta(days=10)
MONTHS, MORE_MONTHS = 1, 2

Identity = Literal["reference", "email", "order_number"]
Refusal = Literal["not_identified", "not_found", "excessive", "must_be_kept"]
Extension = Literal["complex", "many"]
Clock = Literal["ok", "soon", "late", "stopped"]


class Kind(StrEnum):
    """What is asked for: GDPR Articles 15 and 20, 17, 16, 21."""

    ACCESS = "access"
    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"


class State(StrEnum):
    """How far a request has come."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    DONE = "done"
    REFUSED = "refused"
    CLOSED = "closed"


REFERENCE = re.compile("[0-9a-f]{32}")
"""A conversation's id."""

OPEN = (State.RECEIVED, State.IDENTIFIED)

PROOF = {Kind.ACCESS: "exported", Kind.RECTIFICATION: "corrected"}
"""The step without which a request of this kind is not done; the others finish by themselves."""


@dataclass(frozen=True)
class Step:
    """Something that was done; who did it is in the audit log."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Request:
    """A person's request to a shop. Of the person there is `mark`, a keyed hash of the address that is
    to confirm it, and the conversations that were found; both go when it is closed.
    """

    request_id: UUID
    merchant_id: str
    kind: Kind
    language: str
    received_at: datetime
    due_at: datetime
    expires_at: datetime
    state: State = State.RECEIVED
    version: int = 1
    mark: str | None = None
    confirm: str | None = None
    confirm_until: datetime | None = None
    identity: Identity | None = None
    conversations: tuple[str, ...] = ()
    erasures: tuple[str, ...] = ()
    refusal: Refusal | None = None
    extension: Extension | None = None
    steps: tuple[Step, ...] = ()

    def has(self, what: str) -> bool:
        """Whether a step was taken."""
        return any(step.what == what for step in self.steps)


def received(
    merchant_id: str, kind: Kind, language: str, at: datetime, *, request_id: UUID, now: datetime
) -> Request:
    """A request that came to the shop `at`, and is written down now."""
    return Request(
        request_id, merchant_id, kind, language, received_at=at, due_at=later(at, MONTHS),
        expires_at=now + LONGEST_OPEN, steps=(Step(now, "received"),),
    )  # fmt: skip


def asked_to_confirm(request: Request, mark: str, confirm: str, now: datetime) -> Request:
    """A link was mailed to the address that `mark` stands for; an earlier link is void."""
    _require(request, State.RECEIVED)
    until = now + CONFIRM_WITHIN
    waiting = replace(request, mark=mark, confirm=confirm, confirm_until=until)
    return _after(waiting, "mailed", now)


def confirmed(request: Request, conversations: Iterable[str], now: datetime) -> Request:
    """Whoever has the mailbox pressed the link, in time and once."""
    _require(request, State.RECEIVED)
    if request.confirm is None or request.confirm_until is None or now > request.confirm_until:
        raise NotAllowed("link_expired")
    used = replace(request, confirm=None, confirm_until=None)
    return _identified(used, "email", conversations, now)


def referred(request: Request, conversation_id: str, now: datetime) -> Request:
    """The person knows the random id of the conversation, as only its visitor does."""
    _require(request, State.RECEIVED)
    return _identified(request, "reference", (conversation_id,), now)


def ordered(request: Request, conversations: Iterable[str], now: datetime) -> Request:
    """The shop has checked that the order is of the person whose address is confirmed."""
    _require(request, State.IDENTIFIED)
    if request.identity == "reference":
        raise NotAllowed("request_state")
    return _identified(request, "order_number", (*request.conversations, *conversations), now)


def extended(request: Request, reason: Extension, now: datetime) -> Request:
    """Two months more, once, said within the first."""
    if request.state not in OPEN or request.extension or now > request.due_at:
        raise NotAllowed("request_state")
    due = later(request.received_at, MONTHS + MORE_MONTHS)
    return _after(replace(request, due_at=due, extension=reason), "extended", now)


def erasing(request: Request, erasures: Iterable[str], now: datetime) -> Request:
    """Erasures were begun; it is done when all of them are. Their conversations are not named again."""
    _require_kind(request, Kind.ERASURE)
    begun = tuple(dict.fromkeys((*request.erasures, *erasures)))
    if not begun:
        raise NotAllowed("nothing_found")
    return _after(replace(request, erasures=begun, conversations=()), "erasing", now)


def erased(request: Request, now: datetime) -> Request:
    """Every erasure is finished and signed."""
    _require_kind(request, Kind.ERASURE)
    if not request.erasures:
        raise NotAllowed("request_state")
    return _after(replace(request, state=State.DONE), "done", now)


def objected(request: Request, now: datetime) -> Request:
    """The questions of these conversations improve nothing any more."""
    _require_kind(request, Kind.OBJECTION)
    return _after(replace(request, state=State.DONE), "done", now)


def handed_out(request: Request, now: datetime) -> Request:
    """A copy of a conversation was fetched, to be given to the person."""
    _require_kind(request, Kind.ACCESS)
    return request if request.has("exported") else _after(request, "exported", now)


def corrected(request: Request, now: datetime) -> Request:
    """Facts of a case were corrected."""
    _require_kind(request, Kind.RECTIFICATION)
    return _after(request, "corrected", now)


def done(request: Request, now: datetime) -> Request:
    """What was asked for is done, and the person was told."""
    _require(request, State.IDENTIFIED)
    proof = PROOF.get(request.kind)
    if proof is None or not request.has(proof):
        raise NotAllowed("request_state")
    return _after(replace(request, state=State.DONE), "done", now)


def refused(request: Request, reason: Refusal, now: datetime) -> Request:
    """It is not done, and the person was told why (Article 12(4)); what was begun goes on."""
    if request.state not in OPEN or request.erasures:
        raise NotAllowed("request_state")
    return _after(replace(request, state=State.REFUSED, refusal=reason), "refused", now)


def closed(request: Request, now: datetime) -> Request:
    """Nothing of the person is left in it; the proof that it was answered ends after 90 days."""
    if request.state not in (State.DONE, State.REFUSED):
        raise NotAllowed("request_state")
    bare = replace(
        request, state=State.CLOSED, mark=None, confirm=None, confirm_until=None,
        conversations=(), expires_at=now + KEPT_AFTER_CLOSING,
    )  # fmt: skip
    return _after(bare, "closed", now)


def clock(request: Request, now: datetime) -> tuple[Clock, int]:
    """How the time stands, and the whole days that are left; it stops when it is answered."""
    days = (request.due_at - now) // timedelta(days=1)
    if request.state not in OPEN:
        return "stopped", days
    if now > request.due_at:
        return "late", days
    return ("soon" if request.due_at - now <= SOON else "ok"), days


def possible(request: Request, now: datetime) -> tuple[str, ...]:
    """What may be done with a request now, in the order in which it is offered."""
    if request.state is State.RECEIVED:
        return ("identify", *_always(request, now))
    if request.state is State.IDENTIFIED:
        return (*_for_kind(request), *_always(request, now))
    return () if request.state is State.CLOSED else ("close",)


def _for_kind(request: Request) -> tuple[str, ...]:
    by_mail = () if request.identity == "reference" or request.erasures else ("order",)
    if not request.conversations:
        return by_mail
    act = {
        Kind.ACCESS: "export", Kind.ERASURE: "erase", Kind.RECTIFICATION: "correct",
        Kind.OBJECTION: "object",
    }[request.kind]  # fmt: skip
    proof = PROOF.get(request.kind)
    finish = ("done",) if proof and request.has(proof) else ()
    return (*(() if request.erasures else (act,)), *finish, *by_mail)


def _always(request: Request, now: datetime) -> tuple[str, ...]:
    extend = () if request.extension or now > request.due_at else ("extend",)
    return (*extend, *(() if request.erasures else ("refuse",)))


def later(at: datetime, months: int) -> datetime:
    """The same day so many calendar months later, or the month's last."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def _identified(
    request: Request, by: Identity, conversations: Iterable[str], now: datetime
) -> Request:
    found = tuple(dict.fromkeys(conversations))
    known = replace(request, state=State.IDENTIFIED, identity=by, conversations=found)
    return _after(known, f"identified_{by}", now)


def _after(request: Request, what: str, now: datetime) -> Request:
    return replace(request, version=request.version + 1, steps=(*request.steps, Step(now, what)))


def _require(request: Request, state: State) -> None:
    if request.state is not state:
        raise NotAllowed("request_state")


def _require_kind(request: Request, kind: Kind) -> None:
    _require(request, State.IDENTIFIED)
    if request.kind is not kind:
        raise NotAllowed("request_state")
