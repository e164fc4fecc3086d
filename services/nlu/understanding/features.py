"""A text as numbers: TF-IDF of its letter groups and words, as scikit-learn defines it.

Written out because the library needs 2-3 ms for one short text, nearly all of it for checks that matter
only for large tables, and 60 MB in every process that serves. A test holds the two equal.
Source of the formula: scikit-learn's user guide, "Tf-idf term weighting" (smooth, sublinear, length 1).
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]
State = Mapping[str, npt.NDArray[Any]]
"""What was learned, as arrays by name: it can be kept, and be revived in another process."""

Cut = Callable[[str], list[str]]
"""How a text is cut into parts."""

WORD_WEIGHT = np.float32(0.5)
"""Whole words beside their letter groups: compounds and typos make letters the better witness."""

MOST_LETTER_GROUPS = 24_000
MOST_WORDS = 8_000
"""The commonest are kept: the others were seen once or twice and only cost memory."""

WORDS_KEPT = 4096
"""Words whose letter groups are remembered: only words of the examples, nobody's own."""

GROUP_SIZES = (2, 3, 4, 5)
_WORD = re.compile(r"\b\w+\b")


@dataclass(frozen=True)
class Vector:
    """The features that a text has: their positions and weights."""

    positions: Positions
    weights: Floats


class Features:
    """What can be seen in a text, and how telling each of it is, from the examples' own texts."""

    def __init__(self, letters: "Block", words: "Block") -> None:
        self._letters, self._words = letters, words
        self._remembered = lru_cache(WORDS_KEPT)(self._groups)

    @classmethod
    def learned(cls, texts: Sequence[str]) -> tuple["Features", csr_matrix]:
        """What these texts teach, and the features of the texts themselves, a row each."""
        letters, by_letters = Block.learned(letter_groups, texts, MOST_LETTER_GROUPS)
        words, by_words = Block.learned(words_and_pairs, texts, MOST_WORDS)
        return cls(letters, words), hstack([by_letters, by_words * WORD_WEIGHT], format="csr")

    def state(self) -> State:
        """Everything that was learned, as plain arrays."""
        blocks = (("letters", self._letters), ("words", self._words))
        parts = {name: np.array(block.parts, np.str_) for name, block in blocks}
        return parts | {f"{name}.rarity": block.rarity for name, block in blocks}

    @classmethod
    def revived(cls, state: State) -> "Features":
        """What `state` gave away."""
        letters = Block(letter_groups, state["letters"].tolist(), state["letters.rarity"])
        return cls(letters, Block(words_and_pairs, state["words"].tolist(), state["words.rarity"]))

    def of(self, text: str) -> Vector:
        """The features of one text; what no example has is not seen."""
        groups = chain.from_iterable(map(self._groups_of, text.split()))
        letters, words = self._letters.weigh(groups), self._words.of(text)
        return Vector(
            np.concatenate([letters.positions, words.positions + len(self._letters)]),
            np.concatenate([letters.weights, words.weights * WORD_WEIGHT]),
        )

    def _groups_of(self, word: str) -> list[int]:
        return self._remembered(word) if self._words.has(word) else self._groups(word)

    def _groups(self, word: str) -> list[int]:
        return self._letters.find(letter_groups(word))


class Block:
    """One kind of features: the parts that texts are cut into, and how rare each of them is."""

    def __init__(self, cut: Cut, parts: Iterable[str], rarity: Floats) -> None:
        self._cut = cut
        self._positions = {part: position for position, part in enumerate(parts)}
        self.rarity = rarity

    @classmethod
    def learned(cls, cut: Cut, texts: Sequence[str], most: int) -> tuple["Block", csr_matrix]:
        """The commonest parts of the texts, how rare they are, and the texts by them, a row each."""
        counts, parts = _counted(cut, texts)
        names = sorted(parts)
        times = counts.sum(axis=0).A1[[parts[name] for name in names]]
        commonest = np.sort(np.argsort(-times, kind="stable")[:most])
        kept = [names[place] for place in commonest]
        rows = counts[:, [parts[name] for name in kept]]
        texts_with = np.bincount(rows.indices, minlength=len(kept))
        rarity = (np.log((1 + len(texts)) / (1 + texts_with)) + 1).astype(np.float32)
        rows.data = (1 + np.log(rows.data)) * rarity[rows.indices]
        each = np.repeat(np.arange(len(texts)), np.diff(rows.indptr))
        rows.data /= np.sqrt(np.bincount(each, rows.data**2)[each]).astype(np.float32)
        return cls(cut, kept, rarity), rows

    def __len__(self) -> int:
        """How many parts are known."""
        return len(self._positions)

    @property
    def parts(self) -> list[str]:
        """The parts that are known, in the order of their positions."""
        return list(self._positions)

    def has(self, part: str) -> bool:
        """Whether the part is one of those that are known."""
        return part in self._positions

    def find(self, parts: Iterable[str]) -> list[int]:
        """The positions of those parts that are known."""
        return [at for at in map(self._positions.get, parts) if at is not None]

    def of(self, text: str) -> Vector:
        """The parts of one text, their weights together at length 1."""
        return self.weigh(self.find(self._cut(text)))

    def weigh(self, found: Iterable[int]) -> Vector:
        """The vector of parts at these positions, of length 1."""
        counts = Counter(found)
        positions = np.fromiter(counts, np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(times)) * self.rarity[positions]
        length = float(np.sqrt(weights @ weights))
        return Vector(positions, weights * np.float32(1 / length if length else 0))


def _counted(cut: Cut, texts: Sequence[str]) -> tuple[csr_matrix, dict[str, int]]:
    """How often each text has each part, and the columns of the parts."""
    columns = defaultdict[str, int]()
    columns.default_factory = columns.__len__
    found, times, ends = array("i"), array("f"), array("i", [0])
    for text in texts:
        counts = Counter(map(columns.__getitem__, cut(text)))
        found.extend(counts)
        times.extend(counts.values())
        ends.append(len(found))
    table = csr_matrix(
        tuple(np.frombuffer(each, each.typecode) for each in (times, found, ends)),
        (len(texts), len(columns)),
    )
    return table, columns


def letter_groups(text: str) -> list[str]:
    """Groups of neighbouring letters, within words; where a word begins and ends is a letter too."""
    return [group for word in text.split() for group in _groups(f" {word} ")]


def words_and_pairs(text: str) -> list[str]:
    """Words, and words that follow each other."""
    words = _WORD.findall(text)
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def _groups(word: str) -> Iterator[str]:
    for size in GROUP_SIZES:
        if len(word) <= size:
            yield word  # once, whole: larger groups than the word are all the same
            return
        yield from [word[at : at + size] for at in range(len(word) - size + 1)]
