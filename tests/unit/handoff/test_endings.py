"""Left messages, cases given back, visitors who withdraw, ratings: each once, each by the rules."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from libs.contracts.case import CaseClosed, CaseFiled, CaseQueued
from libs.contracts.visitor import CaseRated, HandoffCancelled
from services.handoff import domain, ending, passing
from services.handoff.case import Case, NotAllowed, Status
from services.handoff.waiting import FEWEST_SAMPLES, NOTHING_KNOWN, forecast_of
from tests.builders import NOW, merchant
from tests.unit.handoff.builders import NAME, SHOP, owned_case, waiting_case

LATER = NOW + timedelta(minutes=5)
CLOSED = merchant(hours={"openings": (), "closed_on": ()})


def cancelled(case: Case, minutes: int = 5) -> HandoffCancelled:
    return HandoffCancelled(
        event_id=uuid4(), merchant_id=case.merchant_id, conversation_id=case.conversation_id,
        occurred_at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def rated(case: Case, score: int) -> CaseRated:
    return CaseRated(
        event_id=uuid4(), merchant_id=case.merchant_id, conversation_id=case.conversation_id,
        occurred_at=LATER, case_id=case.case_id, score=score,
    )  # fmt: skip


def test_out_of_hours_a_case_is_a_left_message_that_an_agent_may_take() -> None:
    change = domain.enter(waiting_case(), [], CLOSED, LATER, online=1)
    (filed,) = change.events
    assert isinstance(filed, CaseFiled)
    assert change.case.status is Status.FILED
    assigned = domain.claim(change.case, [], "kari", NAME, LATER).case
    assert (assigned.status, assigned.version) == (Status.ASSIGNED, 2)


def test_in_hours_a_case_enters_the_queue() -> None:
    (queued,) = domain.enter(waiting_case(), [], SHOP, LATER, online=1).events
    assert isinstance(queued, CaseQueued)


def test_a_case_given_back_is_at_the_head_of_its_queue_and_owned_by_nobody() -> None:
    case, behind = owned_case(), waiting_case(10)
    change = passing.give_back(case, [behind], "kari", SHOP, LATER)
    queued = change.events[0]
    assert isinstance(queued, CaseQueued)
    assert (queued.position, queued.reason, queued.version) == (1, "returned", 3)
    assert (change.case.agent_id, change.case.queued_at) == (None, case.queued_at)
    with pytest.raises(NotAllowed, match="not_yours"):
        passing.give_back(case, [], "elsa", SHOP, LATER)


def test_a_left_message_given_back_stands_in_no_queue() -> None:
    filed = domain.enter(waiting_case(), [], CLOSED, LATER, online=1).case
    mine = domain.claim(filed, [], "kari", NAME, LATER).case
    assert passing.give_back(mine, [], "kari", SHOP, LATER).case.status is Status.FILED


def test_a_visitor_who_withdraws_ends_the_wait_but_not_a_later_one_nor_an_agents_case() -> None:
    case = waiting_case()
    closed, _ = ending.cancel(case, [case], cancelled(case), LATER).events
    assert isinstance(closed, CaseClosed)
    assert (closed.reason, closed.by) == ("abandoned", "visitor")
    assert ending.cancel(case, [case], cancelled(case, minutes=-1), LATER).events == ()
    mine = owned_case()
    assert ending.cancel(mine, [], cancelled(mine), LATER).case == mine


def test_a_closed_case_is_rated_once_and_only_where_that_was_asked() -> None:
    asked = ending.close(owned_case(), "kari", "solved", LATER, asks_rating=True).case
    first = ending.rate(asked, rated(asked, 4)).case
    assert first.rating == 4
    assert ending.rate(first, rated(first, 1)).case.rating == 4
    assert ending.rate(replace(asked, asks_rating=False), rated(asked, 4)).case.rating is None
    assert ending.rate(owned_case(), rated(asked, 4)).case.rating is None


def test_a_wait_is_known_from_enough_cases_and_staff_only_and_grows_with_the_position() -> None:
    enough = [300.0, 420.0, 240.0, 600.0, 360.0]
    assert NOTHING_KNOWN.wait(1) is None
    assert forecast_of(enough[: FEWEST_SAMPLES - 1], 3).wait(1) is None
    assert forecast_of(enough, 0).wait(1) is None
    near, far = forecast_of(enough, 3).wait(1), forecast_of(enough, 3).wait(9)
    assert near
    assert far
    assert near.low_seconds < near.high_seconds < far.low_seconds < far.high_seconds
    assert far.low_seconds < 9 * 384 / 3 < far.high_seconds
