"""The words of the readable download, by language and name."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from libs.contracts.content import Language

FILE = Path(__file__).parent / "texts/export.toml"


@cache
def labels(language: Language) -> Mapping[str, str]:
    """The words of one language; `{…}` in them is filled in."""
    found: Mapping[str, str] = tomllib.loads(FILE.read_text("utf-8"))[language]
    return found
