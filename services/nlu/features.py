"""A text as numbers: TF-IDF of its letter groups and words, learned with scikit-learn.

scikit-learn needs 2-3 ms to look at one short text, nearly all of it for checks that matter only for
large tables. `Features.of` does the same sums directly; a test holds the two equal.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

WORD_WEIGHT = 0.5
"""Whole words beside their letter groups: compounds and typos make letters the better witness."""


@dataclass(frozen=True)
class Vector:
    """The features that a text has: their positions and weights."""

    positions: Positions
    weights: Floats

    def scaled(self) -> Floats:
        """The weights at length 1; none stay none."""
        length = float(np.sqrt(self.weights @ self.weights))
        return self.weights / length if length else self.weights


class Features:
    """What can be seen in a text, and how telling each of it is, from the examples' own texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b")  # noqa: S106 - no password
        blocks = [letters.fit_transform(texts), words.fit_transform(texts) * WORD_WEIGHT]
        self.rows: csr_matrix = hstack(blocks, format="csr")
        self._blocks = (
            _Block(letters, 0, 1.0), _Block(words, len(letters.vocabulary_), WORD_WEIGHT),
        )  # fmt: skip

    def of(self, text: str) -> Vector:
        """The features of one text; what no example has is not seen."""
        vectors = [block.of(text) for block in self._blocks]
        return Vector(
            np.concatenate([vector.positions for vector in vectors]),
            np.concatenate([vector.weights for vector in vectors]),
        )


class _Block:
    """One kind of features, as scikit-learn learned it."""

    def __init__(self, learned: TfidfVectorizer, offset: int, weight: float) -> None:
        self._analyse: Callable[[str], list[str]] = learned.build_analyzer()
        self._positions: dict[str, Any] = learned.vocabulary_
        self._rarity: Floats = learned.idf_
        self._offset = offset
        self._weight = weight

    def of(self, text: str) -> Vector:
        counts = Counter(part for part in self._analyse(text) if part in self._positions)
        positions = np.fromiter((self._positions[part] for part in counts), np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float64, len(counts))
        found = Vector(positions, (1 + np.log(times)) * self._rarity[positions])
        return Vector(positions + self._offset, found.scaled() * self._weight)
