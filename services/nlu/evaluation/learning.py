"""A pack learned outside the service, for the commands: the brain, and what learning found out."""

import time
from collections import Counter
from dataclasses import dataclass

from libs.contracts.content import PackPublished
from services.nlu.reading.language import LanguageDetector
from services.nlu.understanding.brain import Brain, TopicModel, examples_of, tests_of
from services.nlu.understanding.kept import Lessons


@dataclass(frozen=True)
class Confusion:
    """Examples of one topic that look like another to a bot that had not seen them."""

    expected: str
    got: str
    count: int
    example: str


@dataclass(frozen=True)
class Learned:
    """A brain, the seconds that it took, and whether it has the encoder."""

    brain: Brain
    seconds: float
    encoder: bool


class Learner:
    """Learns packs one after the other; those with equal examples are learned once."""

    def __init__(self, lessons: Lessons | None = None) -> None:
        self._lessons = lessons or Lessons()
        self._detector = LanguageDetector()
        self._models: dict[object, TopicModel] = {}

    def learn(self, pack: PackPublished) -> Learned:
        """What a pack teaches."""
        lines, began = (examples_of(pack.topics), tests_of(pack.topics)), time.perf_counter()
        if lines not in self._models:
            self._models[lines] = self._lessons.model(*lines)
        brain = Brain(pack, self._models[lines], self._detector)
        return Learned(brain, time.perf_counter() - began, self._lessons.embeddings is not None)


def confusions(brain: Brain) -> list[Confusion]:
    """What cross-validation took for something else, the most frequent first."""
    model, examples = brain.model, examples_of(brain.pack.topics)
    pairs = [
        (key, model.topics[best], text)
        for (text, key), best in zip(examples, model.crossed, strict=True)
        if model.topics[best] != key
    ]
    first = {(key, got): text for key, got, text in reversed(pairs)}
    counts = Counter((key, got) for key, got, _ in pairs)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(key, got, count, first[key, got]) for (key, got), count in ranked]
