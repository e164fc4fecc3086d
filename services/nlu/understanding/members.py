"""Those who judge what a message is about: its letters and words, its meaning, its nearest example.

Each gives a score to every topic; how far each is to be trusted is the business of calibration.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from services.nlu.understanding.calibration import Flags
from services.nlu.understanding.encoder import WIDTH, Vectors, lengths, scaled
from services.nlu.understanding.features import Features, State
from services.nlu.understanding.regression import Floats, Labels, learn, scores_of

SPREAD = np.float32(np.sqrt(2))
"""The length that each layer's vector is given before learning: letters have about 1."""

NEARNESS = np.float32(10)
"""Likeness to the nearest example, -1 to 1, stretched to the size of the others' scores."""

DIRECTIONS = 160
"""As many of the 384 as tell examples apart."""

AT_A_TIME = 256
"""Texts that are set beside all examples at once: more would only take memory."""

Crossed = tuple[Floats, ...]
"""The scores that examples got from what was learned without them, for each judge."""

Without = Callable[[Flags, Flags], tuple[Floats, Crossed]]
"""Learns from some examples; gives the weights, and the scores of the others."""


@dataclass(frozen=True)
class Spelling:
    """Letter groups and words under a logistic regression."""

    features: Features
    weights: Floats

    @classmethod
    def learned(
        cls, texts: Sequence[str], labels: Labels, classes: int, parts: Sequence[Flags]
    ) -> tuple["Spelling", Crossed]:
        """What the texts teach, and what those of each part were given without it."""
        features, rows = Features.learned(texts)

        def without(kept: Flags, left: Flags) -> tuple[Floats, Crossed]:
            weights = learn(rows[kept], labels[kept], classes)
            return weights, (scores_of(rows[left], weights),)

        crossed, start = _crossed(parts, 1, classes, without)
        return cls(features, learn(rows, labels, classes, start)), crossed

    def judge(self, text: str) -> tuple[Floats, ...]:
        """The scores of one text."""
        seen = self.features.of(text)
        scores: Floats = seen.weights @ self.weights[seen.positions] + self.weights[-1]
        return (scores[None],)

    def state(self) -> State:
        """Everything that was learned, as plain arrays."""
        return {**self.features.state(), "spelling": self.weights}

    @classmethod
    def revived(cls, state: State) -> "Spelling":
        """What `state` gave away."""
        return cls(Features.revived(state), state["spelling"])


@dataclass(frozen=True)
class Meaning:
    """The encoder's vectors under a logistic regression, and likeness to a topic's nearest example."""

    middle: Vectors
    weights: Floats
    nearest: "Nearest"

    @classmethod
    def learned(
        cls, vectors: Vectors, labels: Labels, classes: int, parts: Sequence[Flags]
    ) -> tuple["Meaning", Crossed]:
        """What the vectors teach, and what those of each part were given without it.

        The vectors are used up. What all of them have in common is most of what each says: it is
        taken away.
        """
        middle: Vectors = vectors.mean(axis=0)
        vectors -= middle  # in place, here and below: there may be very many of them
        rows = _evened(vectors)

        def without(kept: Flags, left: Flags) -> tuple[Floats, Crossed]:
            known = rows[kept]
            weights = learn(known, labels[kept], classes)
            nearest = Nearest.among(known, labels[kept], classes)
            del known  # before the next copy: together they are half of what learning needs
            unseen = rows[left]
            return weights, (scores_of(unseen, weights), nearest.scores(unseen))

        crossed, start = _crossed(parts, 2, classes, without)
        weights = learn(rows, labels, classes, start)
        return cls(middle, weights, Nearest.among(rows, labels, classes)), crossed

    def judge(self, vectors: Vectors) -> tuple[Floats, ...]:
        """The scores of texts by their vectors."""
        rows = _evened(vectors - self.middle)
        return scores_of(rows, self.weights), self.nearest.scores(rows)

    def state(self) -> State:
        """Everything that was learned, as plain arrays."""
        return {**self.nearest.state(), "middle": self.middle, "meaning": self.weights}

    @classmethod
    def revived(cls, state: State) -> "Meaning":
        """What `state` gave away."""
        return cls(state["middle"], state["meaning"], Nearest.revived(state))


@dataclass(frozen=True)
class Nearest:
    """For each topic the likeness of its nearest example, by the last layer.

    The directions in which examples differ most say nearly all of it, and are soon looked through.
    Examples are columns, in the order of their topics; `starts` says where each one of `present` begins.
    """

    directions: Vectors
    examples: Vectors
    present: Labels
    starts: Labels
    classes: int

    @classmethod
    def among(cls, rows: Vectors, labels: Labels, classes: int) -> "Nearest":
        """The examples of these rows."""
        last = rows[:, -WIDTH:]
        _, directions = np.linalg.eigh(last.T @ last)
        best: Vectors = np.ascontiguousarray(directions[:, -DIRECTIONS:])
        order = np.argsort(labels, kind="stable")
        present, starts = np.unique(labels[order], return_index=True)
        examples = np.ascontiguousarray(_seen(rows, best)[order].T)
        return cls(best, examples, present, starts, classes)

    def scores(self, rows: Vectors) -> Floats:
        """A score a topic for each row."""
        found = np.full((len(rows), self.classes), -NEARNESS, np.float32)
        for start in range(0, len(rows), AT_A_TIME):
            some = slice(start, start + AT_A_TIME)
            likeness = _seen(rows[some], self.directions) @ self.examples
            best = np.maximum.reduceat(likeness, self.starts, axis=1)
            found[some, self.present] = NEARNESS * best
        return found

    def state(self) -> State:
        """Everything that was learned, as plain arrays."""
        return {
            "directions": self.directions, "examples": self.examples, "present": self.present,
            "starts": self.starts, "classes": np.array(self.classes),
        }  # fmt: skip

    @classmethod
    def revived(cls, state: State) -> "Nearest":
        """What `state` gave away."""
        return cls(
            state["directions"], state["examples"], state["present"], state["starts"],
            int(state["classes"]),
        )  # fmt: skip


def _seen(rows: Vectors, directions: Vectors) -> Vectors:
    return scaled(rows[:, -WIDTH:] @ directions)


def _evened(rows: Vectors) -> Vectors:
    """The rows themselves, each layer of each at the same length."""
    layers = rows.reshape(-1, WIDTH)
    layers *= (SPREAD / lengths(layers))[:, None]
    return rows


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
