"""YAML files with positions: whatever is wrong in one is said with file, line, column and fix."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from libs.kit.errors import ConfigurationError

ModelT = TypeVar("ModelT", bound=BaseModel)
Where = tuple[str | int, ...]
"""The way to a value in a file: keys and list positions."""

KEPT_TREES = 512
"""Files whose reading is remembered by their text: an edit changes one, and all are read again."""

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^}]*))?\}")
_DATE = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)\b")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a content file, and what to do about it."""

    file: str
    line: int
    column: int
    cause: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.cause}"


class ContentError(ConfigurationError):
    """Content that cannot be published; the first problem is the message, `problems` has all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first, more = problems[0], len(problems) - 1
        rest = f" (and {more} more: `prat content validate` lists them)" if more else ""
        super().__init__(f"{first}{rest}", first.fix)
        self.problems = tuple(problems)


class YamlFile:
    """A file that was read: its data, and where in the file each value stands.

    With `text` nothing is read from disk: `path` is then only the name that problems are said with.
    """

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = _text(path) if text is None else text
        self._tree = _tree(path, self.text)
        self.data: dict[str, Any] = _plain(self._tree)

    def problem(self, where: Where, cause: str, fix: str) -> Problem:
        """A problem at the value that `where` leads to, or at the nearest one above it."""
        line, column = self._position(where)
        return Problem(str(self.path), line + 1, column + 1, cause, fix)

    def expand(self, names: Sequence[str], environ: Mapping[str, str]) -> list[Problem]:
        """Fills `${NAME}` and `${NAME:-otherwise}` in the values of `names` from the environment."""
        missing: list[Problem] = []
        for name in names:
            if name in self.data:
                self.data[name] = self._expanded((name,), self.data[name], environ, missing)
        return missing

    def model(self, kind: type[ModelT]) -> ModelT:
        """The file as a model; raises ContentError with every value that does not fit."""
        try:
            return kind.model_validate(self.data)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        raise ContentError([self._misfit(detail) for detail in details])

    def _misfit(self, detail: Any) -> Problem:
        where: Where = tuple(part for part in detail["loc"] if part != "[key]")
        name = ".".join(str(part) for part in where)
        match detail["type"]:
            case "missing":
                return self.problem(where, f"`{name}` is missing.", f"add `{where[-1]}:` here.")
            case "extra_forbidden":
                return self.problem(
                    where, f"`{name}` is not known here.",
                    "correct its spelling, or remove it; docs/content-format.md lists all keys.",
                )  # fmt: skip
            case _:
                return self.problem(
                    where, f"`{name}`: {detail['msg']}.",
                    "correct the value; docs/content-format.md says what may stand here.",
                )  # fmt: skip

    def _expanded(
        self, where: Where, value: Any, environ: Mapping[str, str], missing: list[Problem]
    ) -> Any:
        if isinstance(value, dict):
            pairs = value.items()
            return {k: self._expanded((*where, k), v, environ, missing) for k, v in pairs}
        if isinstance(value, list):
            items = enumerate(value)
            return [self._expanded((*where, i), v, environ, missing) for i, v in items]
        if not isinstance(value, str):
            return value

        def fill(found: re.Match[str]) -> str:
            name, otherwise = found[1], found[2]
            if name not in environ and otherwise is None:
                fix = f"set {name}, or write a value for when it is not: ${{{name}:-…}}."
                cause = f"the environment variable {name} is not set."
                missing.append(self.problem(where, cause, fix))
            return environ.get(name) or otherwise or ""

        return _VARIABLE.sub(fill, value)

    def _position(self, where: Where) -> tuple[int, int]:
        node, position = self._tree, (0, 0)
        for part in where:
            try:
                marks = node.lc
                position = marks.value(part) if isinstance(node, dict) else marks.item(part)
                node = node[part]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return position


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = Problem(str(path), 1, 1, "this file is missing.", "create it.")
    except UnicodeDecodeError:
        problem = Problem(str(path), 1, 1, "this file is not UTF-8.", "save it as UTF-8.")
    raise ContentError([problem])


def _tree(path: Path, text: str) -> Any:
    try:
        tree = _read(text)
    except MarkedYAMLError as error:
        problem = _broken(path, error)
    except YAMLError:
        problem = Problem(str(path), 1, 1, "this is not YAML.", "correct the file.")
    except ValueError:  # what the reader raises for a date such as 30 February
        problem = _no_date(path, text)
    else:
        if isinstance(tree, dict):
            return tree
        cause = "the file does not hold keys and values."
        problem = Problem(str(path), 1, 1, cause, "start with `key:`.")
    raise ContentError([problem])


@lru_cache(KEPT_TREES)
def _read(text: str) -> Any:
    return YAML().load(text)


def _broken(path: Path, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = " ".join((error.problem or "it cannot be read").split())
    fix = "correct the line: check its indentation, quotes and colons, and that no key is twice."
    return Problem(str(path), line, column, f"this is not YAML: {what}.", fix)


def _no_date(path: Path, text: str) -> Problem:
    """The first date that does not exist; the reader does not say where it stopped."""
    for line, words in enumerate(text.splitlines(), 1):
        for found in _DATE.finditer(words):
            if not _is_date(*map(int, found.groups())):
                cause = f"there is no day {found[0]}."
                return Problem(str(path), line, found.start() + 1, cause, "correct the date.")
    return Problem(str(path), 1, 1, "a date or time does not exist.", "correct the file.")


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _plain(node: Any) -> Any:
    """Ordinary dicts, lists and strings: what was read carries marks that models do not need.

    Dates are strings, too, as editors and JSON Schema see them.
    """
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, date):
        return node.isoformat()
    return str(node) if isinstance(node, str) else node
