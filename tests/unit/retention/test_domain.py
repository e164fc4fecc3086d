"""The rules of keeping and forgetting."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.bot import HandoffOffered, Outcome, ReplyComposed
from libs.contracts.case import AgentReplied, CaseClosed
from libs.contracts.envelope import ErasureAcknowledged
from libs.contracts.sealed import Purpose
from libs.contracts.topics import SERVICES
from libs.contracts.visitor import ConversationStarted, HandoffRequested
from services.retention.domain import (
    Erasure,
    Numbering,
    appended,
    completed,
    entry_of,
    expiry,
    requested,
)
from tests.builders import NOW, conversation_id, merchant, message_received, sealed

CONVERSATION = conversation_id()
SHOP = merchant(retention_days=60, case_cap_days=200)


def event(kind: Any, **fields: Any) -> Any:
    return kind(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=CONVERSATION, occurred_at=NOW,
        **fields,
    )  # fmt: skip


BOT: dict[str, Any] = {
    "intent": "track_parcel", "language": "nb", "outcome": Outcome.ANSWERED, "confidence": 0.9,
    "pack_version": "1", "message": sealed(),
}  # fmt: skip
CASE: dict[str, Any] = {"case_id": uuid4(), "version": 1}


@pytest.mark.parametrize(
    ("fact", "author", "kind", "days"),
    [
        (message_received(CONVERSATION), "visitor", "message", 60),
        (message_received(CONVERSATION, message=sealed(Purpose.CASE)), "visitor", "message", 200),
        (event(ReplyComposed, **BOT), "bot", "message", 60),
        (event(AgentReplied, **CASE, message=sealed(Purpose.CASE)), "agent", "message", 200),
        (
            event(HandoffRequested, locale="nb", topic="x", intake=sealed(Purpose.CASE)),
            "visitor", "intake", 200,
        ),
    ],
)  # fmt: skip
def test_every_text_becomes_an_entry_that_ends_by_its_purpose(
    fact: Any, author: str, kind: str, days: int
) -> None:
    entry = entry_of(fact, SHOP)
    assert entry
    assert (entry.author, entry.kind) == (author, kind)
    assert entry.expires_at == NOW + timedelta(days=days)


def test_an_offer_keeps_its_topic() -> None:
    offer = event(HandoffOffered, **BOT, topic="track_parcel", reason="requested")
    entry = entry_of(offer, SHOP)
    assert entry
    assert entry.offer_topic == "track_parcel"


@pytest.mark.parametrize(
    "fact",
    [
        event(ConversationStarted, locale="nb"),
        event(CaseClosed, **CASE, reason="solved", handled_seconds=1),
    ],
)
def test_facts_without_text_leave_no_entry(fact: Any) -> None:
    assert entry_of(fact, SHOP) is None


def test_no_merchant_may_keep_a_dialogue_longer_than_90_days() -> None:
    with pytest.raises(ValueError, match="retention_days"):
        merchant(retention_days=91)
    assert expiry(merchant(), Purpose.DIALOGUE, NOW) == NOW + timedelta(days=90)


@given(st.permutations(range(8)))
def test_whatever_arrives_first_no_answer_stands_before_its_question(
    order: list[int],
) -> None:
    ids = [uuid4() for _ in order]
    questions = {ids[n]: ids[n - 1] for n in range(1, len(ids), 2)}
    numbering, numbers = Numbering(), {}
    for message_id in [ids[n] for n in order]:
        question = questions.get(message_id)
        known = question in numbers or question is None
        seq, numbering = numbering.next(message_id, question=None if known else question)
        numbers[message_id] = seq
    assert sorted(numbers.values()) == list(range(1, len(ids) + 1)), "dense, each number once"
    assert all(numbers[answer] > numbers[question] for answer, question in questions.items())
    assert numbering.reserved == {}


def test_the_fact_of_storing_is_the_same_on_a_retry_and_later_than_its_cause() -> None:
    message = message_received(CONVERSATION)
    first, second = (appended(message, "visitor", 1, NOW - timedelta(hours=1)) for _ in range(2))
    assert first == second
    assert first.occurred_at > message.occurred_at


def acknowledgement(erasure_id: UUID, service: str) -> ErasureAcknowledged:
    return ErasureAcknowledged(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=CONVERSATION, occurred_at=NOW,
        erasure_id=erasure_id, service=service, deleted={"things": 1},
    )  # fmt: skip


@pytest.mark.parametrize("missing", SERVICES)
def test_an_erasure_is_not_complete_while_one_service_is_missing(missing: str) -> None:
    done = {service: {"things": 1} for service in SERVICES if service != missing}
    erasure = Erasure(uuid4(), "visitor", NOW, done)
    assert erasure.waiting_for == (missing,)
    with pytest.raises(ValueError, match=missing):
        completed(acknowledgement(erasure.erasure_id, missing), erasure, NOW)


def test_a_complete_erasure_says_what_each_service_deleted() -> None:
    erasure = Erasure(uuid4(), "visitor", NOW, {service: {"things": 2} for service in SERVICES})
    fact = completed(acknowledgement(erasure.erasure_id, "nlu"), erasure, NOW)
    assert fact.deleted == {service: {"things": 2} for service in SERVICES}


def test_asking_twice_for_an_erasure_is_one_fact() -> None:
    erasure = Erasure(uuid4(), "visitor", NOW)
    first, second = (requested(erasure, "fjellbekk", CONVERSATION) for _ in range(2))
    assert first == second
