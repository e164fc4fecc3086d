"""Two packs side by side, two runs of a conversation, and a pack's own tests."""

import json
from pathlib import Path

import pytest

from libs.contracts.content import Language, PackPublished
from libs.kit.errors import ConfigurationError
from services.nlu.content.packs import pack_of_texts
from services.nlu.content.starter import bare_of, starter_pack
from services.nlu.dialogue.state import Candidate, Understanding
from services.nlu.evaluation.checks import Check, as_row, decision, run_tests, same
from services.nlu.evaluation.comparing import (
    as_file,
    compare,
    different_replies,
    digest,
    lines_of,
    said_lines,
)
from services.nlu.evaluation.differences import Line, lines_of_tests, turned
from services.nlu.evaluation.learning import Learner, confusions
from services.nlu.evaluation.training_report import hints_of, teaching_report
from tests.unit.nlu.small import MERCHANT, NOW, STARTER, everywhere, small_starter

__all__ = ["small_starter"]


GIFTS = {
    "nb": ["gavekort", "gavebevis", "kort i gave", "saldo på kort", "selger dere gavekort"],
    "en": ["gift card", "voucher", "present card", "balance of my card", "sell vouchers"],
}
GIFT_CARD = f"""\
key: gift_card
title: {everywhere("Gift cards")}
examples: {json.dumps(GIFTS)}
answers:
  answer: {everywhere("We have gift cards.")}
tests:
  - {{say: har dere gavekort, language: nb}}
"""


@pytest.fixture
def packs(small_starter: Path) -> tuple[PackPublished, PackPublished]:
    """A shop with nothing of its own, and one that knows of gift cards."""
    texts = {"merchant.yaml": MERCHANT}
    before = pack_of_texts(texts, {}, NOW)
    return before, pack_of_texts(texts | {"topics/gift_card.yaml": GIFT_CARD}, {}, NOW)


def understanding(intent: str, *close: str) -> Understanding:
    return Understanding("nb", intent, 0.5, (Candidate("a", 0.5), Candidate("b", 0.25)), close)


def test_labels_that_mean_the_same() -> None:
    assert same("fallback", "other_question")
    assert same("out_of_scope", "fallback")
    assert not same("fallback", "greeting")


def test_what_is_decided() -> None:
    assert decision(understanding("greeting")) == "greeting"
    assert decision(understanding("fallback")) == "does not know"
    assert decision(understanding("fallback", "a", "b")) == "asks: a or b"


def test_a_packs_own_tests(packs: tuple[PackPublished, PackPublished]) -> None:
    said: list[tuple[str, Language]] = []

    def hear(text: str, language: Language) -> Understanding:
        said.append((text, language))
        return understanding("returns" if "tilbake" in text else "fallback", "returns", "greeting")

    checks = run_tests(packs[0], hear)
    assert said == [
        ("heisann hei", "nb"), ("hvordan sender jeg tilbake", "nb"), ("can i send back", "en"),
    ]  # fmt: skip
    assert [one.passed for one in checks] == [False, True, False]
    assert [one.outcome for one in checks] == ["asked", "passed", "asked"]
    assert checks[0].top(2) == "a 0.50, b 0.25"
    assert as_row(checks[0])["asks_between"] == ["returns", "greeting"]


@pytest.mark.parametrize(
    ("expected", "got", "outcome"),
    [
        ("a", understanding("a"), "passed"), ("c", understanding("a"), "wrong"),
        ("a", understanding("fallback"), "unsure"), ("c", understanding("fallback"), "unknown"),
        ("b", understanding("fallback", "a", "b"), "asked"), ("fallback", understanding("a"), "wrong"),
        ("c", understanding("other_question", "a", "b"), "unknown"),
    ],
)  # fmt: skip
def test_what_a_visitor_gets(expected: str, got: Understanding, outcome: str) -> None:
    assert Check("x", "nb", expected, got).outcome == outcome


def test_a_line_that_is_not_known_may_be_what_is_expected() -> None:
    assert Check("x", "nb", "out_of_scope", understanding("fallback")).passed


def test_lines_that_are_understood_differently() -> None:
    answers = {
        "a": ("greeting", "returns"), "b": ("returns", "greeting"), "c": ("greeting", "greeting"),
        "d": ("fallback", "returns"), "e": ("fallback", "fallback"),
    }  # fmt: skip
    lines = [Line(text, "nb", "returns" if text != "d" else None) for text in answers]
    found = list(
        turned(
            lines,
            lambda text, _: understanding(answers[text][0]),
            lambda text, _: understanding(answers[text][1], *("a", "b") * (text == "e")),
        )
    )
    assert [(one.line.text, one.better) for one in found] == [
        ("a", True), ("b", False), ("d", None), ("e", None),
    ]  # fmt: skip
    assert (found[-1].before, found[-1].after) == ("does not know", "asks: a or b")


def test_two_packs_side_by_side(packs: tuple[PackPublished, PackPublished]) -> None:
    before, after = packs
    asked = [Line("gavekort", "nb"), Line("gavekort", "fi"), Line("gavekort", "nb")]
    found = compare(before, after, asked, Learner())
    assert [(one.topic, one.kind) for one in found.changes] == [("gift_card", "added")]
    assert found.lines == 3 + 1 + 1
    better = {turn.line.text: turn.better for turn in found.turned}
    assert better["har dere gavekort"] is True
    assert better["gavekort"] is None
    assert compare(after, after, asked, Learner()).turned == []


def test_tests_of_both_packs_are_asked(packs: tuple[PackPublished, PackPublished]) -> None:
    assert len(lines_of_tests(*packs)) == 4
    assert set(lines_of_tests(*packs)) == set(lines_of_tests(packs[1]))


def test_the_starter_pack_by_itself(packs: tuple[PackPublished, PackPublished]) -> None:
    alone = starter_pack(NOW)
    assert [topic.key for topic in alone.topics] == sorted(STARTER)
    assert alone.merchant.facts["return_days"]["fi"] == "[return_days]"
    assert bare_of(packs[1]).topics == packs[0].topics
    assert bare_of(packs[1]).merchant == packs[1].merchant


def test_what_learning_says(packs: tuple[PackPublished, PackPublished]) -> None:
    learner = Learner()
    learned = learner.learn(packs[1])
    report = teaching_report(learned)
    assert (report.topics, report.encoder) == (5, False)
    assert sum(point.chosen for point in report.curve) == 1
    assert report.curve == sorted(report.curve, key=lambda point: point.threshold)
    assert report.memory_mb > 10
    assert report.hints == hints_of(packs[1])
    assert all(one.expected != one.got for one in report.confusions)
    total = sum(one.count for one in confusions(learned.brain))
    assert 0 < total < report.examples
    assert learner.learn(packs[1]).brain.model is learned.brain.model


def test_replies_are_compared_byte_by_byte() -> None:
    replies = [b'{"body":{"text":"a"},"intent":"x"}', b'{"body":1,"intent":"y"}']
    same_file = as_file(replies)
    assert digest(replies) == digest([*replies])
    assert different_replies(replies, same_file) == []
    assert different_replies(replies, same_file.replace(b'"a"', b'"b"')) == [
        {"reply": 1, "in": "body"}
    ]
    assert different_replies(replies, same_file.replace(b":1,", b": 1,")) == [
        {"reply": 2, "in": "spelling"}
    ]
    assert different_replies(replies[:1], same_file)[-1]["in"] == "number: 1 now, 2 expected"
    assert different_replies(replies, b"")[-1] == {"reply": 1, "in": "number: 2 now, 0 expected"}
    assert different_replies([], b"") == []
    assert "no reply" in different_replies(replies, b"x\n[]\n")[0]["in"]


def test_questions_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"text": "a"}\n{"text": "b", "label": "x", "lang": "fi"}\n{"text": "c", "lang": "de"}'
    )
    assert lines_of(path) == [Line("a", "nb"), Line("b", "fi", "x"), Line("c", "nb")]


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_conversation_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "talk.jsonl"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        said_lines(path)


def test_a_wrong_line_of_a_conversation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text(
        '{"at": "2026-11-23T12:00:00Z", "text": "hei"}\n{"text": "kari@planted.example"}\n'
    )
    with pytest.raises(ConfigurationError, match=r"talk\.jsonl: Line 2: at") as caught:
        said_lines(path)
    assert "planted" not in str(caught.value)
