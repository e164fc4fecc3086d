"""What handoff does when something happens: open a case, tell the console, forget."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from libs.contracts.bodies import Body, Customer, IntakeBody, MentionedBody
from libs.contracts.bot import BotTurn, HandoffOffered, ReplyComposed
from libs.contracts.envelope import ConversationEvent
from libs.contracts.privacy import ErasureRequested, TranscriptAppended
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import (
    CaseRated,
    HandoffCancelled,
    HandoffRequested,
    MessageReceived,
    VisitorIdentified,
    VisitorSeen,
    VisitorTyping,
)
from libs.kit.bus import HandlerTable
from libs.kit.clock import Now, utc_now
from libs.kit.content import MerchantContent
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.handoff import domain, ending, intake
from services.handoff.blind import Blind
from services.handoff.case import WAITING
from services.handoff.notices import Notices
from services.handoff.presence import staffing
from services.handoff.roster import Roster
from services.handoff.store import CaseStore

BodyT = TypeVar("BodyT", bound=Body)


@dataclass(frozen=True)
class HandoffHandlers:
    """One coroutine per event that handoff reads; each may run twice."""

    store: CaseStore
    ring: KeyRing
    content: MerchantContent
    notices: Notices
    roster: Roster
    blind: Blind
    now: Now = utc_now

    def table(self) -> HandlerTable:
        """Which event goes where."""
        return {
            HandoffRequested: self.handoff_requested,
            HandoffCancelled: self.handoff_cancelled,
            VisitorTyping: self.visitor_typing,
            VisitorSeen: self.visitor_seen,
            CaseRated: self.case_rated,
            MessageReceived: self.message_received,
            ReplyComposed: self.bot_turn,
            HandoffOffered: self.bot_turn,
            VisitorIdentified: self.visitor_identified,
            TranscriptAppended: self.transcript_appended,
            ErasureRequested: self.erasure_requested,
        }

    async def handoff_requested(self, event: HandoffRequested) -> None:
        """A filled-in form opens a case: in the queue, or as a left message while nobody is there.

        There is one open case per conversation.
        """
        form = await self._form(event)
        merchant = self.content.get(event.merchant_id).merchant
        case = domain.new_case(event, merchant)
        await self.ring.extend(event.conversation_id, Purpose.CASE, case.expires_at)
        online = staffing(await self.roster.online(), merchant)[case.skill]
        enter = partial(domain.enter, merchant=merchant, now=self.now(), online=online)
        topic = self.content.get(event.merchant_id).topic(event.topic)
        marks = self.blind.marks(event.merchant_id, form, topic)
        if await self.store.add(case, event.event_id, enter, marks):
            self.notices.queue_changed(case)

    async def handoff_cancelled(self, event: HandoffCancelled) -> None:
        """A visitor who waits does not want to any more; an agent who has the case keeps it."""
        case = await self.store.open_in(event.conversation_id)
        if case is None or case.status not in WAITING:
            return
        cancel = partial(ending.cancel, event=event, now=self.now())
        self.notices.queue_changed(await self.store.change(case.case_id, cancel))

    async def visitor_typing(self, event: VisitorTyping) -> None:
        """Whoever looks at the case sees for some seconds that the visitor is writing."""
        case = await self.store.open_in(event.conversation_id) if self.notices.anybody else None
        if case is not None:
            self.notices.typing(case)

    async def visitor_seen(self, event: VisitorSeen) -> None:
        """A visitor in the queue has the chat open: whoever comes back in time keeps the place."""
        await self.store.visitor_seen(event.conversation_id, event.occurred_at)

    async def case_rated(self, event: CaseRated) -> None:
        """The rating is kept with the closed case; a second one changes nothing."""
        await self.store.rate(event)

    async def message_received(self, event: MessageReceived) -> None:
        """What a visitor writes while a person owns the conversation makes the case unread."""
        if event.message.purpose is not Purpose.CASE:
            return
        await self._mention(event, MentionedBody())
        keep = timedelta(days=self.content.get(event.merchant_id).merchant.case_cap_days)
        until = event.occurred_at + keep
        case = await self.store.visitor_wrote(event.conversation_id, event.occurred_at, until)
        if case is not None:
            await self.ring.extend(event.conversation_id, Purpose.CASE, until)
            self.notices.case_changed(case)

    async def bot_turn(self, event: BotTurn) -> None:
        """Addresses and order numbers that the bot was told are marked: by them the rights desk finds a
        conversation that never becomes a case.
        """
        body = MentionedBody()
        if event.mentioned is not None:
            body = await self._opened(event, "mentioned", event.mentioned, MentionedBody)
        await self._mention(event, body)

    async def visitor_identified(self, event: VisitorIdentified) -> None:
        """The address that the shop signed is marked, too, whether or not a case will follow."""
        customer = await self._opened(event, "customer", event.customer, Customer)
        emails = (customer.email,) if customer.email else ()
        await self._mention(event, MentionedBody(emails=emails))

    async def transcript_appended(self, event: TranscriptAppended) -> None:
        """The transcript has grown: an agent who looks at the case fetches the rest."""
        # Most messages belong to no case; nobody is asked about them while no console is open.
        case = await self.store.open_in(event.conversation_id) if self.notices.anybody else None
        if case is not None:
            self.notices.case_changed(case)

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Cases of an erased conversation are deleted and vanish from the agents' screens."""
        self.ring.forget(event.conversation_id)
        now = self.now()
        erase = partial(ending.erase, event=event, now=now)
        acknowledge = partial(event.acknowledged, "handoff", now=now)
        deleted = await self.store.erase(event.conversation_id, event.event_id, erase, acknowledge)
        for case in deleted:
            self.notices.queue_changed(case)

    async def _mention(self, event: ConversationEvent, body: MentionedBody) -> None:
        """What was mentioned is found as long as the conversation is kept: its days begin anew now."""
        days = self.content.get(event.merchant_id).merchant.retention_days
        until = event.occurred_at + timedelta(days=days)
        marks = self.blind.mentioned(event.merchant_id, body)
        await self.store.given.mention(event.merchant_id, event.conversation_id, marks, until)

    async def _opened(
        self, event: ConversationEvent, field: str, sealed: Sealed, body: type[BodyT]
    ) -> BodyT:
        # Another process may have erased: what this one remembers of the key does not count here.
        self.ring.forget(event.conversation_id)
        return await self.ring.open(Place.of(event, field), sealed, body)

    async def _form(self, event: HandoffRequested) -> IntakeBody:
        """The form: an erased conversation's does not open, and then there is no case."""
        form = await self._opened(event, "intake", event.intake, IntakeBody)
        topic = self.content.get(event.merchant_id).topic(event.topic)
        if problems := intake.problems(form.fields, topic):
            structlog.get_logger().warning(
                "A form came in that its declaration does not allow.",
                problem=", ".join(sorted({*problems.values()})), count=len(problems),
                event_id=str(event.event_id), merchant_id=event.merchant_id,
            )  # fmt: skip
        return form
