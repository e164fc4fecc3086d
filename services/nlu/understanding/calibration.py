"""How sure is sure: judges weighed by how well they did on examples they had not seen.

Cross-validation asks every example of judges that were taught without it. From those answers come
the share of each judge (which is also the calibration of the probabilities), and what a merchant
gets for a threshold: how much the bot answers, and how much of that is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from services.nlu.understanding.regression import Floats, Labels

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MIX_PARTS = ("shares", "usual", "spread")
"""What a mix learned, beside the topics that it was told."""

LEAST_REFUSED = 0.03
"""The least sure examples count as unknown in any case: visitors ask what no example foresaw."""

LEAST_ANSWERS = 20
"""A rate over fewer answers is chance."""


@dataclass(frozen=True)
class Reading:
    """The judges' common verdict on texts: chances of the topics, and how known each text looks."""

    chances: Doubles
    sureness: Doubles


@dataclass(frozen=True)
class Mix:
    """The judges' shares, and the usual size of what their verdicts are measured by.

    `open_topics` are those that a bot can answer; the others say that it should not.
    """

    shares: tuple[float, ...]
    open_topics: Flags
    usual: tuple[float, float] = (0.0, 0.0)
    spread: tuple[float, float] = (1.0, 1.0)

    def read(self, judged: Sequence[Floats]) -> Reading:
        """The verdict: sureness joins the best topic's odds with the strength of all the scores.

        Odds alone are high for a text that is unlike everything, yet a little less unlike one topic.
        """
        scores = _mixed(self.shares, judged)
        chances = np.exp(scores - _strength(scores)[:, None])
        signs = _signs(scores, chances, self.open_topics)
        parts = zip(signs, self.usual, self.spread, strict=True)
        return Reading(chances, sum(((sign - at) / by for sign, at, by in parts), np.zeros(())))

    def state(self) -> dict[str, Doubles]:
        """Everything that was learned, as plain arrays."""
        return {part: np.array(getattr(self, part)) for part in MIX_PARTS}

    @classmethod
    def revived(cls, state: Mapping[str, Doubles], open_topics: Flags) -> "Mix":
        """What `state` gave away."""
        shares, usual, spread = (tuple(state[part].tolist()) for part in MIX_PARTS)
        return cls(shares, open_topics, usual, spread)


def mix(
    judged: Sequence[Floats], labels: Labels, open_topics: Flags, weights: Doubles | None = None
) -> Mix:
    """The shares under which these verdicts on unseen lines, of these weights, are the likeliest."""
    # Imported here: half a second that only teaching takes, and a service learned its packs before.
    from scipy.optimize import minimize

    if not len(labels):
        return Mix((1.0,) * len(judged), open_topics)
    shares = minimize(
        _surprise, np.full(len(judged), 0.7), args=(judged, labels, _even(weights, len(labels))), jac=True,
        method="L-BFGS-B", bounds=[(0.0, None)] * len(judged),
    ).x  # fmt: skip
    scores = _mixed(shares, judged)
    chances = np.exp(scores - _strength(scores)[:, None])
    known = open_topics[labels]
    signs = [sign[known] for sign in _signs(scores, chances, open_topics)]
    if not known.any():
        return Mix(tuple(map(float, shares)), open_topics)
    usual, spread = zip(*((float(s.mean()), float(s.std()) or 1.0) for s in signs), strict=True)
    return Mix(tuple(map(float, shares)), open_topics, usual, spread)


@dataclass(frozen=True)
class Point:
    """What a threshold gives: the share of questions answered, and of answers that are wrong."""

    threshold: float
    coverage: float
    wrong: float


@dataclass(frozen=True)
class Calibration:
    """How unseen lines fared: sureness, whether the best topic is right and open, whether known.

    Their weights say how much each counts.
    """

    sureness: Doubles
    right: Flags
    answerable: Flags
    known: Flags
    weights: Doubles

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Everything that was learned, as plain arrays."""
        return {f"trial.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def revived(cls, state: Mapping[str, npt.NDArray[Any]]) -> "Calibration":
        """What `state` gave away."""
        return cls(**{field.name: state[f"trial.{field.name}"] for field in fields(cls)})

    def point(self, threshold: float) -> Point:
        """What this threshold gave on them."""
        answered = self.answerable & (self.sureness >= threshold)
        wrong = self._share(answered & ~self.right, answered)
        coverage = self._share(answered & self.known, self.known)
        return Point(threshold, round(coverage, 4), round(wrong, 4))

    def _share(self, some: Flags, of: Flags) -> float:
        whole = float(self.weights[of].sum())
        return float(self.weights[some].sum()) / whole if whole else 0.0

    def curve(self, points: int = 41) -> tuple[Point, ...]:
        """From answering everything to answering next to nothing."""
        steps = np.quantile(self.sureness, np.linspace(0, 0.98, points))
        return tuple(self.point(float(step)) for step in steps)

    def choose(self, rate: float) -> Point:
        """The lowest threshold with no more than this rate of wrong answers from there on."""
        order = np.flatnonzero(self.answerable)
        order = order[np.argsort(-self.sureness[order], kind="stable")]
        weights, wrong = self.weights[order], ~self.right[order] * self.weights[order]
        fine = np.cumsum(wrong) <= rate * np.cumsum(weights)
        fine[:LEAST_ANSWERS] = True
        last = int(np.flatnonzero(fine)[-1]) if fine.any() else 0
        known = self.sureness[self.known & self.right]
        least = float(np.quantile(known, LEAST_REFUSED)) if len(known) else 0.0
        return self.point(max(float(self.sureness[order[last]]), least) if len(order) else least)


def calibrate(
    reading: Reading, labels: Labels, open_topics: Flags, weights: Doubles | None = None
) -> Calibration:
    """What a reading of unseen lines, of these weights, says of the thresholds to come."""
    best = reading.chances.argmax(axis=1)
    even = _even(weights, len(labels))
    return Calibration(
        reading.sureness, best == labels, open_topics[best], open_topics[labels], even
    )


def _even(weights: Doubles | None, count: int) -> Doubles:
    """The weights, by default the same for all; they add up to 1."""
    return np.full(count, 1 / max(count, 1)) if weights is None else weights / weights.sum()


def _mixed(shares: Sequence[float] | Doubles, judged: Sequence[Floats]) -> Doubles:
    parts = (
        share * scores.astype(np.float64) for share, scores in zip(shares, judged, strict=True)
    )
    total: Doubles = sum(parts, np.zeros(()))
    return total


def _strength(scores: Doubles) -> Doubles:
    highest = scores.max(axis=1)
    strength: Doubles = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return strength


def _signs(scores: Doubles, chances: Doubles, open_topics: Flags) -> tuple[Doubles, Doubles]:
    if not open_topics.any():
        return np.zeros(len(scores)), np.zeros(len(scores))
    best = np.clip(chances[:, open_topics].max(axis=1), 1e-9, 1 - 1e-9)
    return _strength(scores[:, open_topics]), np.log(best / (1 - best))


def _surprise(
    shares: Doubles, judged: Sequence[Floats], labels: Labels, weights: Doubles
) -> tuple[float, Doubles]:
    """The mean surprise at the true topics, and its slope."""
    scores, each = _mixed(shares, judged), np.arange(len(labels))
    strength = _strength(scores)
    chances = np.exp(scores - strength[:, None])
    slope = [float(weights @ ((chances * s).sum(axis=1) - s[each, labels])) for s in judged]
    return float(weights @ (strength - scores[each, labels])), np.array(slope)
