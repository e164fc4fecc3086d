"""What a pack's examples look like before anything is learned: how many, alike, too alike. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from libs.contracts.content import Language, PackPublished
from services.nlu.dialogue.scene import OTHER
from services.nlu.understanding.brain import folded

FEW = 10
"""Fewer examples of a topic in a language are worth a warning; 30 are good."""

ALIKE = 0.8
"""Examples of two topics whose letter groups are so alike teach the bot to doubt both."""

AT_ONCE = 512
"""Examples compared with all others in one go: bounds the memory."""

_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Example:
    """An example and where it stands."""

    topic: str
    language: Language
    text: str


@dataclass(frozen=True)
class Pair:
    """Two examples of different topics that look alike; 1 means the same words."""

    one: Example
    other: Example
    likeness: float


def counts(pack: PackPublished) -> dict[str, dict[Language, int]]:
    """How many examples each topic has in each language of the merchant."""
    languages = pack.merchant.languages
    return {
        topic.key: {language: len(topic.examples.get(language, ())) for language in languages}
        for topic in pack.topics
    }


def too_few(pack: PackPublished) -> list[tuple[str, Language, int]]:
    """Topics with few examples in a language; `other_question` is never learned as a question."""
    return [
        (key, language, count)
        for key, by_language in counts(pack).items()
        for language, count in by_language.items()
        if count < FEW and key != OTHER
    ]


def repeated(pack: PackPublished) -> list[tuple[Example, int]]:
    """Examples that stand more than once in their topic but for accents and signs: they add nothing."""
    times = Counter((one.topic, one.language, bare(one.text)) for one in examples(pack))
    first = {(one.topic, one.language, bare(one.text)): one for one in reversed(examples(pack))}
    return [(first[key], count) for key, count in times.items() if count > 1]


def alike(pack: PackPublished, least: float = ALIKE) -> list[Pair]:
    """Examples of different topics that look alike, the likest first.

    All languages together, as they are learned together: a Danish example may be a Norwegian one.
    """
    every = [one for one in examples(pack) if bare(one.text)]
    if len({one.topic for one in every}) < 2:  # noqa: PLR2004 - one topic has no other
        return []
    pairs = [
        Pair(every[one], every[other], likeness) for one, other, likeness in _near(every, least)
    ]
    return sorted(pairs, key=lambda pair: -pair.likeness)


def examples(pack: PackPublished) -> list[Example]:
    """Every example of the merchant's languages, in the order of the pack."""
    return [
        Example(topic.key, language, text)
        for topic in pack.topics
        for language, texts in topic.examples.items()
        if language in pack.merchant.languages
        for text in texts
    ]


def bare(text: str) -> str:
    """A text without accents, signs and capitals."""
    return _NOT_WORDS.sub(" ", folded(text)).strip()


def _near(every: list[Example], least: float) -> Iterator[tuple[int, int, float]]:
    texts = [bare(one.text) for one in every]
    rows = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit_transform(texts)
    topics = np.array([one.topic for one in every])
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for start in range(0, len(every), AT_ONCE):
        likeness = (rows[start : start + AT_ONCE] @ rows.T).tocoo()
        near = likeness.data >= least
        found = zip(
            likeness.row[near] + start, likeness.col[near], likeness.data[near], strict=True
        )
        for one, other, alike_by in found:
            pair = (texts[one], texts[other])
            if one < other and topics[one] != topics[other] and topics[other] not in seen[pair]:
                seen[pair].add(str(topics[other]))
                yield int(one), int(other), round(float(alike_by), 3)
