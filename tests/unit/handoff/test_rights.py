"""Roles and grants: the table is what it says, and everything that is not in it is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from libs.kit.errors import Refused
from services.handoff import domain
from services.handoff.accounts import account_of, agent_of
from services.handoff.case import Case
from services.handoff.guard import require, require_erasing, require_reading
from services.handoff.rights import EVERY_MERCHANT, TABLE, Agent, Grant, Right, Role, rights_at
from tests.builders import merchant
from tests.unit.handoff.builders import asked_for

QUEUE, REPLY, OTHERS, TRANSFER, ERASE, ACCOUNTS, AUDIT, REQUESTS = Right

EXPECTED = {
    Role.AGENT: {QUEUE, REPLY, ERASE},
    Role.SUPERVISOR: {QUEUE, REPLY, OTHERS, TRANSFER, ERASE},
    Role.MERCHANT_ADMIN: {QUEUE, ACCOUNTS, AUDIT, REQUESTS},
    Role.DPO: {QUEUE, OTHERS, ERASE, AUDIT, REQUESTS},
    Role.OPERATOR: {ACCOUNTS, AUDIT},
}
"""The table once more, by hand: who changes it must mean it."""


def person(*roles: Role, skills: tuple[str, ...] = ("*",), at: str = "fjellbekk") -> Agent:
    return Agent("kari", "Kari", (Grant(at, frozenset(roles), frozenset(skills)),))


def case(owner: str | None = None, merchant_id: str = "fjellbekk", skill: str = "delivery") -> Case:
    new = domain.new_case(asked_for(merchant_id=merchant_id), merchant(merchant_id))
    return replace(new, agent_id=owner, skill=skill)


def test_the_table_is_complete_and_as_decided() -> None:
    assert {role: set(rights) for role, rights in TABLE.items()} == EXPECTED
    assert set(EXPECTED) == set(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_allows_its_rights_at_its_merchant_only(role: Role, right: Right) -> None:
    kari = person(role)
    assert kari.may(right, "fjellbekk") is (right in EXPECTED[role])
    assert not kari.may(right, "havsro")
    assert not kari.may(right, EVERY_MERCHANT)
    assert not person().may(right, "fjellbekk")


@pytest.mark.parametrize("role", Role)
def test_only_operators_hold_a_role_everywhere_and_they_see_no_case(role: Role) -> None:
    everywhere = person(role, at=EVERY_MERCHANT)
    allowed = {right for right in Right if everywhere.may(right, "havsro")}
    assert allowed == (EXPECTED[role] if role is Role.OPERATOR else set())
    assert not everywhere.may_see(case())
    assert not everywhere.may_read(case())
    assert everywhere.merchants == ()


READS: list[tuple[Role, bool, bool, bool]] = [
    # role, own case, nobody's, a colleague's
    (Role.AGENT, True, True, False),
    (Role.SUPERVISOR, True, True, True),
    (Role.DPO, True, True, True),
    (Role.MERCHANT_ADMIN, False, False, False),
    (Role.OPERATOR, False, False, False),
]


@pytest.mark.parametrize(("role", "own", "nobodys", "colleagues"), READS)
def test_who_reads_what_a_visitor_wrote(
    role: Role, own: bool, nobodys: bool, colleagues: bool
) -> None:
    kari = person(role)
    found = tuple(kari.may_read(case(owner)) for owner in ("kari", None, "per"))
    assert found == (own, nobodys, colleagues)
    assert not kari.may_read(case(None, "havsro"))
    erases = tuple(kari.may_erase(case(owner)) for owner in ("kari", None, "per"))
    assert erases == (found if ERASE in EXPECTED[role] else (False, False, False))


@pytest.mark.parametrize("owner", ["kari", None, "per"])
def test_a_skill_that_was_not_granted_is_out_of_sight(owner: str | None) -> None:
    kari = person(Role.SUPERVISOR, Role.DPO, skills=("returns",))
    assert kari.may_read(case(owner, skill="returns"))
    assert kari.serves("fjellbekk", "returns")
    delivery = case(owner, skill="delivery")
    assert not any(may(delivery) for may in (kari.may_see, kari.may_read, kari.may_erase))
    assert not kari.serves("fjellbekk", "delivery")


def test_grants_of_two_merchants_do_not_mix() -> None:
    both = Agent(
        "kari",
        "Kari",
        (
            Grant("fjellbekk", frozenset({Role.SUPERVISOR}), frozenset({"returns"})),
            Grant("havsro", frozenset({Role.AGENT}), frozenset({"delivery"})),
        ),
    )
    assert both.may_read(case("per", "fjellbekk", "returns"))
    assert not both.may_read(case("per", "havsro", "delivery"))
    assert not both.may_see(case(None, "havsro", "returns"))
    assert not both.may_see(case(None, "fjellbekk", "delivery"))
    assert (both.merchants, both.skills_at("havsro")) == (("fjellbekk", "havsro"), ("delivery",))
    assert rights_at(both, ["havsro"]) == {"havsro": [QUEUE, REPLY, ERASE]}


def test_nobody_without_replying_is_given_cases() -> None:
    assert not person(Role.DPO).serves("fjellbekk", "delivery")
    assert not person(Role.MERCHANT_ADMIN).serves("fjellbekk", "delivery")


GUARDS: list[tuple[Callable[[Agent, Case], None], Role, str | None]] = [
    (require_reading, Role.AGENT, "per"),
    (require_erasing, Role.MERCHANT_ADMIN, None),
    (require_erasing, Role.AGENT, "per"),
    (lambda agent, one: require(agent, Right.REPLY, one), Role.DPO, None),
    (lambda agent, one: require(agent, Right.TRANSFER_OTHERS, one), Role.AGENT, "per"),
]


@pytest.mark.parametrize(("guard", "role", "owner"), GUARDS)
def test_a_guard_refuses_with_a_code_and_lets_a_supervisor_pass(
    guard: Callable[[Agent, Case], None], role: Role, owner: str | None
) -> None:
    with pytest.raises(Refused) as refused:
        guard(person(role), case(owner))
    assert (refused.value.status, refused.value.code) == (403, "no_right")
    guard(person(Role.SUPERVISOR), case(owner))


def test_an_account_keeps_everything_that_was_granted() -> None:
    kari = replace(person(Role.SUPERVISOR, skills=("returns", "delivery")), languages=("nb", "en"))
    assert agent_of(account_of(kari) | {"_id": "kari"}) == kari
