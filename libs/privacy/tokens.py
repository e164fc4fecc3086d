"""A text's words, with how they are written and what is known of them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from libs.privacy.inflection import base
from libs.privacy.lexicon import FAMILY, GIVEN, HERE, NAME, SURE, TOWN, WORD, known
from libs.privacy.products import is_product

WORD_PATTERN = re.compile(r"[^\W\d_]++(?:[-'\u2019][^\W\d_]++)*+['\u2019]?+")
_OPENING = re.compile(r"[.!?:;]\s|\n|\s[-\u2013\u2014]\s")
USUAL_SURNAME = FAMILY | HERE
_SHOUTED_LETTERS, _SHOUTED_SHARE = 8, 0.6


class Token(NamedTuple):
    """A word from `start` to `end`; `title` says that its capital tells something."""

    start: int
    end: int
    text: str
    flags: int
    title: bool
    upper: bool
    first: bool

    @property
    def is_sure(self) -> bool:
        """A given name that needs nothing beside it."""
        return bool(self.flags & SURE)

    @property
    def is_usual_surname(self) -> bool:
        """A surname of the shops' countries."""
        return self.flags & USUAL_SURNAME == USUAL_SURNAME

    @property
    def is_everyday(self) -> bool:
        """A word that is no name."""
        return bool(self.flags & WORD) and not self.flags & NAME

    @property
    def is_ambiguous(self) -> bool:
        """A name that is an everyday word, too."""
        return bool(self.flags & WORD and self.flags & NAME)

    @property
    def is_initial(self) -> bool:
        """One letter that stands for a name."""
        return len(self.text) == 1 and self.text.isupper()


def tokens(text: str, *, finnish: bool) -> Sequence[Token]:
    """The words of `text` in order; in Finnish, names in small letters have more endings."""
    shouted = _is_shouted(text)
    found: list[Token] = []
    done = 0
    for match in WORD_PATTERN.finditer(text):
        between = match.start() - done
        first = not found or (between > 1 and bool(_OPENING.search(text, done, match.start())))
        found.append(_token(match, first=first, shouted=shouted, finnish=finnish))
        done = match.end()
    return found


def _token(match: "re.Match[str]", *, first: bool, shouted: bool, finnish: bool) -> Token:
    word = match.group()
    capital = word[0].isupper() and not shouted
    upper = capital and len(word) > 1 and word.isupper()
    title = capital and not upper
    flags = _flags(word, certain=title and not first, finnish=finnish)
    return Token(match.start(), match.end(), word, flags, title, upper, first)


def _flags(word: str, *, certain: bool, finnish: bool) -> int:
    found = known(word)
    if found & (HERE | WORD | TOWN):
        return found
    if "-" in word and not found:
        return _of_parts(word.split("-"), certain=certain, finnish=finnish)
    return found | base(word, certain=certain, finnish=finnish)


def _of_parts(parts: Sequence[str], *, certain: bool, finnish: bool) -> int:
    """Of a word with hyphens: a name if all its parts are names; "Tove-genseren" is a product."""
    flags = [known(part) or base(part, certain=certain, finnish=finnish) for part in parts if part]
    if not flags or is_product(parts[-1]) or (parts[0][:1].isupper() and parts[-1].islower()):
        return WORD
    if all(flag & NAME for flag in flags) and flags[0] & GIVEN:
        return flags[0] & ~WORD if len(flags) > 1 else flags[0]
    return 0


def _is_shouted(text: str) -> bool:
    """Whether capitals tell nothing, because nearly everything is written in them."""
    if text.islower():
        return False
    capitals = sum(map(str.isupper, text))
    return capitals >= _SHOUTED_LETTERS and capitals > _SHOUTED_SHARE * sum(map(str.isalpha, text))
