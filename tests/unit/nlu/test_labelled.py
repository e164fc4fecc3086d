"""Files of labelled lines: what is forgiven, and what is said of the rest."""

import json
from pathlib import Path

import pytest

from services.nlu.content.yamlfile import ContentError, Problem
from services.nlu.evaluation.labelled import MOST_PROBLEMS, Labelled, read_labelled

SECRET = "kari@planted.example"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "set.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read_labelled(path)
    assert SECRET not in str(caught.value)
    return caught.value.problems


def test_what_is_forgiven(tmp_path: Path) -> None:
    text = (
        '\ufeff{"text": "hei", "label": "greeting", "lang": "nb"}\r\n'
        "\r\n   \n"
        '{"text": "två\u2028rader", "label": "a b", "lang": "sv-SE", "id": 7, "note": null}\n'
        '{"text": "", "label": 12}\r\n'
        '{"label": " out_of_scope ", "text": "x", "lang": ""}\n'
        '{"text": "hei", "label": "x", "lang": "NO"}\n'
        '{"text": "bonjour", "label": "x", "lang": "fr"}'
    )
    assert read_labelled(write(tmp_path, text)) == (
        Labelled("hei", "greeting", "nb"), Labelled("två\u2028rader", "a b", "sv"),
        Labelled("", "12"), Labelled("x", "out_of_scope"), Labelled("hei", "x", "nb"),
        Labelled("bonjour", "x", "fr"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("{", "not JSON"),
        ("text,label", "not JSON"),
        ('["a", "b"]', "no object"),
        ('"hei"', "no object"),
        ("null", "no object"),
        ('{"label": "x"}', "`text` is missing"),
        ('{"text": 7, "label": "x"}', "`text` is no text"),
        (f'{{"text": "{SECRET}"}}', "`label` is missing"),
        ('{"text": "a", "label": ""}', "`label` is missing"),
        ('{"text": "a", "label": null}', "`label` is missing"),
        ('{"text": "a", "label": ["x"]}', "`label` is neither"),
        ('{"text": "a", "label": true}', "`label` is neither"),
        ('{"text": "a", "label": 1.5}', "`label` is neither"),
        (f'{{"text": "{SECRET}", "label": "x"', "not JSON"),
        ("[" * 100_000, ""),
    ],
)
def test_each_problem_has_its_line_and_a_fix(tmp_path: Path, line: str, cause: str) -> None:
    good = '{"text": "hei", "label": "greeting"}\n\n'
    path = write(tmp_path, good + line)
    (found,) = problems(path)
    assert (found.file, found.line) == (str(path), 3)
    assert cause in found.cause
    assert found.fix


def test_the_column_of_what_is_no_json(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, '{"text": "a" "label": "b"}'))
    assert found.column == 14


def test_all_problems_at_once_but_no_end_of_them(tmp_path: Path) -> None:
    lines = ["x"] * 3 + [json.dumps({"text": "a", "label": "b"})] + ["y"]
    assert [one.line for one in problems(write(tmp_path, "\n".join(lines)))] == [1, 2, 3, 5]
    assert len(problems(write(tmp_path, "x\n" * 500))) == MOST_PROBLEMS


@pytest.mark.parametrize("content", ["", "\n\r\n  \n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    assert "no line" in problems(write(tmp_path, content))[0].cause


def test_another_encoding(tmp_path: Path) -> None:
    text = '{"text": "hei", "label": "a"}\n{"text": "på", "label": "a"}\n'
    (found,) = problems(write(tmp_path, text.encode("latin-1")))
    assert (found.line, found.fix) == (2, "save the file as UTF-8.")


def test_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path / "none.jsonl")[0].cause
    assert "cannot be read" in problems(tmp_path)[0].cause


def test_a_label_is_not_always_needed(tmp_path: Path) -> None:
    path = write(tmp_path, '{"text": "hei"}\n{"text": "hei", "label": "x"}')
    found = read_labelled(path, need_labels=False)
    assert [line.label for line in found] == ["", "x"]
