"""Words of a catalogue and the products that have them; found in spite of endings, compounds and typos."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from services.nlu.shop.retail import forms, has_head, is_thing, stem

Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]

GRAM = 3
EQUAL, SAME_STEM = 1.0, 0.97
HEAD, KIND, NARROWER = 0.93, 0.87, 0.88
"""A compound's head ("skalljakke" for "jakke"), its first part, and a plainer word than was asked for."""

ONE_TYPO, TWO_TYPOS = 0.9, 0.86
LETTERS = 0.75
"""What the share of common letter groups counts, where nothing else fits."""

LEAST_PART = 4
LEAST_REST = 3
TYPO_LENGTHS = (4, 7)
"""So long a word may have one typo, and two."""

MOST_LIKE = 24
"""Words that share letter groups which are looked at closely."""

MOST_IN_RANGE = 2000


class Words:
    """The different words of a catalogue, and where each of them stands."""

    def __init__(self, places: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        ids: dict[str, int] = {}
        word_of, product_of, weight_of = array("i"), array("i"), array("B")
        for product, weights in places:
            for word, weight in weights.items():
                word_of.append(ids.setdefault(word, len(ids)))
                product_of.append(product)
                weight_of.append(round(weight * 100))
        self._ids = ids
        self._words = list(ids)
        order = (
            np.argsort(np.frombuffer(word_of, np.int32), kind="stable")
            if ids
            else np.zeros(0, np.int64)
        )
        self._products: Numbers = np.array(product_of, np.int32)[order]
        self._weights: Scores = np.array(weight_of, np.float32)[order] / np.float32(100)
        counts = np.bincount(np.array(word_of, np.int64), minlength=len(ids))
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._learn_forms()

    def _learn_forms(self) -> None:
        stems = [stem(word) for word in self._words]
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        grams: dict[str, list[int]] = defaultdict(list)
        for number, (word, short) in enumerate(zip(self._words, stems, strict=True)):
            self._by_stem[short].append(number)
            for gram in _grams(word):
                grams[gram].append(number)
        self._grams = {gram: np.array(numbers, np.int32) for gram, numbers in grams.items()}
        self._forward = sorted(zip(stems, range(len(stems)), strict=True))
        self._backward = sorted((short[::-1], number) for number, short in enumerate(stems))

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def score(self, asked: str, count: int, least: float) -> Scores:
        """How well each of `count` products fits one word of a question; 0 below `least`."""
        scores = np.zeros(count, np.float32)
        for number, likeness in self.like(asked, least).items():
            span = slice(self._starts[number], self._starts[number + 1])
            products, weights = self._products[span], self._weights[span]
            fit = likeness * weights
            # Words beside the title count only where they fit well: a "stove" is no "støvel".
            fit = np.where((weights < 1) & (likeness < NARROWER), 0, fit)
            scores[products] = np.maximum(scores[products], fit)
        return scores

    def like(self, asked: str, least: float) -> dict[int, float]:
        """The catalogue's words that mean what `asked` means, with how sure that is."""
        found: dict[int, float] = {}
        self._note(found, self._related(asked), 1.0)
        for form, factor in forms(asked):
            self._note(found, self._related(form), factor)
        if not is_thing(asked) and not has_head(asked) and asked not in self._ids:
            self._note(found, self._misspelled(asked), 1.0)
        return {number: likeness for number, likeness in found.items() if likeness >= least}

    def _note(
        self, found: dict[int, float], likes: Iterable[tuple[int, float]], factor: float
    ) -> None:
        for number, likeness in likes:
            found[number] = max(found.get(number, 0.0), likeness * factor)

    def _related(self, asked: str) -> Iterator[tuple[int, float]]:
        """Equal words, other endings, and compounds on either side."""
        short = stem(asked)
        if asked in self._ids:
            yield self._ids[asked], EQUAL
        yield from ((number, SAME_STEM) for number in self._by_stem.get(short, ()))
        if len(short) >= LEAST_PART:
            yield from ((n, HEAD) for n in _starting(self._backward, short[::-1]))
            yield from ((n, KIND) for n in _starting(self._forward, short))
        for start in range(LEAST_REST, len(short) - LEAST_PART + 1):
            yield from ((number, NARROWER) for number in self._by_stem.get(short[start:], ()))

    def _misspelled(self, asked: str) -> Iterator[tuple[int, float]]:
        own = [self._grams[gram] for gram in _grams(asked) if gram in self._grams]
        if not own:
            return
        numbers, shared = np.unique(np.concatenate(own), return_counts=True)
        best = np.argsort(-shared, kind="stable")[:MOST_LIKE]
        for number, common in zip(numbers[best], shared[best], strict=True):
            word = self._words[number]
            yield int(number), max(_typo(asked, word), _letters(asked, word, int(common)))


def _grams(word: str) -> set[str]:
    framed = f" {word} "
    return {framed[start : start + GRAM] for start in range(len(framed) - GRAM + 1)}


def _starting(ordered: list[tuple[str, int]], beginning: str) -> Iterator[int]:
    """Numbers of the words that begin so, and go on for another word's length."""
    start = bisect_left(ordered, (beginning, -1))
    for word, number in ordered[start : start + MOST_IN_RANGE]:
        if not word.startswith(beginning):
            return
        if len(word) - len(beginning) >= LEAST_REST:
            yield number


def _typo(asked: str, own: str) -> float:
    shorter = min(len(asked), len(own))
    if shorter < TYPO_LENGTHS[0] or abs(len(asked) - len(own)) > len(TYPO_LENGTHS):
        return 0.0
    distance = edits(asked, own, len(TYPO_LENGTHS))
    if distance <= 1:
        return ONE_TYPO
    return TWO_TYPOS if distance == len(TYPO_LENGTHS) and shorter >= TYPO_LENGTHS[1] else 0.0


def _letters(asked: str, own: str, shared: int) -> float:
    """The share of the shorter word's letter groups, so that compounds match."""
    return LETTERS * shared / min(len(_grams(asked)), len(_grams(own)))


def edits(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change or swap; `most` + 1 where it is more."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            swapped = (
                row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against
            )
            line.append(min(cost, before[column - 2] + 1) if swapped else cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
