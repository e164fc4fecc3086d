"""Stripping: a text is opened and masked in memory, and only its length and the kinds in it leave here.

Of sampled conversations it also leaves strictly masked, as what people may see.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from libs.contracts.bodies import MessageBody
from libs.contracts.bot import BotTurn, Outcome
from libs.contracts.content import PackPublished
from libs.contracts.sealed import Sealed
from libs.contracts.visitor import MessageReceived
from libs.privacy.keys import KeyRing
from libs.privacy.masking import OVERSIZE, mask
from libs.privacy.products import Allowed
from libs.privacy.sealing import KeyGone, Place, WrongKey
from services.analytics import domain
from services.analytics.domain import MessageFacts
from services.analytics.inbox.phrases import says_something
from services.analytics.inbox.sampling import NOTHING_SAMPLED, Sampling

QUESTIONS_KEPT = 20_000
"""Conversations whose last question of the bot is at hand, sealed as it came."""

COMPANY_ENDINGS = (" AS", " ASA", " AB", " A/S", " ApS", " Oy", " Oyj", " Ltd")


@dataclass(frozen=True)
class Stripper:
    """Opens texts and masks them; what cannot be opened or masked has no facts."""

    ring: KeyRing
    sampling: Sampling = NOTHING_SAMPLED
    asked: "OrderedDict[str, tuple[Place, Sealed]]" = field(default_factory=OrderedDict)
    allowed: dict[str, tuple[UUID, Allowed]] = field(default_factory=dict)

    async def facts(
        self, event: MessageReceived, pack: PackPublished | None
    ) -> MessageFacts | None:
        """What remains of the text, which is read here and nowhere else; raises KeyGone after an erasure."""
        try:
            body = await self.ring.open(Place.of(event), event.message, MessageBody)
            question = await self._question(event.conversation_id)
        except (WrongKey, ValueError) as error:
            _say_dropped(event, error)
            return None
        try:
            return self._stripped(event, body, question, self._listed(pack))
        # The edge of masking: whatever a text may do to it, the text is dropped and counted.
        except Exception as error:  # noqa: BLE001
            _say_dropped(event, error)
            return None

    def bot_said(self, turn: BotTurn) -> None:
        """Remembers, sealed, what the bot asked last: the answer is masked in its light."""
        self.asked.pop(turn.conversation_id, None)
        if turn.outcome is Outcome.ASKED_FACT:
            self.asked[turn.conversation_id] = Place.of(turn), turn.message
        if len(self.asked) > QUESTIONS_KEPT:
            self.asked.popitem(last=False)

    def forget(self, conversation_id: str) -> None:
        """Forgets a conversation that is erased."""
        self.asked.pop(conversation_id, None)
        self.ring.forget(conversation_id)

    def _stripped(
        self, event: MessageReceived, body: MessageBody, question: str | None, own: Allowed | None
    ) -> MessageFacts | None:
        language = body.language or event.locale
        found = mask(body.text, language, question, listed=own)
        kinds = {span.kind for span in found.spans}
        phrase = None
        if self.sampling.takes(event.conversation_id):
            strict = mask(body.text, language, question, strict=True, listed=own)
            kinds |= {span.kind for span in strict.spans} & {OVERSIZE}
            phrase = strict.text if says_something(strict.text) else None
        return None if OVERSIZE in kinds else domain.message_facts(len(body.text), kinds, phrase)

    async def _question(self, conversation_id: str) -> str | None:
        if conversation_id not in self.asked:
            return None
        place, sealed = self.asked[conversation_id]
        try:
            return (await self.ring.open(place, sealed, MessageBody)).text
        except (WrongKey, KeyGone, ValueError):
            return None

    def _listed(self, pack: PackPublished | None) -> Allowed | None:
        """The merchant's own names, put in order once per pack."""
        if pack is None:
            return None
        known = self.allowed.get(pack.merchant_id)
        if known is None or known[0] != pack.event_id:
            known = pack.event_id, Allowed(own_names(pack))
            self.allowed[pack.merchant_id] = known
        return known[1]


def own_names(pack: PackPublished) -> list[str]:
    """What a merchant calls itself and its goods."""
    merchant = pack.merchant
    short = [merchant.name.removesuffix(end) for end in COMPANY_ENDINGS]
    return [*{merchant.name, *short, merchant.provider, *merchant.brands}]


def _say_dropped(event: MessageReceived, error: Exception) -> None:
    structlog.get_logger().warning(
        "A text could not be stripped; it was counted and dropped.",
        event_id=str(event.event_id), error=type(error).__name__,
    )  # fmt: skip
