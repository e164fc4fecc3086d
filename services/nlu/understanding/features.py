"""A text as numbers: TF-IDF of its letter groups and words, learned with scikit-learn.

scikit-learn needs 2-3 ms to look at one short text, nearly all of it for checks that matter only for
large tables. `Features.of` does the same sums directly; a test holds the two equal.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]
Strings = npt.NDArray[Any]
State = Mapping[str, npt.NDArray[Any]]
"""What was learned, as arrays by name: it can be kept, and be revived in another process."""

Analyse = Callable[[str], list[str]]

WORD_WEIGHT = 0.5
"""Whole words beside their letter groups: compounds and typos make letters the better witness."""

MOST_LETTER_GROUPS = 24_000
MOST_WORDS = 8_000
"""The commonest are kept: the others were seen once or twice and only cost memory."""


@dataclass(frozen=True)
class Vector:
    """The features that a text has: their positions and weights."""

    positions: Positions
    weights: Floats


class Features:
    """What can be seen in a text, and how telling each of it is, from the examples' own texts."""

    def __init__(self, letters: "Block", words: "Block") -> None:
        self._blocks = letters, words

    @classmethod
    def learned(cls, texts: Sequence[str]) -> tuple["Features", csr_matrix]:
        """What these texts teach, and the features of the texts themselves, a row each."""
        tables = _letters(), _words()
        rows = [table.fit_transform(texts) for table in tables]
        letters, words = (
            Block(table.build_analyzer(), table.get_feature_names_out(), table.idf_)
            for table in tables
        )
        stacked = hstack([rows[0], rows[1] * WORD_WEIGHT], format="csr").astype(np.float32)
        return cls(letters, words), stacked

    def state(self) -> State:
        """Everything that was learned, as plain arrays."""
        letters, words = self._blocks
        return {
            "letters": letters.parts, "letters.rarity": letters.rarity,
            "words": words.parts, "words.rarity": words.rarity,
        }  # fmt: skip

    @classmethod
    def revived(cls, state: State) -> "Features":
        """What `state` gave away."""
        letters = Block(_letters().build_analyzer(), state["letters"], state["letters.rarity"])
        words = Block(_words().build_analyzer(), state["words"], state["words.rarity"])
        return cls(letters, words)

    def of(self, text: str) -> Vector:
        """The features of one text; what no example has is not seen."""
        letters, words = (block.of(text) for block in self._blocks)
        return Vector(
            np.concatenate([letters.positions, words.positions + len(self._blocks[0].parts)]),
            np.concatenate([letters.weights, words.weights * np.float32(WORD_WEIGHT)]),
        )


class Block:
    """One kind of features: the parts that texts are cut into, and how rare each of them is."""

    def __init__(self, analyse: Analyse, parts: Strings, rarity: npt.NDArray[Any]) -> None:
        self._analyse = analyse
        self.parts = parts.astype(np.str_)
        self.rarity: Floats = rarity.astype(np.float32)
        self._positions = {part: position for position, part in enumerate(parts.tolist())}

    def of(self, text: str) -> Vector:
        """The parts of one text, their weights together at length 1."""
        known = self._positions
        counts = Counter(known[part] for part in self._analyse(text) if part in known)
        positions = np.fromiter(counts, np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(times)) * self.rarity[positions]
        length = float(np.sqrt(weights @ weights))
        return Vector(positions, weights * np.float32(1 / length if length else 0))


def _letters() -> TfidfVectorizer:
    return _table(analyzer="char_wb", ngram_range=(2, 5), max_features=MOST_LETTER_GROUPS)


def _words() -> TfidfVectorizer:
    return _table(ngram_range=(1, 2), token_pattern=r"\b\w+\b", max_features=MOST_WORDS)  # noqa: S106 - no password


def _table(**how: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **how)
