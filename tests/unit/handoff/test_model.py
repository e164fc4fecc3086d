"""Whatever visitors, agents, clocks and the bus do in which order: what must never happen does not.

Some hundreds of orders; `python -m tests.bench orders` tries 10,000.
"""

from collections import deque
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from libs.contracts.case import (
    AgentReplied,
    CaseAssigned,
    CaseClosed,
    CaseErased,
    CaseFiled,
    CaseQueued,
)
from libs.contracts.sealed import Purpose
from services.gateway.domain import Owner
from services.gateway.stretches import is_human_at
from services.handoff import domain, ending, passing
from services.handoff.case import WAITING, Case, Status
from tests.unit.handoff.builders import NAME
from tests.unit.handoff.model import CLOSED, SHOP, Chat, House, opened_by, owner_of

EXAMPLES = 300
STEPS = 40

visitors = st.integers(0, 2)
agents = st.sampled_from(["kari", "elsa"])
wishers = st.sampled_from(["owner", "owner", "kari", "elsa"])
"""Who wishes something: mostly who may."""

skills = st.sampled_from(["delivery", "general"])

CHANGES = (CaseQueued, CaseFiled, CaseAssigned, CaseClosed, CaseErased)
"""The facts that a case's version grows with."""


class Handoffs(RuleBasedStateMachine):
    """Three visitors, two agents, two skills."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.versions: dict[object, int] = {}

    def chat(self, visitor: int) -> Chat:
        return self.house.chats[f"{visitor:032x}"]

    def case(self, pick: int, *fitting: Status) -> Case | None:
        """One of the cases that are in one of these states, or any if none is."""
        cases = [*self.house.cases.values()]
        found = [case for case in cases if case.status in fitting] or cases
        return found[pick % len(found)] if found else None

    def wisher(self, who: str, case: Case) -> str:
        return case.agent_id or "kari" if who == "owner" else who

    def waiting(self, lanes: dict[str, deque[Any]], pick: int) -> Chat | None:
        """One of the visitors of whom something is still to be heard."""
        names = [name for name, lane in lanes.items() if lane]
        return self.house.chats[names[pick % len(names)]] if names else None

    @rule(seconds=st.integers(0, 600), skew=st.integers(-3000, 3000))
    def time_passes(self, seconds: int, skew: int) -> None:
        self.house.now += timedelta(seconds=seconds, milliseconds=7)
        self.house.skew = timedelta(milliseconds=skew)

    @rule(online=st.integers(0, 2), is_open=st.booleans())
    def agents_come_and_go(self, online: int, is_open: bool) -> None:
        self.house.online, self.house.merchant = online, SHOP if is_open else CLOSED

    @rule(visitor=visitors)
    def writes(self, visitor: int) -> None:
        chat = self.chat(visitor)
        self.house.write(chat)
        if any(not ended for _, ended in self.house.stretches(chat)):
            assert chat.written[-1].message.purpose is Purpose.CASE, "for people, or it is lost"

    @rule(visitor=visitors)
    def fills_in_the_form(self, visitor: int) -> None:
        self.house.ask(self.chat(visitor))

    @rule(visitor=visitors)
    def leaves_the_queue(self, visitor: int) -> None:
        self.house.leave(self.chat(visitor))

    @rule(visitor=visitors, score=st.integers(1, 5))
    def rates(self, visitor: int, score: int) -> None:
        self.house.rate(self.chat(visitor), score)

    @rule(visitor=visitors)
    def erases(self, visitor: int) -> None:
        self.house.erase(self.chat(visitor))

    @rule(visitor=visitors)
    def the_bot_says_something(self, visitor: int) -> None:
        self.house.bot_says(self.chat(visitor))

    @rule(visitor=visitors, again=st.booleans())
    def handoff_hears(self, visitor: int, again: bool) -> None:
        if chat := self.waiting(self.house.to_handoff, visitor):
            self.house.deliver(chat, again=again)

    @rule(visitor=visitors)
    def the_gateway_hears(self, visitor: int) -> None:
        if chat := self.waiting(self.house.to_gateway, visitor):
            self.house.hear(chat)

    @rule(visitor=visitors, count=st.integers(1, 3))
    def the_gateway_starts_over(self, visitor: int, count: int) -> None:
        self.house.repeat(self.chat(visitor), count)

    @rule()
    def all_is_heard(self) -> None:
        while chat := self.waiting(self.house.to_handoff, 0):
            self.house.deliver(chat, again=False)
        while chat := self.waiting(self.house.to_gateway, 0):
            self.house.hear(chat)

    @rule(visitor=visitors, agent=agents)
    def is_helped_at_once(self, visitor: int, agent: str) -> None:
        """A whole case, so that much can happen after one."""
        self.fills_in_the_form(visitor)
        self.all_is_heard()
        case = self.house.open_in(self.chat(visitor).session.conversation_id)
        if case:
            now = self.house.here
            self.house.change(case, lambda c, q: domain.claim(c, q, agent, NAME, now))
            mine = self.house.cases[case.case_id]
            self.house.change(mine, lambda c, _: ending.close(c, agent, "solved", now))

    @rule(visitor=visitors, agent=agents)
    def claims(self, visitor: int, agent: str) -> None:
        if case := self.case(visitor, *WAITING):
            self.house.change(case, lambda c, q: domain.claim(c, q, agent, NAME, self.house.here))

    @rule(visitor=visitors, agent=wishers)
    def replies(self, visitor: int, agent: str) -> None:
        if case := self.case(visitor, Status.ASSIGNED):
            agent = self.wisher(agent, case)
            said, now = self.house.fresh(), self.house.here
            self.house.change(
                case, lambda c, _: domain.reply(c, agent, said, NAME, ends=now, now=now)
            )

    @rule(visitor=visitors, agent=wishers, asks=st.booleans())
    def closes(self, visitor: int, agent: str, asks: bool) -> None:
        if case := self.case(visitor, Status.ASSIGNED):
            agent = self.wisher(agent, case)
            now = self.house.here
            self.house.change(
                case, lambda c, _: ending.close(c, agent, "solved", now, asks_rating=asks)
            )

    @rule(visitor=visitors, agent=wishers, is_gone=st.booleans())
    def gives_back(self, visitor: int, agent: str, is_gone: bool) -> None:
        pass_on = passing.take_back if is_gone else passing.give_back
        if case := self.case(visitor, Status.ASSIGNED):
            agent = self.wisher(agent, case)
            house = self.house
            self.house.change(
                case, lambda c, q: pass_on(c, q, agent, house.merchant, house.here), case.skill
            )

    @rule(visitor=visitors, agent=wishers, skill=skills)
    def sends_to_a_skill(self, visitor: int, agent: str, skill: str) -> None:
        if case := self.case(visitor, Status.ASSIGNED):
            agent = self.wisher(agent, case)
            house = self.house
            self.house.change(
                case,
                lambda c, q: passing.to_skill(
                    c, q, agent, skill, merchant=house.merchant, now=house.here
                ),
                skill,
            )

    @rule(visitor=visitors, agent=wishers, other=agents)
    def sends_to_a_colleague(self, visitor: int, agent: str, other: str) -> None:
        if case := self.case(visitor, Status.ASSIGNED):
            agent = self.wisher(agent, case)
            self.house.change(
                case, lambda c, _: passing.to_colleague(c, agent, other, NAME, self.house.here)
            )

    @rule(visitor=visitors)
    def patience_is_looked_after(self, visitor: int) -> None:
        if case := self.case(visitor, Status.QUEUED):
            self.house.change(case, lambda c, q: ending.give_up(c, q, SHOP, self.house.here))

    @invariant()
    def a_form_comes_before_its_case_and_opens_one(self) -> None:
        forms = [opened_by(events) for events in self.house.said.values()]
        assert len(set(forms)) == len(forms)
        filled_in = {form for chat in self.house.chats.values() for form in chat.forms}
        assert set(forms) <= filled_in

    @invariant()
    def one_case_is_open_per_conversation(self) -> None:
        is_open = [c.conversation_id for c in self.house.cases.values() if c.status != "closed"]
        assert len(set(is_open)) == len(is_open)

    @invariant()
    def versions_only_grow_and_time_goes_on(self) -> None:
        for case in self.house.cases.values():
            assert case.version >= self.versions.get(case.case_id, 1)
            self.versions[case.case_id] = case.version
        for events in self.house.said.values():
            for one, other in pairwise(events):
                assert one.occurred_at < other.occurred_at
                changes = isinstance(other, CHANGES)
                assert other.version - one.version == changes

    @invariant()
    def agents_speak_only_in_cases_that_they_own(self) -> None:
        for events in self.house.said.values():
            owned = False
            for event in events:
                if isinstance(event, AgentReplied):
                    assert owned
                if isinstance(event, CHANGES):
                    owned = isinstance(event, CaseAssigned)
            alive = [event for event in events if not isinstance(event, CaseErased)]
            assert alive == [*events][: len(alive)], "the last word is the last"
            assert len(events) - len(alive) <= 1
            assert not any(isinstance(event, CaseClosed) for event in alive[:-1])

    @invariant()
    def an_owner_is_who_it_was_assigned_to(self) -> None:
        for case in self.house.cases.values():
            if case.status is not Status.CLOSED:
                assert (case.agent_id is not None) is (case.status is Status.ASSIGNED)

    @invariant()
    def everybody_who_waits_knows_the_place(self) -> None:
        assert self.house.told_positions() == self.house.true_positions()

    @invariant()
    def the_bot_is_not_seen_while_people_have_the_say(self) -> None:
        for chat in self.house.chats.values():
            for began, ended in self.house.stretches(chat):
                assert not [at for at in chat.shown if began <= at and (not ended or at < ended)]

    def teardown(self) -> None:
        """Everything arrives in the end: then all know the same."""
        for chat in self.house.chats.values():
            name = chat.session.conversation_id
            while self.house.to_handoff[name]:
                self.house.deliver(chat, again=False)
            if name in self.house.erased:
                continue
            while self.house.to_gateway[name]:
                self.house.hear(chat)
            owner = chat.session.ownership.owner
            assert owner is owner_of(self.house.open_in(name))
            later = self.house.now + timedelta(days=1)
            assert is_human_at(chat.session.marks, later) is (owner is not Owner.BOT)


TestHandoffs = pytest.mark.timeout(3600)(Handoffs.TestCase)
TestHandoffs.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
