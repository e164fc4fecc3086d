"""A small house in memory: the gateway's and handoff's own rules, with a bus that may be late and repeat."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from libs.contracts.case import CaseClosed, CaseEvent, CaseFiled, CaseQueued, QueueChanged
from libs.contracts.content import Merchant
from libs.contracts.envelope import ConversationEvent, Event
from libs.contracts.privacy import ErasureRequested
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import CaseRated, HandoffCancelled, HandoffRequested, MessageReceived
from services.gateway import domain as door
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.queues import Queues
from services.gateway.stretches import Mark, asked_at, is_human_at, mark_of, merged
from services.handoff import domain, ending
from services.handoff.case import WAITING, Case, Change, NotAllowed, Status
from services.handoff.queue import Queue
from services.handoff.speech import positions
from services.handoff.waiting import Forecast
from tests.builders import NOW, merchant, sealed

SHOP, CLOSED = merchant(), merchant(hours={"openings": (), "closed_on": ()})
KNOWN = Forecast(10, 300.0, 9000.0, 2.0)
OWNERS = {
    Status.QUEUED: Owner.QUEUE, Status.FILED: Owner.FILED, Status.ASSIGNED: Owner.AGENT,
    Status.CLOSED: Owner.BOT,
}  # fmt: skip
MILLISECOND = timedelta(milliseconds=1)
NAMESPACE = UUID("2f8f4f5e-0f6a-4f6c-9a39-1d3a9f0f5b11")

Rule = Callable[[Case, Queue], Change]


@dataclass
class Chat:
    """A conversation as the gateway has it, and what was shown and hidden of the bot there."""

    session: Session
    forms: dict[UUID, datetime] = field(default_factory=dict)
    shown: list[datetime] = field(default_factory=list)
    held: list[datetime] = field(default_factory=list)
    heard: list[CaseEvent] = field(default_factory=list)
    written: list[MessageReceived] = field(default_factory=list)

    def note(self, mark: Mark | None) -> None:
        marks = merged(self.session.marks, (mark,) if mark else ())
        self.session = replace(self.session, marks=marks)


@dataclass
class House:
    """Everything that happens goes through here; `said` is all that handoff said, by case."""

    now: datetime = NOW
    skew: timedelta = timedelta(0)
    merchant: Merchant = SHOP
    online: int = 1
    numbers: int = 0
    chats: dict[str, Chat] = field(default_factory=dict)
    cases: dict[UUID, Case] = field(default_factory=dict)
    seen: set[UUID] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    to_handoff: dict[str, deque[ConversationEvent]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    to_gateway: dict[str, deque[CaseEvent]] = field(default_factory=lambda: defaultdict(deque))
    said: dict[UUID, list[CaseEvent]] = field(default_factory=lambda: defaultdict(list))
    queues: Queues = field(default_factory=Queues)

    def __post_init__(self) -> None:
        """Three visitors have opened the chat."""
        for number in range(3):
            name = f"{number:032x}"
            ends = NOW + timedelta(days=90)
            self.chats[name] = Chat(Session(name, SHOP.id, "nb", b"", ends))

    @property
    def here(self) -> datetime:
        """What handoff's clock says."""
        return self.now + self.skew

    def fresh(self) -> UUID:
        self.numbers += 1
        return uuid5(NAMESPACE, str(self.numbers))

    # The gateway's part: what visitors do, and what is shown to them.

    def write(self, chat: Chat) -> None:
        message = sealed(chat.session.ownership.purpose)
        event = door.message_received(chat.session, self.fresh(), message, self.now)
        chat.written.append(event)
        self.to_handoff[chat.session.conversation_id].append(event)

    def ask(self, chat: Chat) -> None:
        if chat.session.ownership.owner is not Owner.BOT or self._is_gone(chat):
            return
        form = sealed(Purpose.CASE)
        event = door.handoff_requested(chat.session, self.fresh(), "track_parcel", form, self.now)
        chat.note(asked_at(event.occurred_at))
        chat.forms[event.event_id] = event.occurred_at
        self.to_handoff[chat.session.conversation_id].append(event)
        waits = door.after_request(chat.session.ownership, is_queue=self.online > 0)
        chat.session = replace(chat.session, ownership=waits)

    def leave(self, chat: Chat) -> None:
        if chat.session.ownership.owner in (Owner.QUEUE, Owner.FILED):
            event = door.handoff_cancelled(chat.session, self.fresh(), self.now)
            self.to_handoff[chat.session.conversation_id].append(event)

    def rate(self, chat: Chat, score: int) -> None:
        ownership = chat.session.ownership
        if ownership.asks_rating and ownership.case_id:
            event = door.case_rated(chat.session, ownership.case_id, score, self.now)
            self.to_handoff[chat.session.conversation_id].append(event)

    def bot_says(self, chat: Chat) -> None:
        """The bot may say something at any time, however late: the gateway judges."""
        is_human = is_human_at(chat.session.marks, self.now)
        (chat.held if is_human else chat.shown).append(self.now)
        self.now += MILLISECOND

    def repeat(self, chat: Chat, count: int) -> None:
        """The gateway starts over a little before where it was."""
        some = chat.heard[-count:]
        self.to_gateway[chat.session.conversation_id].extendleft(reversed(some))

    def hear(self, chat: Chat) -> None:
        """The gateway hears the next fact of handoff's."""
        event = self.to_gateway[chat.session.conversation_id].popleft()
        chat.heard += [] if event in chat.heard else [event]
        if not self._is_gone(chat) and not door.is_past(chat.session, event):
            chat.note(mark_of(chat.session.marks, event))
            ownership = door.after_case_event(chat.session.ownership, event)
            chat.session = replace(chat.session, ownership=ownership)

    # Handoff's part: what its handlers, its desk and its rounds do.

    def deliver(self, chat: Chat, *, again: bool) -> None:
        """Handoff hears the next of a visitor's facts; it may hear it once more later."""
        waiting = self.to_handoff[chat.session.conversation_id]
        self._handle(waiting[0] if again else waiting.popleft())

    def change(self, case: Case, rule: Rule, into: str | None = None) -> None:
        """As the store does it: decided on what is there now, refused without a trace."""
        queue = self.queue(into or case.skill)
        try:
            change = rule(case, queue)
        except NotAllowed:
            return
        self._keep(change)

    def erase(self, chat: Chat) -> None:
        name = chat.session.conversation_id
        event = ErasureRequested(
            event_id=self.fresh(), merchant_id=SHOP.id, conversation_id=name,
            occurred_at=self.now, erasure_id=self.fresh(), requested_by="visitor",
        )  # fmt: skip
        for case in [one for one in self.cases.values() if one.conversation_id == name]:
            self._say(ending.erase(case, self.queue(case.skill), event, self.here).events)
            del self.cases[case.case_id]
        self.erased.add(name)

    def queue(self, skill: str) -> Queue:
        same = (c for c in self.cases.values() if c.status is Status.QUEUED and c.skill == skill)
        return Queue(same, KNOWN)

    def open_in(self, name: str) -> Case | None:
        found = (case for case in self.cases.values() if case.conversation_id == name)
        return next((case for case in found if case.status is not Status.CLOSED), None)

    def told_positions(self) -> dict[UUID, int | None]:
        """What each visitor in a queue was told last."""
        told = {}
        for case_id, events in self.said.items():
            queued = [event for event in events if isinstance(event, CaseQueued)]
            if self.cases.get(case_id) and self.cases[case_id].status is Status.QUEUED:
                waits = door.after_case_event(Ownership(), queued[-1])
                told[case_id] = self.queues.placed(waits).position
        return told

    def true_positions(self) -> dict[UUID, int]:
        skills = {case.skill for case in self.cases.values()}
        return {key: n for skill in skills for key, n in positions(self.queue(skill)).items()}

    def stretches(self, chat: Chat) -> list[tuple[datetime, datetime | None]]:
        """When people had the say: from each form to the end of its case, as far as it has ended."""
        ends = {
            events[0].cause_id: next(
                (e.occurred_at for e in events if isinstance(e, CaseClosed)), None
            )
            for events in self.said.values()
        }
        return [(at, ends.get(form)) for form, at in chat.forms.items()]

    def _handle(self, event: ConversationEvent) -> None:
        match event:
            case HandoffRequested():
                self._open(event)
            case HandoffCancelled():
                case = self.open_in(event.conversation_id)
                if case and case.status in WAITING:
                    self.change(case, lambda c, q: ending.cancel(c, q, event, self.here))
            case MessageReceived():
                case = self.open_in(event.conversation_id)
                if event.message.purpose is Purpose.CASE and case:
                    wrote = max(event.occurred_at, case.visitor_wrote_at or event.occurred_at)
                    self.cases[case.case_id] = replace(case, visitor_wrote_at=wrote)
                    assert self.cases[case.case_id].unread, "whoever takes the case sees it"
            case CaseRated(case_id=case_id):
                if case_id in self.cases:
                    self._keep(ending.rate(self.cases[case_id], event))

    def _open(self, event: HandoffRequested) -> None:
        name = event.conversation_id
        if event.event_id in self.seen or name in self.erased or self.open_in(name):
            return
        self.seen.add(event.event_id)
        case = domain.new_case(event, self.merchant)
        queue = self.queue(case.skill)
        self._keep(domain.enter(case, queue, self.merchant, self.here, online=self.online))

    def _keep(self, change: Change) -> None:
        self.cases[change.case.case_id] = change.case
        self._say(change.events)

    def _say(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, QueueChanged):
                self.queues.put(event)
                continue
            assert isinstance(event, CaseEvent)
            self.said[event.case_id].append(event)
            self.to_gateway[event.conversation_id].append(event)

    def _is_gone(self, chat: Chat) -> bool:
        return chat.session.conversation_id in self.erased


def opened_by(events: list[CaseEvent]) -> UUID | None:
    """The form that a case's first event stands for."""
    first = events[0]
    assert isinstance(first, CaseQueued | CaseFiled)
    return first.cause_id


def owner_of(case: Case | None) -> Owner:
    """Who answers a conversation with this open case, or with none."""
    return OWNERS[case.status] if case else Ownership().owner
