"""`prat nlu evaluate`: figures on the screen and as JSON; what it says of files that are wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from tests.unit.nlu.small import small_starter, write_merchant

__all__ = ["small_starter"]

RUN = CliRunner()
TRAIN = {"greeting": ("hei", "hallo", "god dag"), "returns": ("retur", "sende tilbake", "angrer")}


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The command sends logs to standard error for as long as it lives."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def train(tmp_path: Path) -> Path:
    rows = [{"text": text, "label": label} for label, texts in TRAIN.items() for text in texts]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\r\n" for row in rows), encoding="utf-8-sig")
    return path


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    path = tmp_path / "test.jsonl"
    rows = [
        {"text": "Hallo!", "label": "greeting", "lang": "nb"}, {"text": "angrer", "label": "returns"},
        {"text": "hvem vant", "label": "out_of_scope"}, {"text": "x", "label": "gift_card"},
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def run(*words: object) -> Result:
    return RUN.invoke(app, ["nlu", "evaluate", "--light", *map(str, words)])


def test_figures_are_shown_and_written(train: Path, test_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    result = run("--train", train, "--test", test_file, "--json", out)
    assert result.exit_code == 0
    for words in ("accuracy in scope", "AUROC", "coverage", "p50 and p99", "MB", "ECE"):
        assert words in result.stdout
    assert "gift_card" in result.stderr
    report = json.loads(out.read_text("utf-8"))
    assert report["counts"] == {
        "lines": 4, "in_scope": 3, "out_of_scope": 1, "labels": 3, "labels_not_taught": {"gift_card": 1},
    }  # fmt: skip
    assert report["summary"]["accuracy"] == 0.6667


def test_a_pack_is_measured(small_starter: Path, test_file: Path, tmp_path: Path) -> None:
    assert "31 lines teach it" not in run("--pack", "retail", "--test", test_file).stdout
    write_merchant(tmp_path / "shops" / "fjellbekk")
    write_merchant(tmp_path / "shops" / "havsro", "havsro")
    words = ("--pack", tmp_path / "shops", "--merchant", "havsro", "--test", test_file)
    result = run(*words, "--wrong-answer-rate", "0.2")
    assert result.exit_code == 0
    assert "wanting 20.0 % wrong answers" in result.stdout
    assert run(*words[:-2], "--test", tmp_path / "no").exit_code == 1


def test_it_must_be_said_once_what_teaches(train: Path, test_file: Path) -> None:
    for words in ((), ("--train", train, "--pack", "retail")):
        result = run(*words, "--test", test_file)
        assert result.exit_code == 1
        assert "--train FILE" in result.stderr


def test_a_wrong_line_is_named(train: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text('{"text": "a", "label": "b"}\n{"text": "planted@eksempel.example"}\n')
    result = run("--train", train, "--test", path)
    assert result.exit_code == 1
    assert f"{path}:2:1: `label` is missing." in result.stderr.replace("\n", "")
    assert "Fix:" in result.stderr
    assert "planted" not in result.output


def test_one_label_teaches_nothing(train: Path, test_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"text": "a", "label": "b"}')
    result = run("--train", path, "--test", test_file)
    assert (result.exit_code, "nothing to tell apart" in result.stderr) == (1, True)


def test_a_report_that_cannot_be_written(train: Path, test_file: Path, tmp_path: Path) -> None:
    result = run("--train", train, "--test", test_file, "--json", tmp_path / "no" / "r.json")
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)
