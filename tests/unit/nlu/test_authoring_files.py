"""The authoring page's files: complete in every language, and without ways to run foreign markup."""

import re
from pathlib import Path

import pytest

from services.nlu.authoring.routes import PAGE, POLICY

SCRIPTS = sorted(PAGE.rglob("*.js"))
SOURCE = "\n".join(path.read_text("utf-8") for path in SCRIPTS if path.parent == PAGE)
FORBIDDEN = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    'setAttribute("style"', "http://", "https://", "srcdoc", "DOMParser",
)  # fmt: skip


def keys(language: str) -> dict[str, str]:
    """The texts of a language, by name."""
    text = (PAGE / "texts" / f"{language}.js").read_text("utf-8")
    found = re.findall(r"(?m)(?:^  |(?<=\", ))(\w+): (\([\w, ]*\) =>|\"[^\"]*\")", text)
    return dict(found)


def facts() -> dict[str, set[str]]:
    """The names of facts by language."""
    text = (PAGE / "texts" / "facts.js").read_text("utf-8")
    parts = re.findall(r"(?ms)^  (\w\w): \{(.*?)^  \}", text)
    return {language: set(re.findall(r"(\w+): \"", part)) for language, part in parts}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_reads_text_as_markup_or_reaches_out(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert [word for word in FORBIDDEN if word in text] == []


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (PAGE / "index.html").read_text("utf-8")
    assert re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", page) is None


@pytest.mark.parametrize("language", ["nb", "sv"])
def test_every_text_exists_in_every_language(language: str) -> None:
    english, other = keys("en"), keys(language)
    assert len(english) > 150
    assert english.keys() == other.keys()
    for key, text in english.items():
        assert other[key].startswith("(") == text.startswith("("), key


def test_every_text_that_is_used_exists() -> None:
    used = set(re.findall(r"\bt\(\"(\w+)\"", SOURCE))
    made = {f"kind_{kind}" for kind in ("text", "long_text", "email", "order_number")}
    made |= {"answer_answer", "answer_closed", "answer_first", "test", "preview", "publish"}
    assert (used | made) - keys("en").keys() == set()


def test_facts_have_names_in_every_language() -> None:
    named = facts()
    assert named.keys() == {"nb", "sv", "en"}
    assert named["nb"] == named["sv"] == named["en"]


def test_every_imported_file_exists() -> None:
    for path in SCRIPTS:
        for name in re.findall(r"from \"(\./[\w/.]+)\"", path.read_text("utf-8")):
            assert (path.parent / name).is_file(), name


def test_the_only_policy_is_the_one_that_the_server_allows() -> None:
    assert re.findall(r"createPolicy\((\w+)", SOURCE) == ["POLICY"]
    assert f'const POLICY = "{POLICY}"' in SOURCE
