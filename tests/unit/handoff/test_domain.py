"""The rules of cases: who may do what, in which order, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.bodies import MAX_TEXT_BYTES
from libs.contracts.case import (
    AgentReplied,
    CaseAssigned,
    CaseClosed,
    CaseErased,
    CaseQueued,
    QueueChanged,
)
from libs.contracts.envelope import Event
from services.handoff import domain, ending, speech
from services.handoff.case import Case, Change, NotAllowed, Status
from tests.builders import NOW, merchant
from tests.unit.handoff.builders import (
    NAME,
    SHOP,
    asked_for,
    erasure_of,
    owned_case,
    waiting_case,
)

LATER = NOW + timedelta(minutes=5)


def test_a_case_is_born_waiting_from_the_form_with_the_same_id_on_every_try() -> None:
    event = asked_for()
    first, second = domain.new_case(event, SHOP), domain.new_case(event, SHOP)
    assert first == second
    assert (first.status, first.version, first.skill) == (Status.QUEUED, 1, "delivery")
    assert first.request_id == event.event_id
    assert first.expires_at == NOW + timedelta(days=SHOP.case_cap_days)


def test_a_topic_without_a_skill_of_its_own_goes_to_the_default_one() -> None:
    assert domain.new_case(asked_for(topic="other_question"), SHOP).skill == "general"


def test_the_queue_is_fair_whatever_order_the_events_come_in() -> None:
    cases = [waiting_case(seconds) for seconds in (30, 10, 20)]
    places = speech.positions(cases)
    assert [places[case.case_id] for case in cases] == [3, 1, 2]


def test_who_asked_in_the_same_millisecond_is_ordered_by_id() -> None:
    cases = [waiting_case() for _ in range(5)]
    places = speech.positions(cases)
    in_order = sorted(cases, key=lambda case: places[case.case_id])
    assert in_order == sorted(cases, key=lambda case: case.case_id)


def test_queues_of_merchants_and_skills_do_not_mix() -> None:
    first = waiting_case(0)
    other_skill = replace(waiting_case(1), skill="returns")
    other_shop = replace(waiting_case(2), merchant_id="havsro")
    assert set(speech.places_in_queues([first, other_skill, other_shop]).values()) == {1}


def test_entering_says_the_position_and_whether_anybody_is_there() -> None:
    ahead, case = waiting_case(0), waiting_case(10)
    change = domain.enqueue(case, [ahead], SHOP, LATER)
    (queued,) = change.events
    assert isinstance(queued, CaseQueued)
    assert (queued.position, queued.open_now, queued.version) == (2, True, 1)
    assert queued.cause_id == case.request_id
    assert queued.occurred_at > case.queued_at


def test_out_of_hours_is_said_honestly() -> None:
    closed = merchant(hours={"openings": (), "closed_on": ()})
    (queued,) = domain.enqueue(waiting_case(), [], closed, LATER).events
    assert isinstance(queued, CaseQueued)
    assert queued.open_now is False


def test_a_late_event_takes_its_fair_place_and_moves_the_others_back() -> None:
    behind, late = waiting_case(10), waiting_case(0)
    queued, told = domain.enqueue(late, [behind], SHOP, LATER).events
    assert isinstance(queued, CaseQueued)
    assert isinstance(told, QueueChanged)
    assert (queued.position, order(told)) == (1, [late.case_id, behind.case_id])
    assert (told.key, told.cause_id) == (f"{late.merchant_id}|{late.skill}", queued.event_id)


def test_whoever_comes_last_moves_nobody() -> None:
    (queued,) = domain.enqueue(waiting_case(10), [waiting_case(0)], SHOP, LATER).events
    assert isinstance(queued, CaseQueued)
    assert queued.position == 2


def order(told: QueueChanged) -> list[UUID]:
    """Who waits, the next one first."""
    return [place.case_id for place in told.places]


def test_claiming_assigns_and_tells_who_waits_now() -> None:
    ahead, case, behind = waiting_case(0), waiting_case(10), waiting_case(20)
    change = domain.claim(case, [ahead, case, behind], "kari", NAME, LATER)
    assigned, told = change.events
    assert isinstance(assigned, CaseAssigned)
    assert isinstance(told, QueueChanged)
    assert (change.case.status, change.case.agent_id, change.case.version) == (
        "assigned",
        "kari",
        2,
    )
    assert (assigned.waited_seconds, assigned.version) == (290.0, 2)
    assert assigned.event_id == domain.assignment_id(case)
    assert order(told) == [ahead.case_id, behind.case_id]
    assert {place.version for place in told.places} == {1}
    (_, empty) = domain.claim(case, [case], "kari", NAME, LATER).events
    assert isinstance(empty, QueueChanged)
    assert empty.places == ()
    assert told.occurred_at > assigned.occurred_at


def test_only_a_waiting_case_can_be_claimed() -> None:
    with pytest.raises(NotAllowed, match="case_taken"):
        domain.claim(owned_case("kari"), [], "elsa", NAME, LATER)
    closed = ending.close(owned_case("kari"), "kari", "solved", LATER).case
    with pytest.raises(NotAllowed, match="case_closed"):
        domain.claim(closed, [], "kari", NAME, LATER)


def test_claiming_once_more_changes_nothing() -> None:
    case = owned_case("kari")
    assert domain.claim(case, [], "kari", NAME, LATER) == Change(case, ())


def test_only_the_owner_may_answer_and_close() -> None:
    case, ends = owned_case("kari"), LATER
    with pytest.raises(NotAllowed, match="not_yours"):
        domain.reply(case, "elsa", uuid4(), NAME, ends=ends, now=LATER)
    with pytest.raises(NotAllowed, match="not_yours"):
        ending.close(case, "elsa", "solved", LATER)
    with pytest.raises(NotAllowed, match="not_yours"):
        domain.reply(waiting_case(), "kari", uuid4(), NAME, ends=ends, now=LATER)


def test_nobody_answers_in_a_closed_case() -> None:
    closed = ending.close(owned_case("kari"), "kari", "solved", LATER).case
    with pytest.raises(NotAllowed, match="case_closed"):
        domain.reply(closed, "kari", uuid4(), NAME, ends=LATER, now=LATER)


def test_an_answer_keeps_the_version_and_the_case_longer() -> None:
    case, event_id = owned_case(), uuid4()
    ends = case.expires_at + timedelta(days=3)
    change = domain.reply(case, "kari", event_id, NAME, ends=ends, now=LATER)
    (replied,) = change.events
    assert isinstance(replied, AgentReplied)
    assert (replied.event_id, replied.version, change.case.version) == (event_id, 2, 2)
    assert change.case.expires_at == ends


def test_the_same_number_from_the_console_is_the_same_message() -> None:
    case, client_id = owned_case(), uuid4()
    assert domain.reply_id(case, client_id) == domain.reply_id(case, client_id)
    assert domain.reply_id(case, client_id) != domain.reply_id(owned_case(), client_id)


def test_closing_counts_the_time_since_the_claim_and_happens_once() -> None:
    case = owned_case()
    change = ending.close(case, "kari", "unsolved", LATER)
    (closed,) = change.events
    assert isinstance(closed, CaseClosed)
    assert (closed.reason, closed.version, closed.handled_seconds) == ("unsolved", 3, 240.0)
    assert ending.close(change.case, "kari", "solved", LATER).events == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n\t", "text_empty"),
        ("å" * (MAX_TEXT_BYTES // 2 + 1), "text_too_long"),
    ],
)
def test_empty_and_oversize_texts_are_refused(text: str, code: str) -> None:
    with pytest.raises(NotAllowed, match=code):
        domain.check_text(text)


def test_the_longest_text_is_allowed_and_stripped() -> None:
    assert domain.check_text(f"  {'a' * MAX_TEXT_BYTES}\n") == "a" * MAX_TEXT_BYTES


def test_erasing_a_waiting_case_lets_the_others_move_up() -> None:
    case, behind = waiting_case(0), waiting_case(10)
    closed, told = ending.erase(case, [case, behind], erasure_of(case), LATER).events
    assert isinstance(closed, CaseClosed)
    assert isinstance(told, QueueChanged)
    assert (closed.reason, closed.handled_seconds) == ("erased", 0.0)
    assert order(told) == [behind.case_id]


def test_of_a_closed_case_that_is_erased_help_desks_are_told_to_delete_it() -> None:
    closed = ending.close(owned_case(), "kari", "solved", LATER).case
    event = erasure_of(closed)
    told, again = (ending.erase(closed, [], event, LATER).events for _ in range(2))
    assert told == again, "however often it is asked"
    (erased,) = told
    assert isinstance(erased, CaseErased)
    assert (erased.case_id, erased.cause_id) == (closed.case_id, event.event_id)
    assert erased.version > closed.version
    assert erased.occurred_at > closed.changed_at


def test_what_is_said_of_a_case_keeps_its_order_when_clocks_disagree() -> None:
    event = asked_for(NOW + timedelta(hours=1, microseconds=700))
    entered = domain.enqueue(domain.new_case(event, SHOP), [], SHOP, NOW)
    claimed = domain.claim(entered.case, [], "kari", NAME, NOW)
    replied = domain.reply(claimed.case, "kari", uuid4(), NAME, ends=NOW, now=NOW)
    closed = ending.close(replied.case, "kari", "solved", NOW)
    said = [event, *entered.events, *claimed.events, *replied.events, *closed.events]
    times = [fact.occurred_at for fact in said]
    assert times == sorted(set(times))


STEPS = st.lists(
    st.tuples(st.sampled_from(["claim", "reply", "close"]), st.sampled_from(["kari", "elsa"])),
    max_size=12,
)


@given(STEPS)
@settings(max_examples=300)
def test_in_any_order_of_wishes_a_case_has_one_owner_and_ends_once(
    steps: list[tuple[str, str]],
) -> None:
    case = waiting_case()
    said: list[Event] = []
    for number, (wish, agent) in enumerate(steps, start=1):
        try:
            change = _try(case, wish, agent, number)
        except NotAllowed:
            continue
        assert change.case.version - case.version == (wish != "reply" and len(change.events) > 0)
        assert case.agent_id in {None, change.case.agent_id}
        case = change.case
        said += change.events
    names = [type(event).__name__ for event in said]
    assert names.count("CaseAssigned") <= 1
    assert names.count("CaseClosed") <= 1
    assert "CaseClosed" not in names[:-1], "nothing is said after the end"


def _try(case: Case, wish: str, agent: str, number: int) -> Change:
    now = NOW + timedelta(minutes=number)
    if wish == "claim":
        return domain.claim(case, [case], agent, NAME, now)
    if wish == "reply":
        return domain.reply(case, agent, uuid4(), NAME, ends=now, now=now)
    return ending.close(case, agent, "solved", now)
