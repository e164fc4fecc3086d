"""What speaks for a word being the first of a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from libs.privacy.lexicon import GIVEN, HERE, NAME, TOWN, WORD
from libs.privacy.name_cues import AFTER, FAINT, HERE_NOW, NOT_NAMES, SIGNED, SURNAME_ENDS, WEAK
from libs.privacy.products import is_product
from libs.privacy.tokens import Token
from libs.privacy.wordlists import sections

GAP = re.compile(r" |\. ?|(?<=[^\W\d_])\n(?=[^\W\d_])")


LEAST = 5
"""Letters of a surname that is believed at the beginning of a sentence, at least, less one."""

FOR = frozenset({"til", "till", "to", "av", "af", "by", "for", "fra", "från", "from", "hos"})
"""Whose something is, or where it goes: two words with capitals after it are somebody."""

NOT_FIRST = frozenset(sections("name_cues")["of places"])
"""Words that begin the names of places."""


@dataclass(frozen=True)
class Words:
    """A text's words; `allowed` are those of brands and products."""

    text: str
    all: Sequence[Token]
    allowed: frozenset[int]

    def gap(self, index: int) -> bool:
        """Whether the word at `index` follows the one before it as words of a name do."""
        before, word = self.all[index - 1], self.all[index]
        if not GAP.fullmatch(self.text, before.end, word.start):
            return False
        return before.is_initial or self.text[before.end] != "."

    def is_new_line(self, index: int) -> bool:
        """Whether the word at `index` begins a line."""
        return "\n" in self.text[self.all[index - 1].end : self.all[index].start]

    def next(self, index: int) -> Token | None:
        """The word after the one at `index`, where both may be of one name."""
        there = index + 1 < len(self.all) and self.gap(index + 1)
        return self.all[index + 1] if there else None


def starts(words: Words, index: int, cue: int) -> bool:
    """Whether a name starts here, after a cue of this strength."""
    word = words.all[index]
    if word.text.casefold() in NOT_NAMES and not (word.title and word.is_sure):
        return word.title and bool(word.flags & GIVEN and HERE_NOW.match(words.text, word.end))
    if word.is_initial:
        after = words.next(index)
        return bool(after and after.title and not after.is_everyday)
    return _is_announced(word, cue) or _is_known(word) or _is_placed(words, index, cue)


def _is_announced(word: Token, cue: int) -> bool:
    """A capital after a cue."""
    if not word.title:
        return False
    if cue in {WEAK, SIGNED}:
        return not word.is_everyday
    plain = word.flags & NAME and not word.flags & (WORD | TOWN)
    return cue == FAINT and bool(word.is_sure or plain)


def _is_known(word: Token) -> bool:
    """A given name that is nothing else; or a capital within a sentence on what may be a name."""
    if word.is_sure and not word.flags & WORD and (word.flags & HERE or word.title):
        return word.title or not is_product(word.text)
    if not word.title:
        return False
    if word.first:
        return _is_plain_surname(word)
    if word.is_sure:
        return True
    if word.flags & (WORD | TOWN):
        return False
    unlisted = not word.flags and word.text.endswith(SURNAME_ENDS)
    return bool(word.flags & GIVEN) or word.is_usual_surname or unlisted


def _is_plain_surname(word: Token) -> bool:
    """A usual surname that looks like one and is nothing else: "Hansen", "Virtasen"."""
    plain = word.is_usual_surname and not word.flags & (WORD | TOWN)
    return plain and len(word.text) > LEAST and word.text.endswith(SURNAME_ENDS)


def _is_placed(words: Words, index: int, cue: int) -> bool:
    """A word that its neighbours make a name: a surname after it, or "from customer service"."""
    word = words.all[index]
    capital = word.title and not word.is_everyday and not word.flags & TOWN
    if (word.is_sure or capital) and AFTER.match(words.text, word.end):
        return True
    if _is_for(words, index):
        return True
    usual = word.is_sure and word.flags & HERE
    likely = word.flags & GIVEN and (word.title or usual)
    return bool(likely or (cue == FAINT and word.title and word.flags & NAME)) and _is_followed(
        words, index
    )


def _is_for(words: Words, index: int) -> bool:
    """Two unlisted words with capitals after "til": "bestillingen til Tjorgunn Hoel"."""
    word, after = words.all[index], words.next(index)
    if not (index and word.title and after and after.title and not word.flags & (WORD | TOWN)):
        return False
    known_place = after.flags & TOWN or word.text.casefold() in NOT_FIRST
    return (
        words.all[index - 1].text.casefold() in FOR
        and not known_place
        and _is_followed(words, index)
    )


def _is_followed(words: Words, index: int) -> bool:
    """Whether a surname, or what is written like one, comes next."""
    word, after = words.all[index], words.next(index)
    if after is None or after.text.casefold() in NOT_NAMES or index + 1 in words.allowed:
        return False
    if word.title and after.title:
        return not after.is_everyday and not is_product(after.text)
    return word.title == after.title and after.is_usual_surname and not after.flags & WORD
