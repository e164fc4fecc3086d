"""What is kept for the inbox: a share of whole conversations, only what was not answered, for a while."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.bot import HandoffOffered, Outcome, ReplyComposed
from services.analytics.inbox.sampling import NOTHING_SAMPLED, Sampling
from tests.builders import NOW, conversation_id, pack, sealed

ALL = Sampling(b"key", 1.0, 0.6)


def reply(**changes: Any) -> ReplyComposed:
    fields: dict[str, Any] = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation_id(),
        "occurred_at": NOW, "intent": "fallback", "language": "nb", "outcome": Outcome.FALLBACK,
        "confidence": 0.9, "pack_version": "1", "message": sealed(),
    }  # fmt: skip
    return ReplyComposed(**(fields | changes))


def offer(reason: str) -> HandoffOffered:
    fields = reply(outcome=Outcome.HANDOFF_OFFERED).model_dump(exclude={"type"})
    return HandoffOffered(**fields, topic="other", reason=reason)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_about_that_share_is_taken_and_always_the_same(share: float) -> None:
    ids = [f"conversation {n}" for n in range(4000)]
    taken = {one for one in ids if Sampling(b"key", share).takes(one)}
    assert abs(len(taken) / len(ids) - share) < 0.025
    assert taken == {one for one in ids if Sampling(b"key", share).takes(one)}
    if 0 < share < 1:
        assert taken != {one for one in ids if Sampling(b"other key", share).takes(one)}


@pytest.mark.parametrize(
    ("turn", "is_kept"),
    [
        (reply(), True),
        (reply(outcome=Outcome.CLARIFIED), True),
        (reply(outcome=Outcome.ANSWERED, confidence=0.59), True),
        (reply(outcome=Outcome.ANSWERED, confidence=0.6), False),
        (reply(outcome=Outcome.ASKED_FACT, confidence=0.1), False),
        (offer("fallbacks"), True),
        (offer("requested"), False),
        (offer("topic"), False),
    ],
)
def test_only_what_was_not_answered_for_sure(turn: ReplyComposed, is_kept: bool) -> None:
    assert (ALL.until(turn, pack()) is not None) == is_kept


def test_never_longer_than_its_conversation_lives() -> None:
    assert ALL.until(reply(), pack()) == NOW + timedelta(days=90)
    assert ALL.until(reply(), pack(retention_days=14)) == NOW + timedelta(days=14)


def test_nothing_without_a_pack_or_a_share() -> None:
    assert ALL.until(reply(), None) is None
    assert NOTHING_SAMPLED.until(reply(), pack()) is None
