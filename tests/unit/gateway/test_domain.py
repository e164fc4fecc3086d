"""The rules at the visitor's door."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.case import CaseAssigned, CaseClosed, CaseEvent, CaseQueued, QueueMoved
from libs.contracts.sealed import Purpose
from services.gateway.domain import (
    Bucket,
    Owner,
    Ownership,
    after_case_event,
    after_request,
    form_faults,
    message_id,
)
from tests.builders import NOW, conversation_id, intake_topic, pack, sealed

CASE = uuid4()


def fact(kind: type[CaseEvent], version: int, **fields: object) -> CaseEvent:
    return kind(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=conversation_id(),
        occurred_at=NOW, case_id=CASE, version=version, **fields,
    )  # fmt: skip


QUEUED = fact(CaseQueued, 1, skill="delivery", topic="track_parcel", position=3, open_now=True)
MOVED = fact(QueueMoved, 1, position=2)
ASSIGNED = fact(CaseAssigned, 2, agent=sealed(Purpose.CASE), waited_seconds=4)
CLOSED = fact(CaseClosed, 3, reason="solved", handled_seconds=60)


def test_a_resent_message_has_the_same_id_and_another_conversation_another() -> None:
    client_id, one = uuid4(), conversation_id()
    assert message_id(one, client_id) == message_id(one, client_id)
    assert message_id(one, client_id) != message_id(conversation_id(), client_id)


def test_a_case_moves_from_queue_to_agent_and_back_to_the_bot() -> None:
    ownership = Ownership()
    owners = []
    for event in (QUEUED, MOVED, ASSIGNED, CLOSED):
        ownership = after_case_event(ownership, event)
        owners.append((ownership.owner, ownership.position))
    assert owners == [(Owner.QUEUE, 3), (Owner.QUEUE, 2), (Owner.AGENT, None), (Owner.BOT, None)]


def test_a_late_fact_of_a_case_does_not_take_it_back() -> None:
    ownership = after_case_event(Ownership(), ASSIGNED)
    assert after_case_event(ownership, MOVED) == ownership


@given(st.permutations([QUEUED, MOVED, ASSIGNED, CLOSED]))
def test_whatever_the_order_a_closed_case_ends_with_the_bot(events: list[CaseEvent]) -> None:
    ownership = Ownership()
    for event in events:
        ownership = after_case_event(ownership, event)
    assert ownership.owner is Owner.BOT


@pytest.mark.parametrize(
    ("owner", "purpose"),
    [(Owner.BOT, Purpose.DIALOGUE), (Owner.QUEUE, Purpose.CASE), (Owner.AGENT, Purpose.CASE)],
)
def test_while_a_human_owns_it_only_the_case_key_reads(owner: Owner, purpose: Purpose) -> None:
    assert replace(Ownership(), owner=owner).purpose is purpose


def test_right_after_the_form_the_visitor_waits_honestly() -> None:
    waiting = after_request(Ownership(), pack(), NOW)
    assert (waiting.owner, waiting.position, waiting.open_now) == (Owner.QUEUE, None, True)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"order_number": "10482217"}, {}),
        ({"order_number": "1048 2217", "email": "ola@kunde.example"}, {}),
        ({}, {"order_number": "required"}),
        ({"order_number": "  "}, {"order_number": "required"}),
        ({"order_number": "1234"}, {"order_number": "not_an_order_number"}),
        ({"order_number": "10482217", "email": "ola"}, {"email": "not_an_email"}),
        ({"order_number": "10482217", "diagnosis": "x"}, {"diagnosis": "not_asked_for"}),
    ],
)
def test_a_form_holds_what_is_declared_and_nothing_else(
    fields: dict[str, str], faults: dict[str, str]
) -> None:
    assert form_faults(intake_topic(), fields) == faults


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(rate=5, burst=20, now=0)
    assert sum(bucket.take(0) for _ in range(30)) == 20
    assert sum(bucket.take(1) for _ in range(30)) == 5


def test_a_merchant_in_another_zone_is_open_by_its_own_clock() -> None:
    hours = pack().merchant.hours
    assert all(hours.is_open(NOW + timedelta(hours=n), "Europe/Oslo") for n in range(24))
