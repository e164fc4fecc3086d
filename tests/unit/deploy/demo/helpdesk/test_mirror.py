"""The mirror: repeats, late facts and erasures, from the bus and by webhook; and what the page says."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from pydantic import ValidationError

from deploy.demo.helpdesk.consumer import take
from deploy.demo.helpdesk.facts import Notice, fact_of_event, fact_of_notice
from deploy.demo.helpdesk.mirror import CaseFact, Mirror
from libs.contracts.topics import CASE

EXAMPLES = Path(__file__).parents[5] / "libs" / "contracts" / "examples"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "cases.sqlite3")


def example(kind: str, **changes: Any) -> bytes:
    """The contract's own example of an event."""
    data = json.loads((EXAMPLES / f"{kind}.json").read_bytes())
    return json.dumps(data | changes).encode()


def fact(kind: str, **changes: Any) -> CaseFact:
    found = fact_of_event(CASE.adapter().validate_json(example(kind, **changes)))
    assert found is not None
    return found


def record(value: bytes | None) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(CASE.name, 0, 1, 0, 0, b"key", value, None, 0, 0, ())


LIFE = ("CaseQueued", "CaseAssigned", "CaseClosed")


def state(mirror: Mirror) -> list[tuple[str, int, str | None]]:
    return [(case.status, case.version, case.topic) for case in mirror.cases()]


def test_the_life_of_a_case(mirror: Mirror) -> None:
    for kind, status in zip(LIFE, ("queued", "assigned", "closed"), strict=True):
        assert mirror.take(fact(kind))
        assert [one[0] for one in state(mirror)] == [status]
    (case,) = mirror.cases("fjellbekk")
    assert (case.topic, case.skill, case.reason) == ("track_parcel", "delivery", "solved")
    assert mirror.cases("havsro") == []


@pytest.mark.parametrize("order", [*itertools.permutations(LIFE)])
def test_whatever_the_order_and_however_often_the_newest_version_stands(
    mirror: Mirror, order: tuple[str, ...]
) -> None:
    for kind in (*order, *order):
        mirror.take(fact(kind))
    assert [one[:2] for one in state(mirror)] == [("closed", 3)]


def test_a_repeat_is_nothing_new_although_its_version_is_the_newest(mirror: Mirror) -> None:
    assert mirror.take(fact("CaseQueued"))
    assert mirror.take(fact("CaseAssigned", version=1))
    assert not mirror.take(fact("CaseQueued"))
    assert [one[0] for one in state(mirror)] == ["assigned"]


@pytest.mark.parametrize(
    "last",
    [
        [("CaseClosed", {"reason": "erased", "version": 2})],
        [("CaseClosed", {}), ("CaseErased", {})],
    ],
)
def test_an_erased_case_keeps_nothing_and_never_comes_back(mirror: Mirror, last: Any) -> None:
    mirror.take(fact("CaseQueued"))
    for kind, changes in last:
        mirror.take(fact(kind, **changes))
    mirror.take(fact("CaseAssigned", version=9))
    (case,) = mirror.cases()
    assert (case.status, case.conversation_id, case.topic, case.skill, case.link) == (
        "erased", None, None, None, None,
    )  # fmt: skip


def test_the_same_fact_from_the_bus_and_by_webhook_is_one(mirror: Mirror) -> None:
    told = json.loads(example("CaseQueued"))
    notice = Notice(type="case.queued", timestamp=told["occurred_at"], data=told)
    heard = fact_of_notice(notice)
    assert heard == fact("CaseQueued")
    assert mirror.take(heard)
    assert not take(record(example("CaseQueued")), mirror)


def test_a_webhook_of_an_erasure_is_the_same_fact(mirror: Mirror) -> None:
    mirror.take(fact("CaseClosed"))
    told = json.loads(example("CaseErased"))
    heard = fact_of_notice(Notice(type="case.erased", timestamp=told["occurred_at"], data=told))
    assert heard == fact("CaseErased")
    assert mirror.take(heard)
    assert [one[0] for one in state(mirror)] == ["erased"]


@pytest.mark.parametrize("kind", ["AgentTyping", "AgentReplied"])
def test_what_says_nothing_of_a_cases_state_is_passed_over(mirror: Mirror, kind: str) -> None:
    assert not take(record(example(kind)), mirror)
    assert mirror.cases() == []


@pytest.mark.parametrize(
    "value", [None, b"", b"no json", b"{}", b'{"type": "CaseSung"}', example("CaseRated")]
)
def test_records_that_this_reader_does_not_know_are_passed_over(
    mirror: Mirror, value: bytes | None
) -> None:
    assert not take(record(value), mirror)


def test_a_notice_of_a_kind_that_is_new_is_passed_over_and_a_broken_one_is_not() -> None:
    assert (
        fact_of_notice(Notice(type="case.sung", timestamp="2026-11-23T09:00:00Z", data={})) is None
    )
    with pytest.raises(ValidationError):
        fact_of_notice(Notice(type="case.queued", timestamp="2026-11-23T09:00:00Z", data={}))
