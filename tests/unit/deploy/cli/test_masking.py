"""`prat privacy mask`: what it writes, and what it says when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli.main import app


def run(folder: Path, content: bytes, *options: str) -> Result:
    (folder / "in.jsonl").write_bytes(content)
    words = [
        "privacy",
        "mask",
        "--in",
        str(folder / "in.jsonl"),
        "--out",
        str(folder / "out.jsonl"),
    ]
    return CliRunner().invoke(app, [*words, *options])


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]


def test_each_line_gets_spans_and_the_masked_text(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 7, "text": "🙂 ordre 10482217", "lang": "nb"},
        {"text": "linh", "ctx": "Saisinko nimesi?"},
        {"text": "takk", "lang": None, "ctx": None},
    ]
    done = run(tmp_path, "\n".join(json.dumps(row) for row in rows).encode())
    assert done.exit_code == 0
    assert "3 texts, 2 of them" in done.output
    first, second, third = written(tmp_path)
    assert first == {
        **rows[0],
        "spans": [{"start": 8, "end": 16, "type": "ORDER_NUMBER"}],
        "masked": "🙂 ordre <ORDER_NUMBER>",
    }
    assert second["masked"] == "<PERSON>"
    assert (third["spans"], third["masked"]) == ([], "takk")


def test_strict_masks_what_is_not_known(tmp_path: Path) -> None:
    line = '{"text": "har dere en zorblax på lager"}'.encode()
    assert run(tmp_path, line, "--mode", "strict").exit_code == 0
    assert written(tmp_path)[0]["masked"] == "har dere en <UNKNOWN> på lager"
    run(tmp_path, line)
    assert written(tmp_path)[0]["spans"] == []


def test_a_list_of_products_is_left(tmp_path: Path) -> None:
    (tmp_path / "allow.txt").write_text("Torunn Vik\n", "utf-8")
    run(
        tmp_path,
        '{"text": "er Torunn Vik på lager"}'.encode(),
        "--allow",
        str(tmp_path / "allow.txt"),
    )
    assert written(tmp_path)[0]["spans"] == []


def test_half_a_pair_of_code_units_is_written(tmp_path: Path) -> None:
    assert run(tmp_path, b'{"text": "ordre 10482217 \\ud800"}').exit_code == 0
    assert written(tmp_path)[0]["masked"] == "ordre <ORDER_NUMBER> \ud800"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"hemmelig@post.example", "is not JSON"),
        (b'{"text": "hemmelig@post.example"', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'"hemmelig@post.example"', "no object"),
        (b'{"id": "hemmelig@post.example"}', 'no "text"'),
        (b'{"text": 5}', 'no "text"'),
        (b'{"text": "x", "ctx": ["hemmelig@post.example"]}', '"ctx" that is no text'),
        (b'{"text": "\xff"}', "is not UTF-8 (byte 11)"),
    ],
)
def test_a_bad_line_is_named_and_not_told(tmp_path: Path, line: bytes, says: str) -> None:
    done = run(tmp_path, b'{"text": "a"}\n\n' + line)
    assert done.exit_code == 1
    assert f"Line 3 of {tmp_path}/in.jsonl" in done.output
    assert says in done.output
    assert "hemmelig" not in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    words = ["privacy", "mask", "--in", str(tmp_path / "no.jsonl"), "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "no.jsonl cannot be read" in done.output
    (tmp_path / "in.jsonl").write_text('{"text": "a"}', "utf-8")
    words = ["privacy", "mask", "--in", str(tmp_path / "in.jsonl"), "--out", f"{tmp_path}/no/o"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_a_file_can_be_masked_in_place(tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text('{"text": "ordre 10482217"}', "utf-8")
    words = ["privacy", "mask", "--in", f"{tmp_path}/f.jsonl", "--out", f"{tmp_path}/f.jsonl"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "<ORDER_NUMBER>" in (tmp_path / "f.jsonl").read_text("utf-8")
