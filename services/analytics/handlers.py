"""What analytics does with events: strip in memory, count, forget the text; a batch at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from libs.contracts.bot import BotTurn, HandoffOffered, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseFiled, CaseQueued
from libs.contracts.content import PackPublished
from libs.contracts.envelope import ConversationEvent, Event
from libs.contracts.privacy import ErasureRequested, ObjectionRaised, ObjectionWithdrawn
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import CaseRated, MessageReceived
from libs.kit.bus import Batch, Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import KeyGone, Place, WrongKey
from services.analytics import domain
from services.analytics.domain import Cell, MessageFacts, Moment, Side, TurnFacts
from services.analytics.folding import Counted
from services.analytics.halves import Half
from services.analytics.store import AnalyticsStore
from services.analytics.stripping import Stripper

FALLBACK_ZONE = "UTC"
"""For a merchant whom nobody has published."""

SHARE = 25
"""After so many events the process looks to its other duties: a batch keeps the page waiting else."""

Plain = Callable[[Any, Moment], Sequence[Cell]]

PLAIN: Mapping[type[ConversationEvent], Plain] = {
    CaseQueued: lambda event, moment: domain.waiting_cells(moment, event),
    CaseFiled: lambda event, moment: domain.waiting_cells(moment, event),
    CaseAssigned: lambda event, _moment: domain.assigned_cells(event),
    CaseClosed: lambda event, _moment: domain.closed_cells(event),
    CaseRated: lambda event, _moment: domain.rated_cells(event),
    ErasureRequested: lambda _event, _moment: domain.erased_cells(),
}
"""Events that are counted as they are, without anything being opened."""

KINDS: frozenset[type[Event]] = frozenset(
    {MessageReceived, ReplyComposed, HandoffOffered, ObjectionRaised, ObjectionWithdrawn, *PLAIN}
)


@dataclass(frozen=True)
class AnalyticsHandlers:
    """Every event may come twice and counts once."""

    bus: Publisher
    store: AnalyticsStore
    content: MerchantContent
    ring: KeyRing
    stripper: Stripper
    now: Now

    async def count(self, batch: Batch) -> None:
        """Counts a batch in one transaction; objections are heeded before it, erasures done after it."""
        events = sorted(batch.events, key=lambda event: event.occurred_at)
        await self.ring.fetch(_sealed_in(events), Purpose.DIALOGUE)
        for event in events:
            await self._heed(event)
        objecting = {one.conversation_id for one in events if isinstance(one, ObjectionRaised)}
        counted = [one async for one in self._counted(events)]
        await self.store.count(counted, self._joined, objecting=objecting, read_to=batch.read_to)
        for event in events:
            if isinstance(event, ErasureRequested):
                await self._erase(event)

    async def counted(self, event: ConversationEvent) -> Counted | None:
        """What an event adds; None when it adds nothing, KeyGone when its conversation is erased."""
        if isinstance(event, MessageReceived):
            return await self._message(event)
        if isinstance(event, BotTurn):
            return await self._turn(event)
        plain = PLAIN.get(type(event))
        moment = self._moment(event)
        return _made(event, moment, plain(event, moment)) if plain else None

    async def counted_again(self, event: ConversationEvent) -> Counted | None:
        """The same long afterwards: of a conversation that was erased meanwhile, what needs no key."""
        try:
            return await self.counted(event)
        except KeyGone:
            moment = self._moment(event)
            cells = domain.plain_cells(moment, event, self._pack(event))
            return _made(event, moment, cells)

    async def _counted(self, events: Sequence[ConversationEvent]) -> AsyncIterator[Counted]:
        for number, event in enumerate(events):
            try:
                if one := await self.counted(event):
                    yield one
            except KeyGone:
                structlog.get_logger().info(
                    "Dropped an event of an erased conversation.", event_id=str(event.event_id)
                )
            if number % SHARE == 0:
                await asyncio.sleep(0)

    async def _message(self, event: MessageReceived) -> Counted | None:
        """A visitor wrote to the bot: of the text, its length and the kinds of things in it remain."""
        if event.message.purpose is not Purpose.DIALOGUE:
            return None
        facts = await self.stripper.facts(event, self._pack(event))
        moment = self._moment(event)
        made = _made(event, moment, domain.message_cells(moment, facts))
        if facts is None:
            return made
        return await self._with_half(made, event.event_id, "message", facts)

    async def _turn(self, event: BotTurn) -> Counted:
        """The bot answered: topic, language and outcome of the question are known."""
        pack = self._pack(event)
        facts = domain.turn_facts(event, pack, self.stripper.sampling.until(event, pack))
        self.stripper.bot_said(event)
        moment = self._moment(event)
        made = _made(event, moment, domain.turn_cells(moment, facts))
        if event.cause_id is None:
            return made
        return await self._with_half(made, event.cause_id, "turn", facts)

    async def _with_half(
        self, made: Counted, question_id: UUID, side: Side, facts: MessageFacts | TurnFacts
    ) -> Counted:
        """Sealed with the conversation's key: after an erasure no half can be made, or read."""
        place = Place(made.merchant_id, made.conversation_id, question_id, f"pending:{side}")
        seal = await self.ring.sealer(place, Purpose.DIALOGUE)
        half = Half(question_id, made.merchant_id, made.conversation_id, side, facts, seal)
        return replace(made, half=half)

    async def _joined(self, half: Half, other: Sealed) -> MessageFacts | TurnFacts | None:
        kind: type[MessageFacts | TurnFacts]
        kind, side = (TurnFacts, "turn") if half.side == "message" else (MessageFacts, "message")
        place = Place(half.merchant_id, half.conversation_id, half.question_id, f"pending:{side}")
        try:
            return await self.ring.open(place, other, kind)
        except (KeyGone, WrongKey, ValueError):
            return None

    async def _heed(self, event: ConversationEvent) -> None:
        """A visitor's questions are not to improve anything, back to the start; or may again."""
        if isinstance(event, ObjectionRaised):
            await self.store.halves.raise_objection(event.conversation_id, event.occurred_at)
        if isinstance(event, ObjectionWithdrawn):
            await self.store.halves.withdraw_objection(event.conversation_id, event.occurred_at)

    async def _erase(self, event: ErasureRequested) -> None:
        """Deletes what could be tied to the conversation; counts cannot be."""
        self.stripper.forget(event.conversation_id)
        deleted = await self.store.erase(event.conversation_id)
        await self.bus.publish(event.acknowledged("analytics", deleted, self.now()))

    def _pack(self, event: ConversationEvent) -> PackPublished | None:
        try:
            return self.content.get(event.merchant_id)
        except Refused:
            return None

    def _moment(self, event: ConversationEvent) -> Moment:
        pack = self._pack(event)
        return domain.moment_of(event, pack.merchant.time_zone if pack else FALLBACK_ZONE)


def _made(event: ConversationEvent, moment: Moment, cells: Sequence[Cell]) -> Counted:
    is_over = isinstance(event, ErasureRequested) or (
        isinstance(event, CaseClosed) and event.reason == "erased"
    )
    return Counted(
        event.event_id, event.merchant_id, event.conversation_id, moment.day, cells,
        is_marked=not is_over,
    )  # fmt: skip


def _sealed_in(events: Sequence[ConversationEvent]) -> set[str]:
    return {
        one.conversation_id
        for one in events
        if isinstance(one, BotTurn)
        or (isinstance(one, MessageReceived) and one.message.purpose is Purpose.DIALOGUE)
    }
