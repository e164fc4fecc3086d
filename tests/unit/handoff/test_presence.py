"""Who is there, who looks at what, and whose cases go back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.handoff.presence import (
    LOOK_KEPT,
    Floor,
    Presence,
    grants_of,
    staffing,
    watchers,
)
from services.handoff.rights import EVERY_SKILL, Agent, Grant, Role
from tests.builders import NOW
from tests.unit.handoff.builders import SHOP, owned_case

SILENCE = timedelta(seconds=45)
ALL: Mapping[str, frozenset[str]] = {SHOP.id: frozenset({EVERY_SKILL})}


def person(agent_id: str = "kari", **changes: Any) -> Presence:
    fields: dict[str, Any] = {"name": agent_id.title(), "grants": ALL, "seen_at": NOW}
    return Presence(agent_id, **(fields | changes))


def test_who_is_silent_for_too_long_is_not_there() -> None:
    assert person().is_there(NOW + SILENCE, SILENCE)
    assert not person().is_there(NOW + SILENCE + timedelta(milliseconds=1), SILENCE)


def test_who_is_away_takes_no_cases_and_keeps_those_that_are_there() -> None:
    case, later = owned_case("kari"), NOW + timedelta(hours=1)
    floor = Floor((person(state="away"), person("elsa")), (case,))
    assert [seat.agent_id for seat in floor.seats()] == ["elsa"]
    assert floor.lost(later, SILENCE) == []


def test_a_seat_knows_how_much_of_it_is_taken() -> None:
    floor = Floor((person(capacity=2),), (owned_case("kari"),))
    (seat,) = floor.seats()
    assert (seat.busy, seat.free) == (1, 1)


def test_cases_of_an_agent_who_is_gone_are_lost_but_not_at_once() -> None:
    case = owned_case("kari")
    assert case.assigned_at is not None
    floor = Floor((person("elsa"),), (case, owned_case("elsa")))
    assert floor.lost(case.assigned_at + SILENCE, SILENCE) == []
    assert floor.lost(case.assigned_at + SILENCE + timedelta(seconds=1), SILENCE) == [case]


def test_staffing_counts_those_who_serve_a_skill() -> None:
    returns = {SHOP.id: frozenset({"delivery"})}
    people = [person(), person("elsa", grants=returns), person("per", grants={"havsro": ALL})]
    assert staffing(people, SHOP) == {"delivery": 2, "general": 1}
    assert staffing([], SHOP) == {"delivery": 0, "general": 0}


def test_only_who_may_answer_is_given_cases() -> None:
    grants = (
        Grant("fjellbekk", frozenset({Role.DPO}), frozenset({EVERY_SKILL})),
        Grant("fjellbekk", frozenset({Role.AGENT}), frozenset({"returns"})),
        Grant("fjellbekk", frozenset({Role.SUPERVISOR}), frozenset({"delivery"})),
        Grant("havsro", frozenset({Role.MERCHANT_ADMIN})),
    )
    assert grants_of(Agent("kari", "Kari", grants)) == {
        "fjellbekk": frozenset({"returns", "delivery"})
    }


def test_the_others_who_look_at_a_case_are_named_for_some_seconds() -> None:
    looks: dict[str, Any] = {"looking_at": "case", "looked_at": NOW}
    people = [person(**looks), person("elsa", **looks), person("per")]
    assert watchers(people, "kari", NOW + LOOK_KEPT) == {"case": ["Elsa"]}
    assert watchers(people, "kari", NOW + LOOK_KEPT + timedelta(seconds=1)) == {}
