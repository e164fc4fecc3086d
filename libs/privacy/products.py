"""What bears a person's name without being one: brands, and products named after people."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from libs.privacy.lexicon import HERE, SURE, known
from libs.privacy.wordlists import sections

_LISTS = sections("products")
_ENDINGS = r"(?:e?n|e?t|a|e?r|e?s|ene?s?|erne|orna|arna|o[rn]|ar)?"
_CASES = r"(?:a|ä|n|t|ta|tä|ssa|ssä|sta|stä|lla|llä|lle|ksi|ja|jä|i|in|ita|itä|en)?"
_NOUN = re.compile(
    rf"(?:[^\W\d_]*(?:{'|'.join(_LISTS['nordic'])}){_ENDINGS}"
    rf"|[^\W\d_]*(?:{'|'.join(_LISTS['finnish'])}){_CASES}|(?:{'|'.join(_LISTS['english'])})e?s?)",
    re.IGNORECASE,
)
_LEAST, _MOST = 3, 40


def is_product(word: str) -> bool:
    """Whether a word says what kind of a thing it is: "genseren", "tyyny", "cushion"."""
    return _LEAST <= len(word) <= _MOST and bool(_NOUN.fullmatch(word))


_TOKEN = re.compile(r"\w++(?:['\u2019.&]\w++)*+")


FEW = 16
"""So many phrases are looked for one by one before a text is taken apart."""


class Allowed:
    """Phrases that are never a person: brands, and what else a merchant lists.

    A phrase that is just one given name hides nobody: "Ida" may be a dress, and she may be a visitor.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            words = tuple(word.casefold() for word in _TOKEN.findall(phrase))
            if words and (len(words) > 1 or known(words[0]) & (SURE | HERE) != SURE | HERE):
                self._by_first.setdefault(words[0], []).append(words)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in `text` such phrases stand."""
        if len(self._by_first) <= FEW and not self._begins_in(text.casefold()):
            return
        tokens = list(_TOKEN.finditer(text))
        words = [token.group().casefold() for token in tokens]
        done = 0
        for index, word in enumerate(words):
            if index < done or word not in self._by_first:
                continue
            found = self._longest(words, index)
            if found:
                done = index + found
                yield tokens[index].start(), tokens[done - 1].end()

    def _begins_in(self, text: str) -> bool:
        return any(first in text for first in self._by_first)

    def _longest(self, words: list[str], index: int) -> int:
        """How many words of the longest phrase that starts here; its last may bear an ending."""
        lengths = [
            len(phrase)
            for phrase in self._by_first[words[index]]
            if tuple(words[index : index + len(phrase) - 1]) == phrase[:-1]
            and _is_form(words[index + len(phrase) - 1 : index + len(phrase)], phrase[-1])
        ]
        return max(lengths, default=0)


def _is_form(word: list[str], wanted: str) -> bool:
    return bool(word) and (
        word[0] == wanted or (word[0].startswith(wanted) and len(word[0]) - len(wanted) <= 3)  # noqa: PLR2004
    )


@cache
def brands() -> Allowed:
    """The brands that many shops carry."""
    return Allowed(sections("brands")[""])
