"""Understanding: language, topic and entities of a message, by what a pack taught."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from libs.contracts.content import Language, PackPublished, Topic
from services.nlu.dialogue.state import Candidate, Understanding
from services.nlu.reading.entities import find_entities
from services.nlu.reading.language import LanguageDetector
from services.nlu.understanding.calibration import Point
from services.nlu.understanding.folding import folded
from services.nlu.understanding.model import CLOSED, FALLBACK, TopicModel, Verdict

__all__ = ["Brain", "TopicModel", "examples_of", "folded", "order_pattern", "tests_of"]

CANDIDATES = 3
LEAST_CLOSE = 0.12
"""Topics less probable than this are not worth a question."""

CLOSE_TOGETHER = 0.6
"""What two or three topics must hold of all probability to be asked between."""


@dataclass(frozen=True)
class Brain:
    """A published pack and what was learned from it: always used together."""

    pack: PackPublished
    model: TopicModel
    detector: LanguageDetector

    def understand(self, text: str, prior: Language) -> Understanding:
        """Language, topic and entities of `text`; `prior` is the conversation's language so far."""
        verdict = self._titles.get(folded(text)) or self.model.weigh(text)
        candidates = self._candidates(verdict)
        intent = self._decided(verdict, candidates[0])
        return Understanding(
            language=self.detector.language(text, prior, self.pack.merchant.languages),
            intent=intent,
            confidence=candidates[0].confidence,
            candidates=candidates,
            close=self._close(candidates) if intent == FALLBACK else (),
            entities=find_entities(text, order_pattern(self.pack)),
        )

    @cached_property
    def point(self) -> Point:
        """The merchant's threshold, and what it gave in cross-validation."""
        return self.model.calibration.choose(self.pack.merchant.wrong_answer_rate)

    @cached_property
    def _titles(self) -> dict[str, Verdict]:
        """What a press on a button says: the title of a topic is that topic and nothing else."""
        names = self.model.topics
        titles = (
            (folded(title), topic.key) for topic in self.pack.topics
            for title in topic.title.values() if topic.key in names
        )  # fmt: skip
        return {title: self.model.certain(key) for title, key in reversed(list(titles)) if title}

    def _candidates(self, verdict: Verdict) -> tuple[Candidate, ...]:
        order = np.argsort(-verdict.chances, kind="stable")[:CANDIDATES]
        names = self.model.topics
        return tuple(
            Candidate(names[place], round(float(verdict.chances[place]), 4)) for place in order
        )

    def _decided(self, verdict: Verdict, best: Candidate) -> str:
        if verdict.exact:
            return verdict.exact
        sure = verdict.sureness >= self.point.threshold
        likely = best.topic not in CLOSED or best.confidence > 1 / 2
        return best.topic if sure and likely else FALLBACK

    def _close(self, candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
        """The topics to ask between: near each other, and together more likely than all others."""
        near = [one for one in candidates if one.confidence >= LEAST_CLOSE]
        asked = [one for one in near if one.topic not in CLOSED]
        together = sum(one.confidence for one in asked)
        fit = len(asked) > 1 and len(asked) == len(near) and together >= CLOSE_TOGETHER
        return tuple(one.topic for one in asked) if fit else ()


def order_pattern(pack: PackPublished) -> str | None:
    """How this merchant's order numbers look, from the topic that needs one."""
    facts = (fact for topic in pack.topics for fact in topic.needs)
    return next((fact.pattern for fact in facts if fact.key == "order_number"), None)


def examples_of(topics: Iterable[Topic]) -> tuple[tuple[str, str], ...]:
    """Every example of every language with its topic, in the order of the pack."""
    return tuple(
        (text, topic.key) for topic in topics for texts in topic.examples.values() for text in texts
    )


def tests_of(topics: Iterable[Topic]) -> tuple[tuple[str, str], ...]:
    """Every line that the pack's own tests say, with the topic that it should be taken for."""
    return tuple((test.say, test.expect or topic.key) for topic in topics for test in topic.tests)
