"""Those who judge what a message is about: its letters and words, its meaning, its nearest example.

Each gives a score to every topic; how far each is to be trusted is the business of calibration.py.
"""

from collections.abc import Callable, Sequence

import numpy as np

from services.nlu.understanding.calibration import Flags
from services.nlu.understanding.encoder import WIDTH, Vectors, scaled
from services.nlu.understanding.features import Features
from services.nlu.understanding.regression import Floats, Labels, learn, scores_of

SPREAD = np.float32(np.sqrt(2))
"""The length that each layer's vector is given before learning: letters have about 1."""

NEARNESS = np.float32(10)
"""Likeness to the nearest example, -1 to 1, stretched to the size of the others' scores."""


DIRECTIONS = 160

AT_A_TIME = 256
"""Texts that are set beside all examples at once: more would only take memory."""

Crossed = tuple[Floats, ...]
"""The scores that examples got from what was learned without them, for each judge."""

Without = Callable[[Flags, Flags], tuple[Floats, Crossed]]
"""Learns from some examples; gives the weights, and the scores of the others."""


class Spelling:
    """Letter groups and words under a logistic regression."""

    def __init__(
        self, texts: Sequence[str], labels: Labels, classes: int, parts: Sequence[Flags]
    ) -> None:
        self._features = Features(texts)
        rows = self._features.rows()

        def without(kept: Flags, left: Flags) -> tuple[Floats, Crossed]:
            weights = learn(rows[kept], labels[kept], classes)
            return weights, (scores_of(rows[left], weights),)

        self.crossed, start = _crossed(parts, 1, classes, without)
        self._weights = learn(rows, labels, classes, start)

    def judge(self, text: str) -> tuple[Floats, ...]:
        """The scores of one text."""
        seen = self._features.of(text)
        scores: Floats = seen.weights @ self._weights[seen.positions] + self._weights[-1]
        return (scores[None],)


class Meaning:
    """The encoder's vectors under a logistic regression, and likeness to a topic's nearest example."""

    def __init__(
        self, vectors: Vectors, labels: Labels, classes: int, parts: Sequence[Flags]
    ) -> None:
        self._middle: Vectors = vectors.mean(axis=0)
        rows = self._centred(vectors)
        del vectors

        def without(kept: Flags, left: Flags) -> tuple[Floats, Crossed]:
            known = rows[kept]
            weights = learn(known, labels[kept], classes)
            nearest = _Nearest(known, labels[kept], classes)
            return weights, (scores_of(rows[left], weights), nearest.scores(rows[left]))

        self.crossed, start = _crossed(parts, 2, classes, without)
        self._weights = learn(rows, labels, classes, start)
        self._nearest = _Nearest(rows, labels, classes)

    def judge(self, vectors: Vectors) -> tuple[Floats, ...]:
        """The scores of texts by their vectors."""
        rows = self._centred(vectors)
        return scores_of(rows, self._weights), self._nearest.scores(rows)

    def _centred(self, vectors: Vectors) -> Vectors:
        """What all texts have in common taken away; it is most of what a vector says."""
        layers = (vectors - self._middle).reshape(-1, WIDTH)
        return (scaled(layers) * SPREAD).reshape(len(vectors), -1)


class _Nearest:
    """For each topic the likeness of its nearest example, by the last layer.

    The directions in which examples differ most say nearly all of it, and are soon looked through.
    """

    def __init__(self, rows: Vectors, labels: Labels, classes: int) -> None:
        last = rows[:, -WIDTH:]
        _, directions = np.linalg.eigh(last.T @ last)
        self._directions: Vectors = np.ascontiguousarray(directions[:, -DIRECTIONS:])
        order = np.argsort(labels, kind="stable")
        self._examples: Vectors = np.ascontiguousarray(self._seen(rows)[order].T)
        self._present, self._starts = np.unique(labels[order], return_index=True)
        self._classes = classes

    def scores(self, rows: Vectors) -> Floats:
        found = np.full((len(rows), self._classes), -NEARNESS, np.float32)
        for start in range(0, len(rows), AT_A_TIME):
            some = slice(start, start + AT_A_TIME)
            likeness = self._seen(rows[some]) @ self._examples
            best = np.maximum.reduceat(likeness, self._starts, axis=1)
            found[some, self._present] = NEARNESS * best
        return found

    def _seen(self, rows: Vectors) -> Vectors:
        return scaled(rows[:, -WIDTH:] @ self._directions)


def _crossed(
    parts: Sequence[Flags], judges: int, classes: int, without: Without
) -> tuple[Crossed, Floats | None]:
    """The scores of the parts' examples by what was learned `without` each part, and its mean.

    Only examples that were left out have a line, in the order of the examples.
    """
    places = [np.flatnonzero(left) for left in parts]
    tried = np.sort(np.concatenate(places)) if places else np.zeros(0, np.intp)
    found = tuple(np.zeros((len(tried), classes), np.float32) for _ in range(judges))
    total: Floats | None = None
    for left, place in zip(parts, places, strict=True):
        weights, scores = without(~left, left)
        share = weights / np.float32(len(parts))
        total = share if total is None else total + share
        for whole, part in zip(found, scores, strict=True):
            whole[np.searchsorted(tried, place)] = part
    return found, total
