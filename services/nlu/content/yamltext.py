"""Values written as YAML the way the packs are: short texts on a line, examples one below the other."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

LONGEST_FLOW = 96
"""Characters of a mapping or list that is written on one line."""

STEP = 2

TALL = "examples"
"""Under this key lists stand one below the other, however short they are."""

_PLAIN = re.compile(r"[^\W\d_](?:[\w ()/.;?!+%&=~*-]*[\w().;?!+%])?")
_COMMA = ","
_WORDS = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n", "nan", "inf"))
_BREAKS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\x85", "\ufeff": "\\ufeff"}
_ESCAPED = re.compile("[\u2028\u2029\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar(value: Any, style: str | None = None, *, flow: bool = False) -> str:
    """One value; a text is quoted as it was before, and where it must be."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style in (None, "") and is_plain(value, flow=flow):
        return value
    return _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False))


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether a text may stand without quotes, whoever reads the file."""
    bare = text if flow else text.replace(_COMMA, "")
    letters = bool(_PLAIN.fullmatch(bare)) and not text.endswith(_COMMA)
    return letters and text.casefold() not in _WORDS


def flow_of(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(key, flow=True)}: {flow_of(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_of(one) for one in value) + "]"
    return scalar(value, flow=True)


def pair_lines(key: str, value: Any, *, tall: bool = False) -> list[str]:
    """`key: value` as lines; `tall` keeps lists one below the other however short they are."""
    name = f"{scalar(key)}:"
    if not isinstance(value, Mapping | list | tuple):
        return [f"{name} {scalar(value)}"]
    tall = tall or key == TALL
    if not value or (not tall and _is_short(value)):
        return [f"{name} {flow_of(value)}"]
    return [name, *_indented(_inner(value, tall=tall))]


def item_lines(value: Any) -> list[str]:
    """One item of a list as lines."""
    if not isinstance(value, Mapping) or not value or _is_short(value):
        return [f"- {flow_of(value) if isinstance(value, Mapping | list) else scalar(value)}"]
    first, *rest = _inner(value, tall=False)
    return [f"- {first}", *_indented(rest)]


def document(value: Mapping[str, Any]) -> str:
    """A whole file."""
    return "\n".join(_inner(value, tall=False)) + "\n"


def _inner(value: Any, *, tall: bool) -> list[str]:
    if isinstance(value, Mapping):
        return [line for key, one in value.items() for line in pair_lines(key, one, tall=tall)]
    return [line for one in value for line in item_lines(one)]


def _is_short(value: Any) -> bool:
    nested = list(value.values() if isinstance(value, Mapping) else value)
    flat = not any(isinstance(one, Mapping | list | tuple) for one in nested)
    return flat and len(flow_of(value)) <= LONGEST_FLOW


def _indented(lines: list[str]) -> Iterator[str]:
    return (" " * STEP + line for line in lines)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return _BREAKS.get(char) or f"\\u{ord(char):04x}"
