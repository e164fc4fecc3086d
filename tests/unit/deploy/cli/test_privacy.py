"""`prat privacy`: papers from files or from the store, to the screen or to a file."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.privacy import app

NOTICES = Path(__file__).parents[3] / "data" / "notices"
MERCHANTS = Path(__file__).parents[4] / "deploy" / "demo" / "merchants"
FILES = ["--merchant", "havsro", "--content", str(MERCHANTS)]
run = CliRunner().invoke


def test_the_notice_is_in_the_shops_own_language_unless_another_is_asked_for() -> None:
    assert "# Integritet i chatten hos Havsro Hem AB" in run(app, ["notice", *FILES]).output
    assert "# Privacy in the chat" in run(app, ["notice", *FILES, "--lang", "en"]).output


def test_a_paper_is_written_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "notice.html"
    answer = run(app, ["notice", *FILES, "--format", "html", "--out", str(out)])
    assert (answer.exit_code, answer.output) == (0, f"wrote {out}\n")
    assert out.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("paper", ["record", "dpia"])
def test_papers_are_there_to_read_and_for_programs(paper: str) -> None:
    assert run(app, [paper, *FILES]).output.startswith("# ")
    made = json.loads(run(app, [paper, *FILES, "--format", "json"]).output)
    assert made["controller"]["name"] == "Havsro Hem AB"


def test_a_running_setting_is_in_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAT_HANDOFF_AUDIT_DAYS", "77")
    assert "77 dagar" in run(app, ["notice", *FILES]).output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--merchant", "nobody", "--content", str(MERCHANTS)], "has no merchant nobody"),
        (["--merchant", "havsro", "--content", "/nowhere"], "there is no merchant in this folder"),
        ([*FILES, "--out", "/nowhere/at/all.md"], "cannot be written"),
    ],
)
def test_what_cannot_be_is_said_with_its_fix(options: list[str], says: str) -> None:
    answer = run(app, ["notice", *options])
    assert answer.exit_code == 1
    assert says in answer.stderr
    assert "Fix:" in answer.stderr


def test_a_store_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")
    answer = run(app, ["notice", "--merchant", "havsro"])
    assert answer.exit_code == 1
    assert "No store answers" in answer.stderr


def test_a_shop_that_has_not_said_who_to_turn_to_is_told_what_to_add(tmp_path: Path) -> None:
    shutil.copytree(MERCHANTS / "fjellbekk", tmp_path / "fjellbekk")
    file = tmp_path / "fjellbekk" / "merchant.yaml"
    before, _, after = file.read_text("utf-8").partition("privacy:\n")
    file.write_text(before + after[after.index("facts:") :], "utf-8")
    answer = run(app, ["notice", "--merchant", "fjellbekk", "--content", str(tmp_path)])
    assert answer.exit_code == 1
    assert "add `privacy:`" in answer.stderr


@pytest.mark.parametrize("language", ["nb", "sv", "da", "fi", "en"])
def test_gaps_are_said_with_file_line_and_a_sentence_and_fail(language: str) -> None:
    file = NOTICES / f"gaps.{language}.md"
    answer = run(app, ["lint", str(file)])
    assert answer.exit_code == 1
    assert (
        answer.output.count(f"gaps.{language}.md:")
        == answer.output.count("Write for instance:")
        == 10
    )
    assert "10 findings." in answer.output
    assert f"gaps.{language}.md:14: no_start: it is not said from when" in answer.output


def test_findings_are_there_for_programs() -> None:
    answer = run(app, ["lint", str(NOTICES / "gaps.nb.md"), "--json"])
    assert answer.exit_code == 1
    rows = json.loads(answer.output)["findings"]
    assert {"code", "line", "cause", "suggestion", "file"} == {*rows[0]}


@pytest.mark.parametrize("merchant", ["fjellbekk", "havsro"])
def test_the_notices_of_the_demo_shops_have_no_findings_in_any_language(merchant: str) -> None:
    answer = run(app, ["lint", "--merchant", merchant, "--content", str(MERCHANTS)])
    assert (answer.exit_code, answer.output) == (0, "Nothing is missing, and nothing differs.\n")


@pytest.mark.parametrize(
    "page",
    ["fjellbekk/privacy.nb", "fjellbekk/privacy.en", "havsro/privacy.sv", "havsro/privacy.en"],
)
def test_the_demo_shops_own_words_are_true(page: str) -> None:
    file = MERCHANTS.parent / "shop" / "data" / f"{page}.yaml"
    shop = ["--merchant", page.partition("/")[0], "--content", str(MERCHANTS)]
    answer = run(app, ["lint", str(file), *shop])
    assert answer.output == "Nothing is missing, and nothing differs.\n"


def test_a_file_that_says_something_else_than_what_runs_fails(tmp_path: Path) -> None:
    file = tmp_path / "notice.md"
    run(app, ["notice", *FILES, "--lang", "da", "--out", str(file)])
    file.write_text(file.read_text("utf-8").replace("60 dage", "30 dage"), "utf-8")
    answer = run(app, ["lint", str(file), *FILES])
    assert answer.exit_code == 1
    assert "it says 30 days for conversations; what runs is 60 days" in answer.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing to check"), (["/nowhere.md"], "cannot be read"),
        (["{binary}"], "is not text in UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_said(options: list[str], says: str, tmp_path: Path) -> None:
    binary = tmp_path / "notice.pdf"
    binary.write_bytes(b"\xff\xfe\x00\xd8")
    answer = run(app, ["lint", *(option.format(binary=binary) for option in options)])
    assert answer.exit_code == 1
    assert says in answer.stderr
