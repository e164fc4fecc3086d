"""What a shop's help desk is told, byte for byte, and when it is told again."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.contracts.case import AgentTyping, CaseEvent
from libs.contracts.topics import CASE
from services.handoff.webhook_notice import (
    FIRST_PAUSE,
    KINDS,
    LONGEST_PAUSE,
    MOST_TRIES,
    Verdict,
    is_last,
    notice,
    pause,
    told,
    verdict,
)

EXAMPLES = Path(__file__).parents[3] / "libs" / "contracts" / "examples"

IDS = {
    "merchant_id": "fjellbekk", "conversation_id": "5b0f9c6d2e8147a3b1c4d5e6f7081920",
    "case_id": "2d1c7a90-5f0e-5a44-8a51-0a1b2c3d4e5f", "skill": "delivery", "topic": "track_parcel",
    "link": "https://chat.example/#case/2d1c7a90-5f0e-5a44-8a51-0a1b2c3d4e5f",
}  # fmt: skip


def example(kind: str) -> CaseEvent:
    """The contract's own example of an event."""
    event = CASE.adapter().validate_json((EXAMPLES / f"{kind}.json").read_bytes())
    assert isinstance(event, CaseEvent)
    return event


def said(kind: str) -> dict[str, Any]:
    """The notice of an example."""
    body = notice(example(kind), "delivery", "track_parcel", "https://chat.example")
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize(
    ("kind", "type_", "own"),
    [
        ("CaseQueued", "case.queued", {"version": 1, "position": 2, "open_now": True, "reason": "asked"}),
        ("CaseFiled", "case.filed", {"version": 1, "opens_at": "2026-11-23T07:00:00Z"}),
        ("CaseAssigned", "case.assigned", {"version": 2, "waited_seconds": 14.0}),
        ("AgentReplied", "case.replied", {"version": 2}),
        ("CaseClosed", "case.closed", {
            "version": 3, "reason": "solved", "by": "agent", "handled_seconds": 4.0,
            "solved_topic": "track_parcel",
        }),
        ("CaseErased", "case.erased", {"version": 4}),
    ],
)  # fmt: skip
def test_exactly_this_leaves_the_house(kind: str, type_: str, own: dict[str, Any]) -> None:
    event = example(kind)
    assert said(kind) == {
        "type": type_,
        "timestamp": event.occurred_at.isoformat(),
        "data": {"event_id": str(event.event_id), **IDS, **own},
    }


def test_nothing_that_is_sealed_is_told() -> None:
    for kind in KINDS:
        assert "nonce" not in json.dumps(said(kind.__name__))


def test_the_last_word_is_that_the_shop_is_to_delete() -> None:
    last = {kind.__name__ for kind in KINDS if is_last(example(kind.__name__))}
    assert last == {"CaseErased"}
    assert is_last(example("CaseClosed").model_copy(update={"reason": "erased"}))


def test_typing_is_not_told() -> None:
    events = [example(kind.__name__) for kind in CASE.event_types if issubclass(kind, CaseEvent)]
    assert {type(event) for event in told(events)} == {*KINDS}
    assert {type(event) for event in events} - {*KINDS} == {AgentTyping}


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        (200, Verdict.DELIVERED), (204, Verdict.DELIVERED), (299, Verdict.DELIVERED),
        (301, Verdict.AGAIN), (307, Verdict.AGAIN), (400, Verdict.AGAIN), (404, Verdict.AGAIN),
        (410, Verdict.STOPPED), (429, Verdict.AGAIN), (500, Verdict.AGAIN), (100, Verdict.AGAIN),
    ],
)  # fmt: skip
def test_answers(status: int, meant: Verdict) -> None:
    assert verdict(status) is meant


def test_pauses_grow_from_a_minute_to_a_day_and_then_it_is_given_up() -> None:
    pauses = [pause(tries, 0.0) for tries in range(1, MOST_TRIES)]
    known = [one for one in pauses if one is not None]
    assert known == pauses == sorted(known)
    assert (known[0], known[-1]) == (FIRST_PAUSE, LONGEST_PAUSE)
    assert timedelta(minutes=1) == FIRST_PAUSE
    assert pause(MOST_TRIES, 0.0) is None


def test_chance_spreads_the_tries_and_never_shortens_a_pause() -> None:
    assert pause(1, 0.0) == timedelta(seconds=60)
    assert pause(1, 1.0) == timedelta(seconds=72)
    assert pause(12, 1.0) == LONGEST_PAUSE


def test_the_page_about_it_shows_what_is_really_sent() -> None:
    page = (EXAMPLES.parents[2] / "docs" / "case-contract.md").read_text("utf-8")
    (example_text,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert json.loads(example_text) == said("CaseQueued")
    kinds = {name for name, _ in KINDS.values()}
    assert set(re.findall(r"^\| `(case\.\w+)` \|", page, re.MULTILINE)) == kinds
    for name, own in KINDS.values():
        (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", page, re.MULTILINE)
        assert all(f"`{one}`" in row for one in own), name
