"""Multinomial logistic regression: weights that tell classes apart, found by L-BFGS.

Written out because it is ten times as fast as the library's here (single floats, steps that know how
common each feature is), takes letter groups and vectors alike, and gives the same bytes for the same
rows every time.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import saxpy, sdot, snrm2
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.intp]
Memory = deque[tuple[Floats, Floats, np.float32]]

REGULARITY = 5.0
"""The inverse of the penalty on large weights, as scikit-learn's C."""

MOST_STEPS = 150
REMEMBERED = 3
SMALLEST_GAIN = 2e-4
"""When to stop, as a share of the loss: what comes after changes no answer."""

STIFFNESS = 3.0
"""How much more a common feature resists than its share of the rows says: found by trying."""

FIRST_STEP = 0.3
SMALLEST_STEP = 1e-6
ENOUGH_DESCENT = 1e-4
SHRINK = 0.4


@dataclass(frozen=True)
class _Problem:
    """Rows with their classes; a solution is a row of weights a column, and last the biases."""

    rows: csr_matrix | Floats
    labels: Labels
    classes: int

    def look(self, flat: Floats) -> tuple[float, Floats]:
        """The loss of these weights, and its slope."""
        count, weights = len(self.labels), flat.reshape(-1, self.classes)
        scores = scores_of(self.rows, weights)
        scores -= scores.max(axis=1, keepdims=True)
        each = np.arange(count)
        loss = -scores[each, self.labels]
        errors = np.exp(scores, out=scores)
        sums = errors.sum(axis=1, keepdims=True)
        loss += np.log(sums[:, 0])
        errors /= sums * np.float32(count)
        errors[each, self.labels] -= np.float32(1 / count)
        slope = np.empty_like(weights)
        slope[:-1] = self.rows.T @ errors
        slope[-1] = errors.sum(axis=0)
        penalty, size = 1 / (REGULARITY * count), len(flat) - self.classes
        saxpy(flat, slope.ravel(), size, penalty)
        length = float(snrm2(flat[:size]))
        return float(loss.mean(dtype=np.float64)) + penalty * length**2 / 2, slope.ravel()


def scores_of(rows: csr_matrix | Floats, weights: Floats) -> Floats:
    """What the weights make of the rows: a score a class."""
    scores: Floats = np.asarray(rows @ weights[:-1])
    scores += weights[-1]
    return scores


def learn(
    rows: csr_matrix | Floats, labels: Labels, classes: int, start: Floats | None = None
) -> Floats:
    """The weights for these rows, the biases in the last line; soon found from a good `start`."""
    problem = _Problem(rows, labels, classes)
    size = (rows.shape[1] + 1) * classes
    flat = np.zeros(size, np.float32) if start is None else start.ravel()
    ease = _ease(problem)
    loss, slope = problem.look(flat)
    memory: Memory = deque(maxlen=REMEMBERED)
    for _ in range(MOST_STEPS):
        way = _way(slope, memory, ease)
        moved, new_loss, new_slope = _step(problem, flat, loss, way, -float(slope @ way))
        step, change = moved - flat, new_slope - slope
        if (bend := float(step @ change)) > 0:
            memory.append((step, change, np.float32(1 / bend)))
        gain, flat, loss, slope = loss - new_loss, moved, new_loss, new_slope
        if gain < SMALLEST_GAIN * max(abs(loss), 1e-3):
            break
    return flat.reshape(-1, classes)


def _ease(problem: _Problem) -> Floats:
    """How far each weight may go at a time: a rare feature's far, a common one's less."""
    rows, share = problem.rows, 1 / max(problem.classes, 2)
    bend = share * (1 - share)
    penalty = 1 / (REGULARITY * len(problem.labels))
    stiff = STIFFNESS * bend * _mean_squares(rows) + penalty
    return np.repeat((1 / np.append(stiff, bend)).astype(np.float32), problem.classes)


def _mean_squares(rows: csr_matrix | Floats) -> Floats:
    """How common each feature is."""
    if isinstance(rows, csr_matrix):
        return np.asarray(rows.multiply(rows).mean(axis=0)).ravel()
    squares: Floats = np.einsum("ij,ij->j", rows, rows) / len(rows)
    return squares


def _way(slope: Floats, memory: Memory, ease: Floats) -> Floats:
    """Against which direction to go: the slope, bent by how it changed over the last steps."""
    way, shares = slope.copy(), []
    for step, change, inverse in reversed(memory):
        share = float(inverse * sdot(step, way))
        saxpy(change, way, a=-share)
        shares.append(share)
    way *= ease
    if memory:
        _, change, inverse = memory[-1]
        way *= 1 / (inverse * sdot(change, ease * change))
    else:
        way *= np.float32(FIRST_STEP)
    for (step, change, inverse), share in zip(memory, reversed(shares), strict=True):
        saxpy(step, way, a=share - float(inverse * sdot(change, way)))
    return way


def _step(
    problem: _Problem, flat: Floats, loss: float, way: Floats, descent: float
) -> tuple[Floats, float, Floats]:
    """A step that lowers the loss, with the loss and slope after it."""
    length = 1.0
    while True:
        moved = saxpy(way, flat.copy(), a=-length)
        new_loss, slope = problem.look(moved)
        if new_loss <= loss + ENOUGH_DESCENT * length * descent or length < SMALLEST_STEP:
            return moved, new_loss, slope
        length *= SHRINK
