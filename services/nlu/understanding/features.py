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

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]

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

    def __init__(self, texts: Sequence[str]) -> None:
        letters = _table(analyzer="char_wb", ngram_range=(2, 5), max_features=MOST_LETTER_GROUPS)
        words = _table(ngram_range=(1, 2), token_pattern=r"\b\w+\b", max_features=MOST_WORDS)  # noqa: S106 - no password
        blocks = [letters.fit_transform(texts), words.fit_transform(texts) * WORD_WEIGHT]
        self._rows: csr_matrix | None = hstack(blocks, format="csr").astype(np.float32)
        self._blocks = (
            _Block(letters, 0, 1.0), _Block(words, len(letters.vocabulary_), WORD_WEIGHT),
        )  # fmt: skip

    def rows(self) -> csr_matrix:
        """The features of the texts themselves: to be asked for once, they are not kept."""
        rows, self._rows = self._rows, None
        return rows

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
        self._positions: dict[str, int] = {
            part: int(position) for part, position in learned.vocabulary_.items()
        }
        self._rarity: Floats = learned.idf_.astype(np.float32)
        self._offset = offset
        self._weight = weight

    def of(self, text: str) -> Vector:
        known = self._positions
        counts = Counter(known[part] for part in self._analyse(text) if part in known)
        positions = np.fromiter(counts, np.intp, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        weights = (1 + np.log(times)) * self._rarity[positions]
        length = float(np.sqrt(weights @ weights))
        scale = np.float32(self._weight / length) if length else np.float32(0)
        return Vector(positions + self._offset, weights * scale)


def _table(**how: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **how)
