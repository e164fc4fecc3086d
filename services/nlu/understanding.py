"""Understanding: language, topic and entities of a message, learned from a pack's own examples."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from libs.contracts.content import Language, PackPublished, Topic
from services.nlu.dialogue import Understanding
from services.nlu.entities import find_entities, plain
from services.nlu.features import Features, Floats, Vector
from services.nlu.language import LanguageDetector
from services.nlu.scene import FALLBACK

LONGEST = 400
"""Characters of a message that the topic is read from; entities and language see all of it."""

SURE = 0.07
"""Probability times likeness to the nearest example of the topic: below it the bot does not know.

Set on five-fold cross-validation of the examples alone, of which it refuses 9 %; figures are in the
README.
"""

_UNACCENTED = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o"})
_DIGITS = re.compile(r"[0-9](?:[ .\-]?[0-9])*")


def folded(text: str) -> str:
    """The text as the model reads it: accents and their spellings alike, any number just "0"."""
    letters = plain(text[:LONGEST]).casefold().translate(_UNACCENTED)
    alike = letters.replace("aa", "a").replace("ae", "a").replace("oe", "o")
    return _DIGITS.sub("0", alike)


@dataclass(frozen=True)
class Guess:
    """The likeliest topic and its probability; `fallback` where nothing is near enough."""

    topic: str
    confidence: float


class TopicModel:
    """Letter groups and words under a logistic regression; no randomness, the same every time."""

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        texts, topics = zip(*((folded(text), topic) for text, topic in examples), strict=True)
        self._features = Features(texts)
        # One thread: more of them only spin against each other on a machine that is busy.
        with threadpool_limits(limits=1):
            learned: Any = LogisticRegression(C=10, max_iter=300).fit(self._features.rows, topics)
        self._names = tuple(str(name) for name in learned.classes_)
        self._pull: Floats = np.ascontiguousarray(learned.coef_.T)
        self._bias: Floats = learned.intercept_
        self._examples = normalize(self._features.rows).tocsc()
        self._topics = np.array(topics)

    def guess(self, text: str) -> Guess:
        """The topic of `text`, or `fallback` with the probability of the best candidate."""
        seen = self._features.of(folded(text))
        chances = _softmax(seen.weights @ self._pull[seen.positions] + self._bias)
        best = int(chances.argmax())
        topic, confidence = self._names[best], float(chances[best])
        sure = confidence * self._likeness(seen, topic) >= SURE
        return Guess(topic if sure else FALLBACK, confidence)

    def _likeness(self, seen: Vector, topic: str) -> float:
        """How near the nearest example of the topic is: 1 for the same text, 0 for nothing shared."""
        table, likeness = self._examples, np.zeros(len(self._topics))
        for position, weight in zip(seen.positions, seen.scaled(), strict=True):
            having = slice(table.indptr[position], table.indptr[position + 1])
            likeness[table.indices[having]] += weight * table.data[having]
        return float(likeness[self._topics == topic].max())


@dataclass(frozen=True)
class Brain:
    """A published pack and what was learned from it: always used together."""

    pack: PackPublished
    model: TopicModel
    detector: LanguageDetector

    def understand(self, text: str, prior: Language) -> Understanding:
        """Language, topic and entities of `text`; `prior` is the conversation's language so far."""
        guess = self.model.guess(text)
        return Understanding(
            language=self.detector.language(text, prior, self.pack.merchant.languages),
            intent=guess.topic,
            confidence=round(guess.confidence, 4),
            entities=find_entities(text, order_pattern(self.pack)),
        )


def order_pattern(pack: PackPublished) -> str | None:
    """How this merchant's order numbers look, from the topic that needs one."""
    facts = (topic.needs for topic in pack.topics if topic.needs)
    return next((fact.pattern for fact in facts if fact.key == "order_number"), None)


def examples_of(topics: Iterable[Topic]) -> tuple[tuple[str, str], ...]:
    """Every example of every language with its topic, in the order of the pack."""
    return tuple(
        (text, topic.key) for topic in topics for texts in topic.examples.values() for text in texts
    )


def _softmax(scores: Floats) -> Floats:
    powers: Floats = np.exp(scores - scores.max())
    return powers / float(powers.sum())
