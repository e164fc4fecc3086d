"""Inbound frames: what is malformed is refused with the fields at fault, never with their content."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.bodies import MAX_TEXT_BYTES
from libs.kit.errors import Refused
from services.gateway.frames import Rate, Say, parse

CANARY = "Planted-Canary-4711"


def say(**changes: object) -> str:
    return json.dumps({"type": "message", "client_id": str(uuid4()), "text": "hei"} | changes)


def rate(score: object) -> str:
    ids = {"client_id": str(uuid4()), "case_id": str(uuid4())}
    return json.dumps({"type": "rate", "score": score} | ids)


@pytest.mark.parametrize("score", [1, 5, None])
def test_a_rating_is_one_to_five_or_none_at_all(score: int | None) -> None:
    frame = parse(rate(score))
    assert isinstance(frame, Rate)
    assert frame.score == score


def test_a_message_is_read() -> None:
    frame = parse(say())
    assert isinstance(frame, Say)
    assert frame.text == "hei"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '"hei"', CANARY, "[" * 5000,
        json.dumps({"type": CANARY}),
        say(client_id=CANARY),
        say(text={"$regex": CANARY}),
        say(text=[CANARY]),
        say(text=""),
        say(extra=CANARY),
        json.dumps({"type": "hello", "conversation_id": CANARY, "token": CANARY}),
        json.dumps({"type": "handoff", "client_id": str(uuid4()), "topic": "x", "locale": CANARY}),
        json.dumps({"type": "resume", "after_seq": -1}),
        json.dumps({"type": "leave_queue"}),
        json.dumps({"type": "typing", "text": CANARY}),
        *(rate(score) for score in (0, 6, 4.5, "5", True, CANARY)),
        json.dumps({"type": "rate", "client_id": str(uuid4()), "case_id": CANARY, "score": 3}),
    ],
)  # fmt: skip
def test_malformed_frames_are_refused_without_their_content(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text)
    assert refused.value.status == 400
    assert refused.value.fix
    assert CANARY not in json.dumps(refused.value.as_json())
    assert refused.value.__cause__ is None


def test_a_text_beyond_the_limit_is_refused_by_its_bytes() -> None:
    with pytest.raises(Refused) as refused:
        parse(say(text="å" * (MAX_TEXT_BYTES // 2 + 1)))
    assert refused.value.code == "text_too_long"


@given(st.text(max_size=200))
def test_no_text_brings_the_parser_down(text: str) -> None:
    with pytest.raises(Refused):
        parse(text)
