"""Phrases that ask the same, brought together by the letters of their telling words. Pure.

Each phrase becomes a vector of letter triples, weighted by how few phrases have them (TF-IDF), so that
"gavekortet" and "gavekort" are near to each other in every language; it joins the group whose middle is
nearest, or begins a new one. The libraries that do the like take 116 MB; some hundred phrases do not ask
for that.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from pathlib import Path

from services.analytics.inbox.phrases import Phrase, words_of

NEAR = 0.32
"""The least cosine with a group's middle: found by trying the examples of the tests."""

COMMON = frozenset(
    (Path(__file__).parent / "common.txt").read_text(encoding="utf-8").casefold().split()
)
"""Words that questions are made of whatever they are about."""

Vector = Mapping[str, float]


@dataclass
class Group:
    """Phrases that belong together, and the sum of their vectors with its length."""

    members: list[Phrase] = field(default_factory=list)
    middle: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    length: float = 0.0

    @property
    def conversations(self) -> int:
        """How many conversations share it."""
        return len({phrase.conversation for phrase in self.members})


def groups_of(phrases: Sequence[Phrase], k: int) -> list[Group]:
    """The groups that at least `k` conversations share, the largest first; no other is ever told."""
    by_words: defaultdict[tuple[str, ...], list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        if words := telling(phrase.text):
            by_words[words].append(phrase)
    # What most ask comes first, so that the middles are theirs; words decide among equals.
    order = sorted(by_words, key=lambda words: (-len(by_words[words]), words))
    made = _grouped(order, by_words)
    shared = [group for group in made if group.conversations >= k]
    return sorted(shared, key=lambda group: -group.conversations)


def telling(text: str) -> tuple[str, ...]:
    """The words of a text that say what it is about; all of them where none does."""
    words = dict.fromkeys(words_of(text))
    return tuple(sorted(word for word in words if word not in COMMON)) or tuple(sorted(words))


def _grouped(
    order: Sequence[tuple[str, ...]], by_words: Mapping[tuple[str, ...], Sequence[Phrase]]
) -> list[Group]:
    triples = {words: _triples(words) for words in order}
    seen_in = Counter(triple for counts in triples.values() for triple in counts)
    groups: list[Group] = []
    having: defaultdict[str, set[int]] = defaultdict(set)
    for words in order:
        vector = _vector(triples[words], seen_in, len(order))
        at = _nearest(vector, groups, having)
        if at is None:
            at = len(groups)
            groups.append(Group())
        groups[at].members += by_words[words]
        for triple, weight in vector.items():
            groups[at].middle[triple] += weight * len(by_words[words])
            having[triple].add(at)
        groups[at].length = _length(groups[at].middle)
    return groups


def _nearest(
    vector: Vector, groups: Sequence[Group], having: Mapping[str, Collection[int]]
) -> int | None:
    dots: defaultdict[int, float] = defaultdict(float)
    for triple, weight in vector.items():
        for at in having.get(triple, ()):
            dots[at] += weight * groups[at].middle[triple]
    near = {at: dot / groups[at].length for at, dot in dots.items()}
    best = max(near, key=lambda at: (near[at], -at), default=None)
    return best if best is not None and near[best] >= NEAR else None


def _triples(words: Sequence[str]) -> Counter[str]:
    padded = [f" {word} " for word in words]
    return Counter(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def _vector(counts: Mapping[str, int], seen_in: Mapping[str, int], phrases: int) -> Vector:
    rare = {triple: log((1 + phrases) / (1 + seen_in[triple])) + 1 for triple in counts}
    weights = {triple: n * rare[triple] for triple, n in counts.items()}
    length = _length(weights)
    return {triple: weight / length for triple, weight in weights.items()}


def _length(weights: Vector) -> float:
    return sqrt(sum(weight * weight for weight in weights.values()))
