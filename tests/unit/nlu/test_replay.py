"""The same lines, pack and times give the same bytes; and the files that lines are read from."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.kit.errors import ConfigurationError
from services.nlu.dialogue.state import Missing, Parcel, Product, ShopAnswer
from services.nlu.evaluation.replay import Line, read_lines, replay
from tests.unit.nlu.kitchen import LANGUAGES, NOW, Parrot, demo_packs, menu
from tests.unit.nlu.talk import messages

FILE = (Path(__file__).parent / "talk.jsonl").read_text(encoding="utf-8")


def test_a_conversation_is_replayed() -> None:
    replies = [json.loads(reply) for reply in replay(Parrot(menu()), read_lines(FILE))]
    assert [(one["intent"], one["outcome"]) for one in replies] == [
        ("greeting", "answered"), ("track_parcel", "asked_fact"), ("return_cost", "answered"),
        ("track_parcel", "answered"), ("track_parcel", "handoff_offered"),
        ("track_parcel", "answered"), ("warranty", "asked_fact"), ("other_question", "answered"),
    ]  # fmt: skip
    assert replies[3]["body"]["cards"][0]["lines"] == ["Transportør: Nordbud"]
    assert replies[4]["offer"] == {"topic": "track_parcel", "reason": "topic"}
    assert replies[0]["event_id"]
    assert replies[0]["pack_version"] == "menu"


def test_a_human_in_between_leaves_the_facts_and_nothing_that_waits() -> None:
    lines = [
        Line(at=NOW, text="hei, ordre 10482217", finding=Parcel("10482217", "sent")),
        Line(at=NOW, text="is my tent under warranty"), Line(at=NOW, human=True),
        Line(at=NOW, text="hvor er pakken min", finding=Parcel("10482217", "delivered")),
    ]  # fmt: skip
    last = json.loads(replay(Parrot(menu()), lines)[-1])
    assert (last["intent"], last["outcome"]) == ("track_parcel", "answered")


def test_who_was_there_is_a_part_of_the_record() -> None:
    there = dict.fromkeys(menu().merchant.skills.values(), 1) | {menu().merchant.default_skill: 1}
    nobody = dict.fromkeys(there, 0)
    line = Line(at=NOW, text="snakk med et menneske", locale="nb")
    known, staffed, empty = (
        replay(Parrot(menu()), [line.model_copy(update={"online": online})])[0]
        for online in (None, there, nobody)
    )
    assert known == staffed != empty


def test_what_a_human_has_solved_is_not_begun_again() -> None:
    lines = [
        Line(at=NOW, text="hvor er 10482217", finding=Parcel("10482217", "sent")),
        Line(at=NOW, human=True, solved="track_parcel"),
        Line(at=NOW, text="snakk med et menneske"),
    ]
    offer = json.loads(replay(Parrot(menu()), lines)[-1])["offer"]
    assert offer["topic"] == "other_question"


lines = st.lists(
    st.builds(
        Line,
        at=st.just(NOW),
        text=messages,
        locale=st.sampled_from(LANGUAGES),
        finding=st.sampled_from([
            None, Missing.UNKNOWN, Parcel("10482217", "sent"), ShopAnswer("valid", {"until": "x"}),
            (Product("Telt", "1 NOK", in_stock=True),), (),
        ]),
        human=st.booleans(),
        online=st.sampled_from([None, {}, {"general": 1}]),
        solved=st.sampled_from([None, "track_parcel"]),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(lines=lines)
def test_two_replays_are_byte_equal(lines: list[Line]) -> None:
    written = "\n".join(line.model_dump_json() for line in lines)
    first = replay(Parrot(menu()), lines)
    assert first == replay(Parrot(menu()), lines)
    assert first == replay(Parrot(menu()), read_lines(written))
    assert len(first) == sum(not line.human for line in lines)


@pytest.mark.parametrize("merchant_id", ["fjellbekk", "havsro"])
def test_the_reply_is_in_one_form(merchant_id: str) -> None:
    (reply,) = replay(Parrot(demo_packs()[merchant_id]), [Line(at=NOW, text="hei", locale="nb")])
    again = json.dumps(json.loads(reply), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert reply.decode() == again


def test_empty_lines_windows_endings_and_a_mark_at_the_start_do_not_matter() -> None:
    line = '{"at": "2026-11-23T12:00:00Z", "text": "hei"}'
    assert len(read_lines(f"\ufeff{line}\r\n\r\n{line}\r\n")) == 2


def test_a_text_may_hold_line_ends_of_its_own() -> None:
    line = Line(at=NOW, text="a\u2028b\u0085c\x0bd\ne")
    assert read_lines(f"{line.model_dump_json()}\n") == (line,)


@pytest.mark.parametrize(
    ("line", "where"),
    [("{", "the line"), ('{"text": "hemmelig"}', "at"),
     ('{"at": "2026-11-23T12:00:00", "text": "hemmelig"}', "at"),
     ('{"at": "2026-11-23T12:00:00Z", "hemmelig": 1}', "hemmelig"),
     ('{"at": "2026-11-23T12:00:00Z", "text": "x", "finding": "hemmelig"}', "finding")],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_and_not_quoted(line: str, where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_lines(f"\n{line}")
    assert str(caught.value).startswith(f"Line 2: {where}")
    assert "hemmelig" not in str(caught.value).removeprefix("Line 2: hemmelig")
    assert caught.value.__cause__ is None
