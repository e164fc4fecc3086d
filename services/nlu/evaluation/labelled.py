"""Labelled lines from files: JSON lines with a text, its label and, if known, its language."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.nlu.content.yamlfile import ContentError, Problem

FORM = 'write a line like {"text": "hvor er pakken min", "label": "track_parcel", "lang": "nb"}.'
"""The fix of most mistakes."""

OTHER_NAMES = {
    "no": "nb",
    "nn": "nb",
    "nob": "nb",
    "swe": "sv",
    "dan": "da",
    "fin": "fi",
    "eng": "en",
}
"""Other names that sets have for our languages."""

MOST_PROBLEMS = 20
"""A file that is something else altogether has one mistake, not ten thousand."""


@dataclass(frozen=True)
class Labelled:
    """A text, what it is about (`out_of_scope` for nothing known), and its language where said."""

    text: str
    label: str
    lang: str | None = None


def read_labelled(path: Path, *, need_labels: bool = True) -> tuple[Labelled, ...]:
    """The lines of a file; raises ContentError with the place and fix of what cannot be read.

    A byte-order mark, Windows line ends, empty lines and further keys are fine. Without
    `need_labels` a line may be a text alone.
    """
    lines: list[Labelled] = []
    problems: list[Problem] = []
    for number, line in _rows(path):
        try:
            lines.append(_read(line, need_labels=need_labels))
        except _Unreadable as error:
            problems.append(Problem(str(path), number, error.column, error.cause, error.fix))
        if len(problems) == MOST_PROBLEMS:
            break
    if not lines and not problems:
        problems.append(Problem(str(path), 1, 1, "there is no line in this file.", FORM))
    if problems:
        raise ContentError(problems)
    return tuple(lines)


class _Unreadable(Exception):
    """What is wrong with a line; neither quotes it."""

    def __init__(self, cause: str, fix: str = FORM, column: int = 1) -> None:
        super().__init__(cause)
        self.cause, self.fix, self.column = cause, fix, column


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers; only line feeds part them, as in JSON."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        cause = f"this file cannot be read ({error.strerror})."
        raise ContentError([Problem(str(path), 1, 1, cause, "check the path.")]) from None
    except UnicodeDecodeError as error:
        place = path.read_bytes()[: error.start].count(b"\n") + 1
        fix = "save the file as UTF-8."
        raise ContentError([Problem(str(path), place, 1, "this is not UTF-8.", fix)]) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.strip("\r")


def _read(line: str, *, need_labels: bool) -> Labelled:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise _Unreadable(f"this is not JSON: {error.msg}.", column=error.colno) from None
    except RecursionError:
        raise _Unreadable("this is nested too deeply.") from None
    if not isinstance(data, dict):
        raise _Unreadable("this is JSON, but no object with `text` and `label`.")
    text = data.get("text")
    if not isinstance(text, str):
        raise _Unreadable("`text` is missing." if text is None else "`text` is no text.")
    return Labelled(text, _label(data, need=need_labels), _lang(data.get("lang")))


def _label(data: dict[str, Any], *, need: bool) -> str:
    label = data.get("label")
    if isinstance(label, bool) or not isinstance(label, str | int | None):
        raise _Unreadable("`label` is neither a text nor a number.")
    named = "" if label is None else str(label).strip()
    if need and not named:
        raise _Unreadable(
            "`label` is missing.", "say what the text is about; out_of_scope if nothing."
        )
    return named


def _lang(value: object) -> str | None:
    """The language as we name it; what is none of ours is kept, to be counted apart."""
    if not isinstance(value, str) or not value.strip():
        return None
    code = value.strip().lower().replace("_", "-").split("-")[0]
    return OTHER_NAMES.get(code, code)
