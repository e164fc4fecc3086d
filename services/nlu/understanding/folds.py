"""Divides examples into parts for cross-validation; the same examples, the same parts."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from services.nlu.understanding.calibration import Flags
from services.nlu.understanding.regression import Labels

VERY_FEW = 500
PARTS_OF_VERY_FEW = 20
"""A topic of five examples loses a fifth of what is known of it when one is left out."""

MANY = 3000
PARTS_OF_FEW = 10
PARTS_OF_MANY = 8
TRIED_OF_MANY = 2
"""Each part that is left out costs a lesson of its own; a quarter of many examples says enough."""


def folds(texts: Sequence[str], labels: Labels) -> tuple[Flags, ...]:
    """For each lesson which examples are left out; equal texts are left out together."""
    few = len(texts) <= MANY
    count = _parts(len(texts))
    places: dict[tuple[int, str], int] = {}
    sizes: dict[int, int] = {}
    pairs = list(zip(labels.tolist(), texts, strict=True))
    for label, text in sorted(set(pairs), key=lambda pair: (pair[0], _mixed_up(pair[1]))):
        places[label, text] = sizes.setdefault(label, label) % count
        sizes[label] += 1
    found = np.array([places[pair] for pair in pairs])
    lessons = (found == part for part in range(count if few else TRIED_OF_MANY))
    return tuple(left for left in lessons if left.any() and not left.all())


def _parts(examples: int) -> int:
    if examples > MANY:
        return PARTS_OF_MANY
    return PARTS_OF_FEW if examples > VERY_FEW else PARTS_OF_VERY_FEW


def _mixed_up(text: str) -> tuple[int, str]:
    return crc32(text.encode("utf-8", "replace")), text
