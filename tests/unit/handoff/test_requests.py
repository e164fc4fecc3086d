"""Requests about somebody's data: no act without identity, no end without proof, the GDPR's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.bodies import Customer, IntakeBody, PageContext
from services.handoff.blind import Blind
from services.handoff.case import NotAllowed
from services.handoff.rightsdesk import requests
from services.handoff.rightsdesk.requests import Kind, Request, State, clock, later, possible
from tests.builders import NOW, intake_topic

CONVERSATION = "c" * 32
DAY = timedelta(days=1)

ACTS: dict[str, Callable[[Request, datetime], Request]] = {
    "mail": lambda one, now: requests.asked_to_confirm(one, "mark", "hash", now),
    "confirm": lambda one, now: requests.confirmed(one, [CONVERSATION], now),
    "refer": lambda one, now: requests.referred(one, CONVERSATION, now),
    "order": lambda one, now: requests.ordered(one, [CONVERSATION], now),
    "extend": lambda one, now: requests.extended(one, "complex", now),
    "erase": lambda one, now: requests.erasing(one, ["e"], now),
    "erased": requests.erased,
    "object": requests.objected,
    "export": requests.handed_out,
    "correct": requests.corrected,
    "done": requests.done,
    "refuse": lambda one, now: requests.refused(one, "excessive", now),
    "close": requests.closed,
}


def request(kind: Kind = Kind.ACCESS, at: datetime = NOW) -> Request:
    return requests.received("fjellbekk", kind, "nb", at, request_id=UUID(int=7), now=at)


@given(
    st.sampled_from(Kind), st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 20)))
)
def test_whatever_is_tried_in_any_order_the_rules_hold(
    kind: Kind, tried: list[tuple[str, int]]
) -> None:
    one, now = request(kind), NOW
    for name, days in tried:
        now += days * DAY
        before = one
        try:
            one = ACTS[name](one, now)
        except NotAllowed:
            assert one is before
            continue
        assert one.version == before.version + (one != before)
        assert before.state is not State.CLOSED, "closed is closed"
    if one.state is State.DONE:
        assert one.identity
        assert one.has({Kind.ACCESS: "exported", Kind.RECTIFICATION: "corrected"}.get(kind, "done"))
        assert kind is not Kind.ERASURE or one.erasures
    if one.state is State.CLOSED:
        assert (one.mark, one.confirm, one.conversations) == (None, None, ())
        assert one.expires_at <= now + timedelta(days=90)
    assert (one.state is State.REFUSED) <= bool(one.refusal)
    assert one.due_at in (later(NOW, 1), later(NOW, 3))


OFFERED = {
    "identify": "refer", "order": "order", "extend": "extend", "refuse": "refuse", "erase": "erase",
    "object": "object", "export": "export", "correct": "correct", "done": "done", "close": "close",
}  # fmt: skip


@given(
    st.sampled_from(Kind), st.lists(st.sampled_from(sorted(ACTS)), max_size=8),
    st.integers(0, 120),
)  # fmt: skip
def test_what_is_offered_can_be_done(kind: Kind, tried: list[str], days: int) -> None:
    one = request(kind)
    for name in tried:
        try:
            one = ACTS[name](one, NOW)
        except NotAllowed:
            continue
    now = NOW + days * DAY
    for offered in possible(one, now):
        ACTS[OFFERED[offered]](one, now)


@pytest.mark.parametrize(
    ("came", "months", "due"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)), ((2028, 1, 31), 1, (2028, 2, 29)),
        ((2026, 11, 23), 1, (2026, 12, 23)), ((2026, 12, 31), 1, (2027, 1, 31)),
        ((2026, 11, 30), 3, (2027, 2, 28)), ((2026, 12, 1), 3, (2027, 3, 1)),
    ],
)  # fmt: skip
def test_a_month_is_a_calendar_month(
    came: tuple[int, int, int], months: int, due: tuple[int, int, int]
) -> None:
    assert later(datetime(*came, 9, 30, tzinfo=UTC), months) == datetime(*due, 9, 30, tzinfo=UTC)


def test_the_clock_warns_is_late_and_stops() -> None:
    one = request(at=datetime(2026, 11, 1, tzinfo=UTC))
    due = datetime(2026, 12, 1, tzinfo=UTC)
    assert clock(one, due - 11 * DAY) == ("ok", 11)
    assert clock(one, due - 10 * DAY) == ("soon", 10)
    assert clock(one, due) == ("soon", 0)
    assert clock(one, due + DAY) == ("late", -1)
    longer = requests.extended(one, "many", due)
    assert clock(longer, due + DAY)[0] == "ok"
    assert clock(requests.refused(one, "not_found", due), due + DAY)[0] == "stopped"


@pytest.mark.parametrize("again", [True, False])
def test_more_time_is_taken_once_and_said_within_the_first_month(again: bool) -> None:
    one = requests.extended(request(), "complex", NOW) if again else request()
    now = NOW if again else one.due_at + timedelta(seconds=1)
    with pytest.raises(NotAllowed):
        requests.extended(one, "complex", now)


def test_a_link_works_for_a_week_and_once() -> None:
    sent = requests.asked_to_confirm(request(), "mark", "hash", NOW)
    with pytest.raises(NotAllowed, match="link_expired"):
        requests.confirmed(sent, [], NOW + 7 * DAY + timedelta(seconds=1))
    found = requests.confirmed(sent, [CONVERSATION, CONVERSATION], NOW + 7 * DAY)
    assert found.conversations == (CONVERSATION,)
    with pytest.raises(NotAllowed):
        requests.confirmed(found, [CONVERSATION], NOW)


BLIND = Blind(b"k" * 32)
WRITTEN = (
    "nora@kunde.example",
    " Nora@KUNDE.example ",
    "ｎｏｒａ@kunde.example",
    "n ora@kunde.example",
)


@pytest.mark.parametrize("said", WRITTEN)
def test_an_address_is_found_however_it_was_written(said: str) -> None:
    mark = partial(BLIND.mark, "fjellbekk", "email")
    assert mark(said) == mark("nora@kunde.example")


def test_a_mark_means_something_to_its_key_its_shop_and_its_kind_only() -> None:
    value = "10482217"
    marks = {
        BLIND.mark("fjellbekk", "order_number", value), BLIND.mark("havsro", "order_number", value),
        BLIND.mark("fjellbekk", "email", value), Blind(b"o" * 32).mark("fjellbekk", "email", value),
        BLIND.mark("fjellbekk", "order_number", "10482218"),
    }  # fmt: skip
    assert len(marks) == 5
    assert "k" * 8 not in repr(BLIND)


def test_only_addresses_and_order_numbers_of_a_form_are_marked() -> None:
    fields = {
        "order_number": "10482217", "email": " ", "description": "nora@kunde.example",
        "unknown": str(uuid4()),
    }  # fmt: skip
    marks = BLIND.marks("fjellbekk", IntakeBody(fields=fields), intake_topic())
    assert marks == (BLIND.mark("fjellbekk", "order_number", "10482217"),)
    assert BLIND.marks("fjellbekk", IntakeBody(fields=fields), None) == ()


def test_what_the_shop_adds_to_a_form_finds_its_conversation_too() -> None:
    customer = Customer(sub="kunde-1042", name="Nora", email=" Nora@kunde.example")
    context = PageContext(product="Telt", page="https://fjellbekk.example/telt", order="1048 2217")
    found = {
        BLIND.mark("fjellbekk", kind, value)
        for kind, value in (("email", "nora@kunde.example"), ("order_number", "10482217"))
    }
    form = IntakeBody(customer=customer, context=context)
    for topic in (None, intake_topic()):
        assert {*BLIND.marks("fjellbekk", form, topic)} == found
    bare = IntakeBody(customer=Customer(sub="kunde-1042"), context=PageContext(product="Telt"))
    assert BLIND.marks("fjellbekk", bare, None) == ()


PROVEN = {Kind.ACCESS: requests.handed_out, Kind.RECTIFICATION: requests.corrected}


@pytest.mark.parametrize("kind", Kind)
def test_nobody_says_that_it_is_done_without_proof(kind: Kind) -> None:
    known = requests.referred(request(kind), CONVERSATION, NOW)
    with pytest.raises(NotAllowed):
        requests.done(known, NOW)
    if kind in PROVEN:
        assert requests.done(PROVEN[kind](known, NOW), NOW).state is State.DONE


def test_a_closed_request_holds_nothing_of_the_person() -> None:
    sent = requests.asked_to_confirm(request(), "mark", "hash", NOW)
    copied = requests.handed_out(requests.confirmed(sent, [CONVERSATION], NOW), NOW)
    over = requests.closed(requests.done(copied, NOW), NOW)
    assert (over.mark, over.confirm, over.conversations) == (None, None, ())
    assert over.expires_at == NOW + timedelta(days=90)
    unanswered = requests.refused(sent, "not_identified", NOW)
    assert requests.closed(unanswered, NOW).confirm is None
