"""The rules at the visitor's door."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEvent,
    CaseFiled,
    CaseQueued,
    QueueChanged,
    QueuePlace,
    WaitRange,
)
from libs.contracts.content import OpeningHours
from libs.contracts.sealed import Purpose
from services.gateway.domain import (
    Bucket,
    Owner,
    Ownership,
    Session,
    after_case_event,
    after_request,
    case_rated,
    form_faults,
    handoff_requested,
    is_past,
    message_id,
    message_received,
    somebody_there,
)
from services.gateway.queues import Queues
from services.gateway.stretches import Mark
from tests.builders import NOW, conversation_id, intake_topic, pack, sealed

CASE = uuid4()


def fact(kind: type[CaseEvent], version: int, **fields: object) -> CaseEvent:
    return kind(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=conversation_id(),
        occurred_at=NOW, case_id=CASE, version=version, **fields,
    )  # fmt: skip


WAIT = WaitRange(low_seconds=100, high_seconds=280)
LESS = WaitRange(low_seconds=40, high_seconds=130)
QUEUED = fact(
    CaseQueued, 1, skill="delivery", topic="track_parcel", position=3, open_now=True, wait=WAIT
)
MOVED = QueueChanged(
    event_id=uuid4(), merchant_id="fjellbekk", occurred_at=NOW, skill="delivery",
    places=(
        QueuePlace(case_id=uuid4(), version=1), QueuePlace(case_id=CASE, version=1, wait=LESS),
    ),
)  # fmt: skip
FILED = fact(CaseFiled, 1, skill="delivery", topic="track_parcel", opens_at=NOW)
ASSIGNED = fact(CaseAssigned, 2, agent=sealed(Purpose.CASE), waited_seconds=4)
CLOSED = fact(CaseClosed, 3, reason="solved", handled_seconds=60, asks_rating=True)


def test_a_resent_message_has_the_same_id_and_another_conversation_another() -> None:
    client_id, one = uuid4(), conversation_id()
    assert message_id(one, client_id) == message_id(one, client_id)
    assert message_id(one, client_id) != message_id(conversation_id(), client_id)


def test_a_case_moves_from_queue_to_agent_and_back_to_the_bot() -> None:
    ownership = Ownership()
    owners = []
    for event in (QUEUED, ASSIGNED, CLOSED):
        ownership = after_case_event(ownership, event)
        owners.append((ownership.owner, ownership.position))
    assert owners == [(Owner.QUEUE, 3), (Owner.AGENT, None), (Owner.BOT, None)]


def test_a_late_fact_of_a_case_does_not_take_it_back() -> None:
    ownership = after_case_event(Ownership(), ASSIGNED)
    assert after_case_event(ownership, QUEUED) == ownership


@given(st.permutations([QUEUED, FILED, ASSIGNED, CLOSED]))
def test_whatever_the_order_a_closed_case_ends_with_the_bot(events: list[CaseEvent]) -> None:
    ownership = Ownership()
    for event in events:
        ownership = after_case_event(ownership, event)
    assert ownership.owner is Owner.BOT


def test_the_expected_wait_follows_the_queue_and_ends_with_it() -> None:
    queues, ownership = Queues(), after_case_event(Ownership(), QUEUED)
    assert queues.placed(ownership).wait == WAIT
    queues.put(MOVED)
    placed = queues.placed(ownership)
    assert (placed.position, placed.wait, placed.open_now) == (2, LESS, True)
    assigned = queues.placed(after_case_event(ownership, ASSIGNED))
    assert (assigned.position, assigned.wait) == (None, None)


def test_a_filed_message_says_when_it_may_be_read_until_an_agent_takes_it() -> None:
    filed = after_case_event(after_request(Ownership(), is_queue=False), FILED)
    assert (filed.owner, filed.opens_at, filed.open_now) == (Owner.FILED, NOW, False)
    taken = after_case_event(filed, ASSIGNED)
    assert (taken.owner, taken.opens_at, taken.open_now) == (Owner.AGENT, None, True)


def test_a_closed_case_may_be_rated_and_not_again_when_its_end_comes_twice() -> None:
    closed = after_case_event(after_case_event(Ownership(), ASSIGNED), CLOSED)
    assert (closed.asks_rating, closed.case_id) == (True, CASE)
    rated = replace(closed, asks_rating=False, rated_as=uuid4())
    assert after_case_event(rated, CLOSED) == rated


def test_the_end_of_the_case_before_does_not_end_the_wait_for_the_next() -> None:
    closed = after_case_event(after_case_event(Ownership(), ASSIGNED), CLOSED)
    waiting = after_request(closed, is_queue=True)
    assert (waiting.owner, waiting.asks_rating) == (Owner.QUEUE, False)
    assert after_case_event(waiting, CLOSED) == waiting


def test_a_gateway_that_begins_a_little_earlier_again_is_not_set_back() -> None:
    asked_anew = Mark(NOW + timedelta(seconds=1), is_human=True)
    waiting = Ownership(Owner.QUEUE, case_id=uuid4(), version=1)
    session = Session(conversation_id(), "fjellbekk", "nb", b"", NOW, waiting, marks=(asked_anew,))
    assert is_past(session, CLOSED)
    next_case = CLOSED.model_copy(update={"occurred_at": asked_anew.at})
    assert not is_past(session, next_case)
    of_the_same = replace(session, ownership=replace(waiting, case_id=CASE, version=3))
    assert is_past(of_the_same, ASSIGNED)
    assert not is_past(of_the_same, CLOSED)


@pytest.mark.parametrize(
    ("owner", "purpose"),
    [
        (Owner.BOT, Purpose.DIALOGUE), (Owner.QUEUE, Purpose.CASE), (Owner.FILED, Purpose.CASE),
        (Owner.AGENT, Purpose.CASE),
    ],
)  # fmt: skip
def test_while_a_human_owns_it_only_the_case_key_reads(owner: Owner, purpose: Purpose) -> None:
    assert replace(Ownership(), owner=owner).purpose is purpose


def test_right_after_the_form_the_visitor_waits_honestly() -> None:
    waiting = after_request(Ownership(), is_queue=True)
    assert (waiting.owner, waiting.position, waiting.open_now) == (Owner.QUEUE, None, True)
    left = after_request(Ownership(), is_queue=False)
    assert (left.owner, left.open_now) == (Owner.FILED, False)


@pytest.mark.parametrize(
    ("online", "there"),
    [(None, True), ({"delivery": 1}, True), ({"delivery": 0}, False), ({"general": 3}, False)],
)
def test_a_queue_is_promised_only_where_an_agent_of_the_skill_is_there(
    online: dict[str, int] | None, there: bool
) -> None:
    assert somebody_there(pack(), "track_parcel", online, NOW) is there
    shut = pack(hours=OpeningHours(openings=()))
    assert not somebody_there(shut, "track_parcel", online, NOW)


def test_what_a_visitor_does_comes_after_what_people_did_where_clocks_disagree() -> None:
    ahead = Mark(NOW + timedelta(seconds=5), is_human=False)
    session = Session(conversation_id(), "fjellbekk", "nb", b"", NOW, marks=(ahead,))
    said = message_received(session, uuid4(), sealed(), NOW)
    asked = handoff_requested(session, uuid4(), "track_parcel", sealed(Purpose.CASE), NOW)
    assert said.occurred_at > ahead.at
    assert asked.occurred_at > ahead.at


def test_a_case_is_rated_under_one_id() -> None:
    session = Session(conversation_id(), "fjellbekk", "nb", b"", NOW)
    assert case_rated(session, CASE, 5, NOW).event_id == case_rated(session, CASE, 1, NOW).event_id


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
