"""The console's files: complete in every language, and without the ways that run foreign markup."""

import re
from pathlib import Path

import pytest

from services.handoff.domain import CloseReason
from services.handoff.routes import PAGE

SCRIPTS = sorted(PAGE.rglob("*.js"))
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS if path.parent == PAGE)
FORBIDDEN = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    'setAttribute("style"', "http://", "https://", "srcdoc", "DOMParser",
)  # fmt: skip


def keys(language: str) -> dict[str, str]:
    text = (PAGE / "texts" / f"{language}.js").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^ {2}(\w+): (.+),$", text)) | dict(
        re.findall(r"\b(h|min|s): (\"\w+\")", text)
    )


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_reads_text_as_markup_or_reaches_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in FORBIDDEN if word in text] == []


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", page) is None


@pytest.mark.parametrize("language", ["nb", "sv"])
def test_every_text_exists_in_every_language(language: str) -> None:
    english, other = keys("en"), keys(language)
    assert english.keys() == other.keys()
    takes_value = [key for key, text in english.items() if "=>" in text]
    assert [key for key, text in other.items() if "=>" in text] == takes_value


def test_every_text_that_is_used_exists() -> None:
    used = set(re.findall(r"\bt\(\"(\w+)\"", SOURCE))
    made = {f"reason_{reason}" for reason in CloseReason.__args__}  # type: ignore[attr-defined]
    made |= {f"problem_{problem}" for problem in ("missing", "invalid", "too_long")}
    made |= {f"status_{status}" for status in ("queued", "assigned", "other", "closed")}
    assert (used | made) - keys("en").keys() == set()


def test_every_imported_file_exists() -> None:
    for path in SCRIPTS:
        for name in re.findall(r"from \"(\./[\w/.]+)\"", path.read_text(encoding="utf-8")):
            assert (path.parent / name).is_file(), name
