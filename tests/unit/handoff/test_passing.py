"""Cases that change hands: to a skill, to a colleague, each with a new version and one owner."""

from datetime import timedelta

import pytest

from libs.contracts.case import CaseAssigned, CaseFiled, CaseQueued
from services.handoff import domain, ending, passing
from services.handoff.case import NotAllowed, Status
from tests.builders import NOW, merchant
from tests.unit.handoff.builders import NAME, SHOP, owned_case, waiting_case

LATER = NOW + timedelta(minutes=5)
CLOSED = merchant(hours={"openings": (), "closed_on": ()})


def test_to_a_skill_it_waits_there_for_as_long_as_its_visitor_has_waited() -> None:
    case, longer = owned_case(), waiting_case(-10)
    change = passing.to_skill(case, [longer], "kari", "returns", merchant=SHOP, now=LATER)
    queued = change.events[0]
    assert isinstance(queued, CaseQueued)
    assert (queued.skill, queued.position, queued.reason) == ("returns", 2, "transferred")
    assert (change.case.version, change.case.agent_id, change.case.skill) == (3, None, "returns")


def test_a_left_message_goes_among_the_left_messages_of_the_skill() -> None:
    filed = domain.enter(waiting_case(), [], CLOSED, LATER, online=1).case
    mine = domain.claim(filed, [], "kari", NAME, LATER).case
    change = passing.to_skill(mine, [], "kari", "returns", merchant=SHOP, now=LATER)
    (said,) = change.events
    assert isinstance(said, CaseFiled)
    assert (said.skill, change.case.status) == ("returns", Status.FILED)


def test_to_a_colleague_it_is_the_colleagues_at_once_and_only_once() -> None:
    case = owned_case("kari")
    change = passing.to_colleague(case, "kari", "elsa", NAME, LATER)
    (assigned,) = change.events
    assert isinstance(assigned, CaseAssigned)
    assert (change.case.agent_id, change.case.version) == ("elsa", 3)
    assert change.case.entered == "transferred"
    assert assigned.event_id == domain.assignment_id(case)
    again = passing.to_colleague(change.case, "kari", "elsa", NAME, LATER)
    assert (again.case, again.events) == (change.case, ())


def test_only_the_owner_passes_on() -> None:
    with pytest.raises(NotAllowed, match="not_yours"):
        passing.to_colleague(owned_case("kari"), "per", "elsa", NAME, LATER)
    with pytest.raises(NotAllowed, match="not_yours"):
        passing.to_skill(waiting_case(), [], "kari", "returns", merchant=SHOP, now=LATER)
    closed = ending.close(owned_case("kari"), "kari", "solved", LATER).case
    with pytest.raises(NotAllowed, match="case_closed"):
        passing.to_colleague(closed, "kari", "elsa", NAME, LATER)
