"""Text as a recognizer should see it, with the way back to the characters that were written."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MARKS_KEPT = 30
"""More combining marks than this on one character (UAX #15, stream-safe text) are noise."""

INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0\u2800\ufffc")
"""Characters that show nothing, beside those of category Cf."""

DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\uff0d")


_UNCHANGED = re.compile("[\x00-\x7fÀ-ÖØ-öø-ÿ€£\u2019“”]*+")
"""Texts of the letters that Nordic keyboards have look the same before and after."""


@dataclass(frozen=True)
class Normalised:
    """Folded text; `starts` and `ends` lead from each of its characters to the original ones."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def widened(self, start: int, end: int) -> tuple[int, int]:
        """The range, grown to whole original characters where one became several."""
        while start and self.starts[start - 1] == self.starts[start]:
            start -= 1
        while end < len(self.text) and self.starts[end] == self.starts[end - 1]:
            end += 1
        return start, end


def normalise(text: str) -> Normalised:
    """NFKC per character with its marks; invisible characters gone, digits and dashes made plain."""
    if text.isascii() or _UNCHANGED.fullmatch(text):
        return Normalised(text, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        folded = _fold(text[start:end])
        pieces.append(folded)
        starts += [start] * len(folded)
        ends += [end] * len(folded)
    return Normalised("".join(pieces), starts, ends)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Each visible character together with the marks and invisible characters after it."""
    start = 0
    for index, character in enumerate(text):
        if index and not _belongs_to_previous(character):
            yield start, index
            start = index
    yield start, len(text)


def _belongs_to_previous(character: str) -> bool:
    if character.isascii():
        return False
    return unicodedata.category(character) in {"Mn", "Me", "Cf"} or character in INVISIBLE


def _fold(cluster: str) -> str:
    if cluster.isascii():
        return cluster
    visible = "".join(c for c in cluster if not _is_invisible(c))[: MARKS_KEPT + 1]
    folded = "".join(_plain(c) for c in unicodedata.normalize("NFKC", visible))
    # Marks on a digit are decoration; they would hide it from every number pattern.
    return folded[:1] if folded[:1].isdigit() and len(visible) > 1 else folded


def _is_invisible(character: str) -> bool:
    if character.isascii():
        return False
    variant = "\ufe00" <= character <= "\ufe0f"
    category = unicodedata.category(character)
    return variant or category in {"Cf", "Me"} or character in INVISIBLE


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if character in DASHES:
        return "-"
    return str(unicodedata.decimal(character, character))
