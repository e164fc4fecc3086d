"""What was learned from a pack's examples: which topic a message is about, and how sure that is."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.nlu.understanding.calibration import (
    MIX_PARTS,
    Calibration,
    Doubles,
    Flags,
    Mix,
    Reading,
    calibrate,
    mix,
)
from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.features import State
from services.nlu.understanding.folding import folded, has_letters
from services.nlu.understanding.folds import folds
from services.nlu.understanding.heap import give_back
from services.nlu.understanding.members import Crossed, Meaning, Spelling
from services.nlu.understanding.regression import Floats, Labels

# For the whole process: on products as small as these more threads only wait for each other, spinning
# (5.8 instead of 2.1 ms of the processor a message, on two cores).
threadpool_limits(limits=1)

FALLBACK = "fallback"
"""The topic of what the bot does not understand; its examples teach it what that looks like."""

CLOSED = frozenset({FALLBACK, "other_question", "out_of_scope"})
"""Topics that say what the bot should not answer."""

LOSS = 0.01
"""The share of examples that may be lost by not asking the encoder about sure-looking ones."""

CLOSED_LOSS = 0.002
"""The same of those that look as if the bot should not answer them."""

LEAST_LOSS, LEAST_CHANCE = 0.0005, 0.995
"""The first one, and the chance they must have, where no example says what is unknown.

Letters and words alone take more of the unknown for known than the encoder does.
"""

LEAST_TESTS = 100
"""Fewer of a pack's own tests say little of how sure is sure."""

NEVER = 2.0
SURELY, UNHEARD = 99.0, -99.0
"""The sureness of a text that is an example, and of one in which there is nothing to read."""


@dataclass(frozen=True)
class Verdict:
    """The chance of each topic, and how sure the model is that the text is one of them.

    `exact` names the topic of which the text is an example, or the title.
    """

    chances: Doubles
    sureness: float
    exact: str | None = None


@dataclass(frozen=True)
class _Trial:
    """Lines that the judges had not seen: their topics, the judges' scores, how much each counts."""

    labels: Labels
    asked: tuple[Floats, ...]
    weights: Doubles


class TopicModel:
    """Letters, words and meaning, weighed by cross-validation; no randomness, the same every time.

    Examples that were left out are harder than visitors' lines, for each says what no other says;
    `tests` are easier, for their writer knew the examples. How sure is sure is set half by each.
    Where letters and words are sure enough the encoder is not asked. Without `embeddings` they are
    on their own. `crossed` is what each example was taken for by what was learned without it, as a
    place in `topics`; those that were not left out stand for themselves. With the `state` of a model
    that learned the same lines nothing is learned anew.
    """

    def __init__(
        self,
        examples: Iterable[tuple[str, str]],
        embeddings: Embeddings | None = None,
        tests: Iterable[tuple[str, str]] = (),
        state: State | None = None,
    ) -> None:
        texts, keys = zip(*examples, strict=True)
        plain = [folded(text) for text in texts]
        self.topics = tuple(sorted(set(keys)))
        self._open: Flags = np.array([topic not in CLOSED for topic in self.topics])
        labels = np.array([self.topics.index(key) for key in keys])
        self._exact = _exact(plain, keys)
        self._embeddings = embeddings
        if state is not None:
            self._revive(state)
            return
        self._teach(texts, plain, labels, tuple(tests))

    def state(self) -> State:
        """Everything that was learned, as plain arrays: the same lines with it need no lesson."""
        spread = self._quick, self._mix
        return {
            **self._spelling.state(), **(self._meaning.state() if self._meaning else {}),
            **{f"quick.{name}": values for name, values in spread[0].state().items()},
            **{f"mix.{name}": values for name, values in spread[1].state().items()},
            **self.calibration.state(), "bars": np.array(self._bars), "crossed": self.crossed,
        }  # fmt: skip

    def _revive(self, state: State) -> None:
        self._spelling = Spelling.revived(state)
        self._meaning = Meaning.revived(state) if "meaning" in state else None
        self._quick, self._mix = (
            Mix.revived({part: state[f"{name}.{part}"] for part in MIX_PARTS}, self._open)
            for name in ("quick", "mix")
        )
        self.calibration = Calibration.revived(state)
        self._bars = (float(state["bars"][0]), float(state["bars"][1]))
        self.crossed: Labels = state["crossed"]

    def _teach(
        self,
        texts: Sequence[str],
        plain: Sequence[str],
        labels: Labels,
        tests: Sequence[tuple[str, str]],
    ) -> None:
        classes, parts = len(self.topics), folds(plain, labels)
        # Side by side: neither holds Python's lock while it reckons.
        with ThreadPoolExecutor(2) as pool:
            meaning = pool.submit(self._means, texts, labels, parts)
            spelling = pool.submit(Spelling.learned, plain, labels, classes, parts)
            (self._meaning, meant), (self._spelling, spelled) = meaning.result(), spelling.result()
        give_back()
        tried: Flags = np.any([*parts, np.zeros(len(labels), np.bool_)], axis=0)
        trial = self._trial(labels[tried], (*spelled, *meant), tests)
        self._quick = self._mix = mix(trial.asked[:1], trial.labels, self._open, trial.weights)
        reading = first = self._quick.read(trial.asked[:1])
        self._bars = (0.0, 0.0)
        if self._meaning is not None:
            self._mix = mix(trial.asked, trial.labels, self._open, trial.weights)
            both = self._mix.read(trial.asked)
            self._bars = _bars(first, both, trial.labels, self._open)
            reading = _served(first, both, self._quickly(first.chances))
        self.crossed = labels.copy()
        self.crossed[tried] = reading.chances.argmax(axis=1)[: int(tried.sum())]
        self.calibration = calibrate(reading, trial.labels, self._open, trial.weights)

    def _trial(self, labels: Labels, asked: Crossed, tests: Sequence[tuple[str, str]]) -> "_Trial":
        """Every line that says how good the judges are, and what they made of it."""
        usable = [
            (text, self.topics.index(key)) for text, key in tests
            if key in self.topics and folded(text) not in self._exact
        ]  # fmt: skip
        if len(usable) < LEAST_TESTS:
            return _Trial(labels, asked, np.ones(len(labels)))
        texts, keys = zip(*usable, strict=True)
        rows = [self._spelling.judge(folded(text))[0] for text in texts]
        said: tuple[Floats, ...] = (np.concatenate(rows),)
        if self._meaning is not None and self._embeddings is not None:
            said = (*said, *self._meaning.judge(self._embeddings.vectors(texts)))
        both = tuple(np.concatenate(pair) for pair in zip(asked, said, strict=True))
        halves = [np.full(len(part), 1 / max(len(part), 1)) for part in (labels, keys)]
        return _Trial(np.concatenate([labels, np.array(keys)]), both, np.concatenate(halves))

    def _means(
        self, texts: Sequence[str], labels: Labels, parts: Sequence[Flags]
    ) -> tuple[Meaning | None, Crossed]:
        if self._embeddings is None:
            return None, ()
        return Meaning.learned(self._embeddings.vectors(texts), labels, len(self.topics), parts)

    def weigh(self, text: str, *, thorough: bool = False) -> Verdict:
        """The verdict on one text; a `thorough` one asks the encoder in any case."""
        plain = folded(text)
        if exact := self._exact.get(plain):
            return self.certain(exact)
        if not has_letters(plain):
            return Verdict(np.full(len(self.topics), 1 / len(self.topics)), UNHEARD)
        spelled = self._spelling.judge(plain)
        quick = self._quick.read(spelled)
        if self._embeddings is None or self._meaning is None:
            return _verdict(quick, 0)
        if not thorough and self._quickly(quick.chances)[0]:
            return _verdict(quick, 0)
        vector = self._embeddings.encoder.one(text)
        return _verdict(self._mix.read((*spelled, *self._meaning.judge(vector[None]))), 0)

    def _quickly(self, chances: Doubles) -> Flags:
        """Which texts letters and words alone decide, by the chances that they give."""
        bars = np.where(self._open[chances.argmax(axis=1)], *self._bars)
        quickly: Flags = chances.max(axis=1) >= bars
        return quickly

    def weigh_all(self, texts: Sequence[str]) -> list[Verdict]:
        """Thorough verdicts on many texts, the encoder working in batches."""
        if self._embeddings is None or self._meaning is None or not texts:
            return [self.weigh(text) for text in texts]
        plain = [folded(text) for text in texts]
        spelled = np.concatenate([self._spelling.judge(text)[0] for text in plain])
        meant = self._meaning.judge(self._embeddings.encoder.embed(texts))
        reading = self._mix.read((spelled, *meant))
        return [
            self.weigh(text) if text in self._exact or not has_letters(text)
            else _verdict(reading, number)
            for number, text in enumerate(plain)
        ]  # fmt: skip

    def certain(self, topic: str) -> Verdict:
        """The verdict on a text that is the topic's own."""
        chances = np.array([float(name == topic) for name in self.topics])
        return Verdict(chances, SURELY, topic)


def _verdict(reading: Reading, number: int) -> Verdict:
    return Verdict(reading.chances[number], float(reading.sureness[number]))


def _served(quick: Reading, both: Reading, quickly: Flags) -> Reading:
    """What visitors get: letters and words' own reading where they decide."""
    return Reading(
        np.where(quickly[:, None], quick.chances, both.chances),
        np.where(quickly, quick.sureness, both.sureness),
    )


def _exact(texts: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """The topics of texts that are examples of one topic only."""
    found: dict[str, set[str]] = {}
    for text, key in zip(texts, keys, strict=True):
        found.setdefault(text, set()).add(key)
    return {text: min(topics) for text, topics in found.items() if len(topics) == 1 and text}


def _bars(quick: Reading, both: Reading, labels: Labels, open_topics: Flags) -> tuple[float, float]:
    """The chances from which on letters and words alone are as good as everybody together.

    The first is for texts that look like a topic to answer, the second for the others.
    """
    best, better = quick.chances.argmax(axis=1), both.chances.argmax(axis=1)
    # What everybody together would have got right, or known not to answer.
    answered = open_topics[best] & ~open_topics[better]
    lost = (best != labels) & ((better == labels) | answered)
    chance, is_open = quick.chances.max(axis=1), open_topics[best]
    if open_topics.all():
        return max(_bar(chance, lost, LEAST_LOSS * len(labels)), LEAST_CHANCE), NEVER
    allowed = LOSS * len(labels), CLOSED_LOSS * len(labels)
    first, second = (
        _bar(chance[some], lost[some], most)
        for some, most in zip((is_open, ~is_open), allowed, strict=True)
    )
    return first, second


def _bar(chance: Doubles, lost: Flags, allowed: float) -> float:
    """The lowest chance above which no more is lost than allowed."""
    order = np.argsort(-chance, kind="stable")
    fine = np.flatnonzero(np.cumsum(lost[order]) <= allowed)
    return float(chance[order][fine[-1]]) if len(fine) else NEVER
