"""`prat nlu`: what the commands print, as JSON too, and their exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

from deploy.cli import nlu_compare
from deploy.cli.main import app
from libs.contracts.content import PackPublished
from services.nlu.content import packs
from services.nlu.content.starter import starter_pack
from tests.unit.nlu.small import NOW, small_starter, write_merchant

__all__ = ["small_starter"]

RUN = CliRunner()
TALK = (
    '{"at": "2026-11-23T12:00:00Z", "text": "hei", "locale": "nb"}\n'
    '{"at": "2026-11-23T12:01:00Z", "text": "hva er været", "locale": "nb"}\n'
)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The commands send logs to standard error for as long as they live."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def shops(small_starter: Path, tmp_path: Path) -> Path:
    """Two shops on the small starter pack."""
    write_merchant(tmp_path / "shops" / "fjellbekk")
    write_merchant(tmp_path / "shops" / "havsro", "havsro", "returns")
    return tmp_path / "shops"


def run(*words: object, stdin: str | None = None) -> Result:
    """A command without the encoder."""
    light = () if words[0] == "validate" else ("--light",)
    return RUN.invoke(app, ["nlu", *map(str, words), *light], input=stdin)


def as_json(*words: object, stdin: str | None = None) -> Any:
    return json.loads(run(*words, "--json", stdin=stdin).stdout)


COMMANDS = ("train", "test", "shell", "evaluate", "validate", "diff", "replay")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_an_example_and_exit_codes(name: str) -> None:
    shown = RUN.invoke(app, ["nlu", name, "--help"]).stdout
    assert f"prat nlu {name}" in shown
    assert "Exit code" in shown


def test_training_reports(shops: Path) -> None:
    result = run("train", shops)
    assert result.exit_code == 0
    for words in ("fjellbekk", "havsro", "Too few examples", "← chosen", "without the encoder"):
        assert words in result.stdout
    report = as_json("train", shops / "fjellbekk")["packs"][0]
    assert report["merchant_id"] == "fjellbekk"
    assert set(report["hints"]) == {"counts", "too_few", "repeated", "alike"}
    assert {"threshold", "coverage", "wrong", "chosen"} == set(report["curve"][0])


def test_without_a_folder_it_is_the_starter_pack(shops: Path) -> None:
    assert as_json("train")["packs"][0]["merchant_id"] == "retail"
    assert as_json("test", "--pack", "retail")["packs"][0]["tests"] == 3
    assert as_json("test", "--pack", shops)["packs"][1]["merchant_id"] == "havsro"


def test_tests_that_pass(shops: Path) -> None:
    result = run("test", shops / "fjellbekk")
    assert result.exit_code == 0
    assert "3 of 3 tests pass" in result.stdout


def test_tests_that_fail(shops: Path) -> None:
    path = shops / "havsro" / "topics" / "returns.yaml"
    path.write_text(path.read_text() + "  - {say: hello hello, language: en}\n")
    result = run("test", shops)
    assert result.exit_code == 1
    assert "hello hello" in result.stdout
    assert "3 of 4 tests pass" in result.stdout
    assert "1 are answered wrongly" in result.stdout
    assert run("test", shops, "--at-least", "0.75").exit_code == 0
    found = as_json("test", shops)
    assert found["passed"] is False
    (failure,) = found["packs"][1]["failures"]
    assert (failure["expected"], failure["got"], failure["outcome"]) == (
        "returns", "greeting", "wrong",
    )  # fmt: skip
    assert failure["candidates"][0][0] == "greeting"


@pytest.mark.parametrize("command", ["train", "test", "validate", "shell", "diff"])
def test_problems_of_content_are_named(shops: Path, command: str) -> None:
    path = shops / "havsro" / "topics" / "returns.yaml"
    path.write_text(path.read_text().replace("title:", "titel:"))
    result = run(command, shops)
    assert result.exit_code == 1
    assert f"{path}:" in result.stderr.replace("\n", "")
    assert "Fix:" in result.stderr
    assert not result.stdout


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = run("test", tmp_path / "none")
    assert result.exit_code == 1
    assert "There is no folder" in result.stderr
    assert run("test", tmp_path, "--pack", "retail").exit_code == 1
    assert run("test", tmp_path).exit_code == 1


def test_validation_learns_nothing_and_hints(shops: Path) -> None:
    result = run("validate", shops)
    assert result.exit_code == 0
    assert "fjellbekk" in result.stdout
    assert "Too few examples" in result.stdout
    assert as_json("validate", shops)["hints"]["havsro"]["counts"]["returns"] == {"nb": 5, "en": 5}


def test_a_talk(shops: Path) -> None:
    said = "hei\n\n/lang xx\n/lang en\n/shop gone\n/shop away\n/merchant\n/merchant none\n"
    said += "/merchant havsro\n/reset\n/what\nreturn, kari@eksempel.example\n/quit\nhei\n"
    result = run("shell", shops, stdin=said)
    assert result.exit_code == 0
    for words in (
        "Hi from Fjellbekk", "This merchant speaks nb, en", "The shop can answer", "fjellbekk havsro",
        "There are fjellbekk, havsro", "(havsro)", "/reset", "returns", "<EMAIL>",
    ):  # fmt: skip
        assert words in result.stdout, words
    assert result.stdout.count("likeliest") == 2


def test_a_talk_as_json(shops: Path) -> None:
    result = run("shell", shops, "--merchant", "havsro", "--json", stdin="hei\nretur 10482217")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["decision"] for row in rows] == ["greeting", "returns"]
    assert rows[0]["reply"]["text"].startswith("Hi from")
    assert rows[1]["entities"][0]["value"] == "10482217"


def test_a_merchant_who_is_not_there(shops: Path) -> None:
    result = run("shell", shops, "--merchant", "nobody", stdin="")
    assert (result.exit_code, "There are: fjellbekk, havsro" in result.stderr) == (1, True)


def test_nothing_changed(shops: Path) -> None:
    result = run("diff", shops / "fjellbekk", "--against", "starter")
    assert (result.exit_code, "The content is the same." in result.stdout) == (0, True)


def test_what_an_edit_changes(shops: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    write_merchant(before / "havsro", "havsro", "returns")
    path = shops / "havsro" / "topics" / "returns.yaml"
    text = path.read_text().replace("- retur\n", "- klage på vare\n").replace("You have", "It is")
    path.write_text(text)
    questions = tmp_path / "q.jsonl"
    questions.write_text(
        '{"text": "retur", "label": "returns", "lang": "nb"}\n{"text": "klage på vare"}\n'
    )
    words = ("diff", shops / "havsro", "--against", before, "--questions", questions)
    result = run(*words)
    assert result.exit_code == 0
    assert "It is {return_days} days." in result.stdout
    assert "examples.nb" in result.stdout
    found = as_json(*words)["merchants"][0]
    assert {(one["where"], one["kind"]) for one in found["changes"]} >= {
        ("answers.answer.en", "changed"), ("examples.nb", "added"), ("examples.nb", "removed"),
    }  # fmt: skip
    assert found["lines"] == 5
    assert "klage på vare" in {turn["line"]["text"] for turn in found["turned"]}


def test_a_line_that_is_worse_can_fail_the_build(shops: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    write_merchant(before / "havsro", "havsro", "returns")
    path = shops / "havsro" / "topics" / "returns.yaml"
    path.write_text(path.read_text().replace("send", "pony").replace("tilbake", "hest"))
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"text": "send it back", "label": "returns", "lang": "en"}')
    words = ("diff", shops / "havsro", "--against", before, "--questions", questions)
    assert run(*words).exit_code == 0
    result = run(*words, "--fail-on-worse")
    assert result.exit_code == 1
    assert "worse" in result.stdout


def test_what_is_published_is_compared_with(shops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def published() -> dict[str, PackPublished]:
        return {pack.merchant_id: pack for pack in packs.load_folder(shops / "havsro", {}, NOW)}

    monkeypatch.setattr(nlu_compare, "published_packs", published)
    result = run("diff", shops)
    assert result.exit_code == 0
    assert "fjellbekk is not there" in result.stderr
    assert result.stdout.count("The content is the same.") == 2


def test_without_a_broker_there_is_nothing_published(
    shops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    result = run("diff", shops)
    assert (result.exit_code, "--against starter" in result.stderr) == (1, True)


def test_a_conversation_again(shops: Path, tmp_path: Path) -> None:
    talk, out = tmp_path / "talk.jsonl", tmp_path / "replies.jsonl"
    talk.write_text(TALK)
    first = as_json("replay", talk, shops, "--out", out)
    assert (first["replies"], first["equal"]) == (2, True)
    assert len(out.read_bytes().splitlines()) == 2
    same = run("replay", talk, shops, "--against", out, "--expect", first["sha256"])
    assert (same.exit_code, first["sha256"] in same.stdout) == (0, True)
    assert run("replay", talk, shops, "--expect", "0" * 64).exit_code == 1
    out.write_bytes(out.read_bytes().replace(b"Hi from", b"Hi, from"))
    changed = run("replay", talk, shops, "--against", out)
    assert (changed.exit_code, "body" in changed.stdout) == (1, True)


@pytest.mark.parametrize("option", ["--against", "--out"])
def test_files_of_replies_that_are_not_there(shops: Path, tmp_path: Path, option: str) -> None:
    talk = tmp_path / "talk.jsonl"
    talk.write_text(TALK)
    result = run("replay", talk, shops, option, tmp_path / "no" / "file")
    assert (result.exit_code, "Fix:" in result.stderr) == (1, True)


def test_the_starter_packs_sentences_have_names_for_values(small_starter: Path) -> None:
    assert starter_pack(NOW).merchant.name == "[merchant_name]"
