"""Cuts a text into the pieces that the sentence encoder knows: the likeliest way to put it together."""

import json
import re
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import marisa_trie
import numpy as np

PIECES = "pieces.marisa"
SCORES = "pieces.npz"
LETTERS = "letters.json"

SPACE = "\u2581"
"""How a space is written in the pieces."""

LONGEST_PIECE = 48
WORDS_KEPT = 8192
"""Everyday words whose pieces are remembered: only such as stand in the encoder's own files."""

UNKNOWN_PENALTY = 10.0
_NEVER = -1e30
_SPACES = re.compile("  +")


class Tokenizer:
    """A unigram tokenizer over the files that the encoder's build wrote."""

    def __init__(self, folder: Path) -> None:
        self._trie = marisa_trie.Trie()
        self._trie.mmap(str(folder / PIECES))
        with np.load(folder / SCORES) as table:
            self._scores = memoryview(table["scores"])
            self._ids = memoryview(table["ids"])
            self.begin, self.end, self._unknown = (int(value) for value in table["specials"])
        lines: dict[str, str] = json.loads((folder / LETTERS).read_text("utf-8"))
        self._letters = {int(code): letters for code, letters in lines.items()}
        self._unknown_score = min(self._scores) - UNKNOWN_PENALTY
        self._remembered = lru_cache(WORDS_KEPT)(self._cut)

    def ids(self, text: str, most: int) -> list[int]:
        """The pieces of `text`, no more than `most`, between the marks of its begin and end."""
        words = [SPACE + word for word in self._plain(text).split(SPACE)[1:]]
        pieces = chain.from_iterable(map(self._pieces, words))  # none reaches over a word's begin
        return [self.begin, *islice(pieces, most - 2), self.end]

    def _plain(self, text: str) -> str:
        whole = text.encode(
            "utf-8", "replace"
        ).decode()  # half of a pair of code units is no letter
        single = _SPACES.sub(" ", whole.translate(self._letters))
        led = single if single.startswith(" ") else f" {single}"
        return led.replace(" ", SPACE)

    def _pieces(self, word: str) -> tuple[int, ...]:
        return self._remembered(word) if word in self._trie else self._cut(word)

    def _cut(self, text: str) -> tuple[int, ...]:
        """The best path through the text: `scores[i]` is the best score of its first i letters."""
        scores = [0.0] + [_NEVER] * len(text)
        origins, pieces = [0] * len(scores), [self._unknown] * len(scores)
        for start in range(len(text)):
            score = scores[start]
            for piece, key in self._trie.iter_prefixes_with_ids(
                text[start : start + LONGEST_PIECE]
            ):
                end, better = start + len(piece), score + self._scores[key]
                if better > scores[end]:
                    scores[end], origins[end], pieces[end] = better, start, self._ids[key]
            if score + self._unknown_score > scores[start + 1]:
                scores[start + 1] = score + self._unknown_score
                origins[start + 1], pieces[start + 1] = start, self._unknown
        return _path(origins, pieces)


def _path(origins: list[int], pieces: list[int]) -> tuple[int, ...]:
    found, at = [], len(origins) - 1
    while at > 0:
        found.append(pieces[at])
        at = origins[at]
    return tuple(found[::-1])
