"""Evaluation: which figures come out, on small sets whose answers are plain; strange sets, too."""

import json
from collections.abc import Sequence
from functools import cache

import pytest

from libs.kit.errors import ConfigurationError
from services.nlu.evaluation.evaluation import evaluate
from services.nlu.evaluation.labelled import Labelled
from services.nlu.evaluation.pupils import Pupil, plain_label, pupil_of
from services.nlu.evaluation.report import Report, Speed
from services.nlu.evaluation.scoring import Answer, report_on

WORDS = {
    "track parcel": (
        "where is my parcel",
        "track my package",
        "parcel has not come",
        "my delivery is late",
    ),
    "Refund_2": (
        "i want my money back",
        "refund please",
        "when is the refund paid",
        "money not returned",
    ),
    "3": ("opening hours", "when do you open", "are you open on sunday", "closing time today"),
}
OUTSIDE = ("weather tomorrow", "who won the match", "tell a joke", "play some music")
SPEED = Speed(0, 1, 1, 1, 1, 1, 1, 1, None, None, None, None, 9, 100)


def lines(*extra: Labelled, outside: bool = False) -> list[Labelled]:
    own = [Labelled(text, label, "en") for label, texts in WORDS.items() for text in texts]
    return [*own, *(Labelled(text, "out_of_scope") for text in OUTSIDE if outside), *extra]


@cache
def report(*, outside: bool = False) -> Report:
    test = [
        Labelled("where is the parcel", "track parcel", "en"), Labelled("my money back", "Refund_2", "en"),
        Labelled("do you open on sunday", "3"), Labelled("who won", "out_of_scope", "nb"),
    ]  # fmt: skip
    return evaluate(lines(outside=outside), test)


def test_labels_may_look_like_anything() -> None:
    found = report()
    assert found.likeliest.accuracy == 1.0
    assert {one.label for one in found.labels} == {"track parcel", "Refund_2", "3", "out_of_scope"}
    assert (found.counts.in_scope, found.counts.out_of_scope, found.taught) == (3, 1, 12)


def test_out_of_scope_is_a_label_only_where_it_is_taught() -> None:
    assert report().likeliest.accuracy_with_out_of_scope is None
    assert report(outside=True).likeliest.accuracy_with_out_of_scope == 1.0
    assert report(outside=True).out_of_scope.recall == 1.0
    assert report().out_of_scope.auroc is not None


def test_languages_are_told_apart() -> None:
    assert [(one.language, one.lines) for one in report().languages] == [
        ("?", 1),
        ("en", 2),
        ("nb", 1),
    ]


def test_the_report_is_json_with_stable_keys() -> None:
    row = json.loads(json.dumps(report().as_row()))
    assert list(row) == [
        "version", "summary", "encoder", "taught", "counts", "likeliest", "out_of_scope", "decided",
        "speed", "languages", "labels", "mistakes",
    ]  # fmt: skip
    assert list(row["summary"]) == [
        "accuracy", "macro_f1", "accuracy_with_out_of_scope", "calibration_error",
        "out_of_scope_auroc", "out_of_scope_recall", "wrong_answer_rate", "coverage", "threshold",
        "training_seconds", "message_ms_p50", "message_ms_p99", "memory_mb",
    ]  # fmt: skip
    assert row["speed"]["message_ms_p99"] > 0
    assert row["speed"]["memory_mb"] > 10


@pytest.mark.parametrize(
    "test",
    [
        [Labelled("", "3")], [Labelled("👍", "3", "xx")], [Labelled("hei " * 3000, "out_of_scope")],
        [Labelled("open?", "never taught")], [Labelled("joke", "fallback")],
        [Labelled("open?", "3"), Labelled("open!", "3")],
    ],
)  # fmt: skip
def test_strange_tests_have_figures(test: list[Labelled]) -> None:
    found = evaluate(lines(), test)
    assert found.counts.lines == len(test)
    json.dumps(found.as_row(), allow_nan=False)


@pytest.mark.parametrize(
    "more",
    [
        [Labelled("only one of these", "lonely")],
        [Labelled("", "blank"), Labelled("  ", "blank")],
        [Labelled("refund please", "3")],
        [Labelled("hva skjer", "other_question"), Labelled("joke", "fallback")],
    ],
)
def test_strange_training_lines_teach(more: list[Labelled]) -> None:
    found = evaluate(lines(*more), [Labelled("my refund please", "Refund_2")])
    assert found.likeliest.accuracy == 1.0


@pytest.mark.parametrize(
    ("train", "labels"),
    [([Labelled("a", "x"), Labelled("b", "x")], 1), ([Labelled(" ", "x")], 0)],
)
def test_one_label_is_nothing_to_tell_apart(train: list[Labelled], labels: int) -> None:
    with pytest.raises(ConfigurationError, match=f"have {labels} label"):
        evaluate(train, [Labelled("a", "x")])


def test_two_lines_are_enough_to_run() -> None:
    assert evaluate(lines()[3:5], [Labelled("refund", "Refund_2")]).taught == 2


def test_what_was_not_taught_is_counted() -> None:
    found = evaluate(lines(), [Labelled("a", "new"), Labelled("b", "new"), Labelled("c", "3")])
    assert found.counts.labels_not_taught == {"new": 2}


def test_every_line_is_told() -> None:
    told: list[int] = []
    evaluate(lines(), [Labelled("open", "3")] * 5, asked=lambda: told.append(1))
    assert len(told) == 5


def test_keys_of_many_labels_are_all_different() -> None:
    pupil = pupil_of([Labelled("text", f"label {number}") for number in range(800)])
    assert len(pupil.labels) == len(set(pupil.labels.values())) == 800


def test_names_of_not_known() -> None:
    names = ("fallback", "other_question", "out_of_scope", "greeting")
    assert [plain_label(name) for name in names] == ["out_of_scope"] * 3 + ["greeting"]


def test_the_rate_that_is_wanted() -> None:
    assert pupil_of(lines()).pack.merchant.wrong_answer_rate == 0.05
    assert pupil_of(lines(), 0.1).pack.merchant.wrong_answer_rate == 0.1


def answer(expected: str, decided: str, sureness: float = 1, **more: object) -> Answer:
    likeliest = str(more.pop("likeliest", decided))
    close = tuple(str(more.pop("close", "")).split())
    return Answer(expected, "nb", likeliest, 0.9, likeliest, sureness, decided, close)


def figures(answers: Sequence[Answer]) -> Report:
    labels = {"a": "a", "b": "b", "out_of_scope": "out_of_scope"}
    pack = pupil_of(lines()).pack
    pupil = Pupil(pack, tuple((key, key) for key in labels), labels)
    return report_on(pupil, 0.5, answers, SPEED, encoder=False)


def test_what_is_decided_is_counted_as_visitors_see_it() -> None:
    unknown = "out_of_scope"
    found = figures(
        [
            answer("a", "a"), answer("a", "b"), answer("b", unknown, -1, likeliest="b", close="a b"),
            answer("b", unknown, -2, likeliest="a", close="a c"), answer(unknown, "a", 0),
            answer(unknown, unknown, -3),
        ]
    )  # fmt: skip
    done = found.decided
    assert (done.coverage, done.wrong_answer_rate) == (0.5, 0.6667)
    assert done.wrong_answer_rate_in_scope == 0.5
    assert done.accuracy == 0.3333
    assert (done.asked_between, done.asked_rightly) == (0.3333, 0.5)
    assert (found.out_of_scope.recall, found.out_of_scope.in_scope_refused) == (0.5, 0.5)
    assert found.out_of_scope.auroc == 0.75
    assert found.likeliest.accuracy == 0.5
    assert found.likeliest.accuracy_with_out_of_scope == 0.5
    assert [(one.expected, one.got, one.count) for one in found.mistakes] == [
        ("a", "b", 1), ("b", "a", 1), ("out_of_scope", "a", 1),
    ]  # fmt: skip


def test_nothing_is_made_up_of_nothing() -> None:
    found = figures([answer("out_of_scope", "out_of_scope")])
    assert found.likeliest.accuracy is None
    assert found.decided.coverage is None
    assert found.decided.wrong_answer_rate is None
    assert found.out_of_scope.auroc is None
