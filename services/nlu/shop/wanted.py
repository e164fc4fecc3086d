"""What a question asks for: words that name a thing, colours, sizes, article numbers. Pure."""

import re
from collections import Counter
from collections.abc import Container, Iterator
from itertools import pairwise

from libs.contracts.content import PackPublished
from services.nlu.reading.colours import colours
from services.nlu.reading.sizes import sizes
from services.nlu.shop.retail import is_name, is_thing, small_words
from services.nlu.understanding.folding import folded

COMMON = 2
"""A word in so many examples of other topics says nothing about the product asked for."""

SHORTEST = 3
MOST_WORDS = 12
"""Words of a question that are looked for."""

LEAST_ARTICLE = 4
_CODE = re.compile(r"[^\W_]+(?:[-./_][^\W_]+)*")


class Wanted:
    """A question, taken apart."""

    def __init__(self, text: str, common: frozenset[str]) -> None:
        found = [*sizes(text)]
        self.sizes = tuple(dict.fromkeys(value for _, _, value in found))
        rest = _without(text, [(start, end) for start, end, _ in found])
        hues = [*colours(rest)]
        self.colours = tuple(dict.fromkeys(value for _, _, value in hues))
        self._text = _without(rest, [(start, end) for start, end, _ in hues])
        self._common = common

    def words(self, known: Container[str]) -> list[str]:
        """The words to look for: not those of every question, unless they name a thing."""
        words = dict.fromkeys(_joined(words_of(self._text, least=1)))
        return [word for word in words if len(word) >= SHORTEST and self._tells(word, known)][
            :MOST_WORDS
        ]

    def _tells(self, word: str, known: Container[str]) -> bool:
        if is_thing(word):
            return True
        if word in small_words():
            return False
        return word not in self._common or (word in known and len(word) > SHORTEST)


def words_of(text: str, least: int = SHORTEST) -> list[str]:
    """The words of a text that products are looked for by: three letters or more, without accents."""
    letters = "".join(char if char.isalpha() else " " for char in folded(text))
    return [word for word in letters.split() if len(word) >= least]


def common_words(pack: PackPublished) -> frozenset[str]:
    """Words that questions about other things share in some language: "do", "have", "you"."""
    counts = Counter(
        (language, word)
        for topic in pack.topics
        if topic.action != "product_search"
        for language, texts in topic.examples.items()
        for text in texts
        for word in {*words_of(text)}
    )
    return frozenset(word for (_, word), count in counts.items() if count >= COMMON)


def codes_in(text: str) -> Iterator[str]:
    """What may be an article number: words with a digit, also in two parts ("FB 1003")."""
    words = _CODE.findall(text)
    for code in map(bare, [*words, *(one + other for one, other in pairwise(words))]):
        if len(code) >= LEAST_ARTICLE and any(char.isdigit() for char in code):
            yield code


def bare(code: str) -> str:
    """A code without what may be typed between its characters."""
    return re.sub(r"[\W_]", "", code).casefold()


def _joined(words: list[str]) -> Iterator[str]:
    """The words, two of them as one where that names a thing: "sleeping bag", "t shirt"."""
    index = 0
    while index < len(words):
        pair = "".join(words[index : index + 2])
        step = 2 if index + 1 < len(words) and is_name(pair) else 1
        yield pair if step > 1 else words[index]
        index += step


def _without(text: str, places: list[tuple[int, int]]) -> str:
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
