"""Which questions are kept to improve the bot, and until when. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from libs.contracts.bot import BotTurn, HandoffOffered, Outcome
from libs.contracts.content import RETENTION_DAYS, PackPublished

UNANSWERED = frozenset({Outcome.FALLBACK, Outcome.CLARIFIED})

SIZE = 16
RANGE = 1 << (8 * SIZE)


@dataclass(frozen=True)
class Sample:
    """A question that the bot was unsure of, strictly masked; `conversation_id` is never stored."""

    question_id: UUID
    merchant_id: str
    conversation_id: str
    text: str
    language: str
    guess: str
    hour: datetime
    until: datetime


@dataclass(frozen=True)
class Sampling:
    """A share of the conversations, always the same ones; of them the questions not well answered."""

    key: bytes
    share: float
    confidence: float = 0.0

    def takes(self, conversation_id: str) -> bool:
        """Whether questions of this conversation may be kept: the whole conversation, or nothing."""
        drawn = int.from_bytes(hashed(self.key, f"drawn|{conversation_id}"))
        return drawn < self.share * RANGE

    def until(self, turn: BotTurn, pack: PackPublished | None) -> datetime | None:
        """When the question that was answered with `turn` is to go; None where it is not kept.

        A conversation ends so many days after its last message, so never before any of its samples.
        """
        if pack is None or not self.takes(turn.conversation_id) or not self._is_unsure(turn):
            return None
        days = min(pack.merchant.retention_days, RETENTION_DAYS)
        return turn.occurred_at + timedelta(days=days)

    def _is_unsure(self, turn: BotTurn) -> bool:
        if isinstance(turn, HandoffOffered):
            return turn.reason == "fallbacks"
        guessed = turn.outcome is Outcome.ANSWERED and turn.confidence < self.confidence
        return guessed or turn.outcome in UNANSWERED


NOTHING_SAMPLED = Sampling(b"none", 0.0)


def hashed(key: bytes, text: str) -> bytes:
    """What stands for an id: the same for the same id, and without the key it leads nowhere."""
    return blake2b(text.encode(), key=key, digest_size=SIZE).digest()
