"""Figures of a classifier that may say "I don't know". Pure; a figure that cannot be told is None."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 15


def share(part: int, whole: int) -> float | None:
    """A share; None of nothing."""
    return round(part / whole, 4) if whole else None


def mean_f1(expected: Sequence[str], got: Sequence[str]) -> float | None:
    """The mean F1 of the labels that are expected somewhere, each counting the same."""
    labels = sorted(set(expected))
    scores = [f1(*precision_recall(label, expected, got)) for label in labels]
    return round(sum(scores) / len(scores), 4) if scores else None


def precision_recall(
    label: str, expected: Sequence[str], got: Sequence[str]
) -> tuple[float | None, float | None]:
    """How many of those taken for a label are it; how many of it are taken for it."""
    pairs = Counter(zip(expected, got, strict=True))
    right = pairs[label, label]
    taken = sum(count for (_, one), count in pairs.items() if one == label)
    there = sum(count for (one, _), count in pairs.items() if one == label)
    return share(right, taken), share(right, there)


def f1(precision: float | None, recall: float | None) -> float:
    """The harmonic mean; 0 where nothing was right."""
    if not precision or not recall:
        return 0.0
    return round(2 * precision * recall / (precision + recall), 4)


def auroc(inside: Doubles, outside: Doubles) -> float | None:
    """How probable it is that a score of one inside is above one outside; equal ones count half."""
    if not len(inside) or not len(outside):
        return None
    ranked = np.sort(outside)
    below = np.searchsorted(ranked, inside, "left")
    equal = np.searchsorted(ranked, inside, "right") - below
    return round(float((below + equal / 2).sum() / (len(inside) * len(outside))), 4)


def caught_at(inside: Doubles, outside: Doubles, rejected: float) -> float | None:
    """The share of those outside below the score that rejects so large a share of those inside."""
    if not len(inside) or not len(outside):
        return None
    bound = np.sort(inside)[int(np.floor(rejected * len(inside)))]
    return round(float((outside < bound).mean()), 4)


def calibration_error(confidence: Doubles, right: Flags, bins: int = BINS) -> float | None:
    """The expected calibration error: how far confidence is from how often it is right."""
    if not len(confidence):
        return None
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for one in np.unique(place):
        there = place == one
        total += there.sum() * abs(float(confidence[there].mean()) - float(right[there].mean()))
    return round(total / len(confidence), 4)


def quantile(values: Sequence[float], at: float) -> float | None:
    """The value that so large a share of the values does not exceed."""
    return round(float(np.quantile(np.array(values), at)), 3) if values else None
