"""Reads the lists of words in `data`: sections of phrases, with alternatives in brackets."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

DATA = Path(__file__).with_name("data")

_GROUP = re.compile(r"\(([^)]*)\)")
_REFERENCE = re.compile(r"\{(\w+)\}")


def sections(name: str) -> dict[str, tuple[str, ...]]:
    """The phrases of a list by section; "(a|b) (c|d)" and "{kin}" are written out."""
    found: dict[str, list[str]] = {}
    groups: dict[str, str] = {}
    section = ""
    for line in (DATA / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.startswith("@"):
            group, _, words = line[1:].partition(" = ")
            groups[group] = f"{groups[group]}|{words}" if group in groups else words
        elif line and not line.startswith("#"):
            found.setdefault(section, []).extend(_phrases(line, groups))
    return {section: tuple(phrases) for section, phrases in found.items()}


def _phrases(line: str, groups: dict[str, str]) -> Iterator[str]:
    whole = _REFERENCE.sub(lambda name: f"({groups[name[1]]})", line)
    for phrase in filter(None, re.split(r",\s*", whole)):
        parts = [part.split("|") for part in _GROUP.split(phrase)]
        yield from ("".join(one) for one in product(*parts))
