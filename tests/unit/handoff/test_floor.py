"""What is to be done on the floor: fair giving, patience, waits that are told anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.handoff import floor
from services.handoff.case import Case
from services.handoff.presence import Floor, Presence
from services.handoff.rights import EVERY_SKILL
from services.handoff.waiting import NOTHING_KNOWN, Forecast
from tests.builders import NOW, merchant
from tests.unit.handoff.builders import SHOP, owned_case, waiting_case

AUTO = {SHOP.id: merchant(routing="auto")}
BY_HAND = {SHOP.id: SHOP}


def person(agent_id: str, *skills: str, **changes: Any) -> Presence:
    grants = {SHOP.id: frozenset(skills or {EVERY_SKILL})}
    return Presence(agent_id, agent_id.title(), grants, NOW, **changes)


def given(waiting: list[Case], *people: Presence, **fields: Any) -> list[tuple[Case, str]]:
    pairs = floor.to_give(waiting, AUTO, Floor(people, **fields))
    return [(case, seat.agent_id) for case, seat in pairs]


def test_the_longest_wait_goes_first_to_whom_has_most_room() -> None:
    first, second, third = (waiting_case(seconds) for seconds in (0, 10, 20))
    assert given([third, first, second], person("elsa", capacity=2), person("kari")) == [
        (first, "elsa"), (second, "elsa"), (third, "kari"),
    ]  # fmt: skip


def test_a_full_agent_is_given_nothing_and_the_others_by_skill_and_language_only() -> None:
    case = waiting_case()
    assert given([case], person("kari"), assigned=(owned_case("kari"),)) == []
    assert given([case], person("kari", "returns")) == []
    assert given([case], person("kari", languages=frozenset({"sv"}))) == []
    assert given([case], person("kari", state="away")) == []
    assert given([case], person("kari", "delivery", languages=frozenset({"nb"})))


def test_who_gave_a_case_back_is_not_given_it_again() -> None:
    case = replace(waiting_case(), returned_by="kari")
    assert given([case], person("kari"), person("per")) == [(case, "per")]


def test_afterwards_nobody_is_free_for_a_case_that_still_waits() -> None:
    waiting = [waiting_case(n, topic="other" if n % 2 else "track_parcel") for n in range(7)]
    present = Floor((person("kari", "general", capacity=2), person("elsa", capacity=2)))
    pairs = floor.to_give(waiting, AUTO, present)
    taken = {case.case_id for case, _ in pairs}
    held = tuple(replace(case, agent_id=seat.agent_id) for case, seat in pairs)
    left = [case for case in waiting if case.case_id not in taken]
    assert len(left) == 3
    free = [seat for seat in replace(present, assigned=held).seats() if seat.free]
    assert not any(seat.fits(case) for seat in free for case in left)


def test_where_agents_claim_nothing_is_given() -> None:
    assert floor.to_give([waiting_case()], BY_HAND, Floor((person("kari"),))) == []


def test_a_visitor_without_a_sign_of_life_has_given_up() -> None:
    case, patience = waiting_case(), timedelta(minutes=SHOP.patience_minutes)
    assert floor.gone_away([case], BY_HAND, NOW + patience) == []
    late = NOW + patience + timedelta(seconds=1)
    assert floor.gone_away([case], BY_HAND, late) == [case]
    assert floor.gone_away([replace(case, visitor_wrote_at=late)], BY_HAND, late) == []


def test_waits_are_told_anew_when_they_are_clearly_others() -> None:
    queue = (SHOP.id, "delivery")
    before = {queue: Forecast(10, 300.0, 100.0, 3)}
    little, much = Forecast(10, 330.0, 100.0, 3), Forecast(10, 300.0, 100.0, 2)
    assert floor.news({queue: little}, before, 0.2) == {}
    assert floor.news({queue: much}, before, 0.2) == {queue: much}
    assert floor.news({queue: NOTHING_KNOWN}, before, 0.2) == {queue: NOTHING_KNOWN}
    assert floor.news({queue: NOTHING_KNOWN}, {}, 0.2) == {}


DELIVERY, GENERAL = (SHOP.id, "delivery"), (SHOP.id, "general")


@pytest.mark.parametrize(
    ("waiting", "delivery", "general"),
    [((0, 0), 4, 7), ((3, 0), 4, 3), ((8, 1), 4, 3), ((5, 8), 7 * 6 / 14, 7 * 9 / 14)],
)
def test_who_serves_several_queues_goes_where_waits_are_longest(
    waiting: tuple[int, int], delivery: float, general: float
) -> None:
    present = Floor((person("kari", capacity=4), person("per", "general", capacity=3)))
    cases = [waiting_case(n) for n in range(waiting[0])]
    cases += [waiting_case(n, topic="other") for n in range(waiting[1])]
    places = floor.places_by_queue([SHOP], present, cases)
    assert places[DELIVERY] == pytest.approx(delivery, rel=0.05)
    assert places[GENERAL] == pytest.approx(general, rel=0.05)


def test_where_nobody_is_there_is_no_place() -> None:
    present = Floor((person("kari", "delivery"),))
    assert floor.places_by_queue([SHOP], present, []) == {DELIVERY: 1, GENERAL: 0}
