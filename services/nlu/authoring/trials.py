"""A draft on trial: learned in seconds, asked its own tests, set beside what is published."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from libs.contracts.content import Language, PackPublished
from services.nlu.dialogue.scene import FALLBACK, OTHER
from services.nlu.dialogue.state import Understanding
from services.nlu.understanding.calibration import Point

Hear = Callable[[str, Language], Understanding]
"""How a brain understands a line, said in a conversation of that language."""

GOOD_EXAMPLES = 15
"""Fewer examples of a topic in a language are worth a hint."""

Test = tuple[str, str, Language, str]
"""A topic, what is said, in which language, and the topic that it should be understood as."""

MOST_LISTED = 50


@dataclass(frozen=True)
class Line:
    """One test line, and how it was understood."""

    topic: str
    say: str
    language: Language
    expected: str
    got: str
    likeliest: str
    confidence: float

    @property
    def passed(self) -> bool:
        """Whether it was understood as it should be."""
        return self.got == self.expected

    @property
    def answered(self) -> bool:
        """Whether the bot was sure enough to answer."""
        return self.got != FALLBACK


@dataclass(frozen=True)
class Score:
    """How many of a topic's tests pass."""

    passed: int
    total: int


@dataclass(frozen=True)
class TopicRow:
    """A topic's tests before and after; None where it has none there."""

    topic: str
    before: Score | None
    after: Score | None


@dataclass(frozen=True)
class Mixed:
    """Two topics that are taken for each other, with what was said."""

    expected: str
    got: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Thin:
    """A topic with few examples in a language."""

    topic: str
    language: Language
    examples: int


@dataclass(frozen=True)
class Alike:
    """Examples of two topics that differ in case and marks only."""

    language: Language
    text: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """How much is answered, and how much of that wrongly; of the tests."""

    tests: int
    passed: int
    coverage: float
    wrong: float


@dataclass(frozen=True)
class Result:
    """What a trial found."""

    rows: tuple[TopicRow, ...]
    before: Quality
    after: Quality
    worse: tuple[Line, ...]
    failing: tuple[Line, ...]
    mixed: tuple[Mixed, ...]
    thin: tuple[Thin, ...]
    alike: tuple[Alike, ...]
    target: float
    point: Point | None = None
    point_before: Point | None = None
    curve: tuple[Point, ...] = ()


def ask(pack: PackPublished, hear: Hear, on_line: Callable[[], None] = lambda: None) -> list[Line]:
    """Every test of a pack in the languages that its merchant speaks, in order."""
    lines: list[Line] = []
    for test in tests_of(pack):
        lines.append(_heard(test, hear))
        on_line()
    return lines


def tests_of(pack: PackPublished) -> Iterator[Test]:
    """The tests that count for this merchant."""
    for topic in pack.topics:
        for test in topic.tests:
            if test.language in pack.merchant.languages:
                yield topic.key, test.say, test.language, test.expect or topic.key


def compare(before: Sequence[Line], after: Sequence[Line], pack: PackPublished) -> Result:
    """The table and the hints of a trial of `pack`."""
    old = {(line.topic, line.say, line.language): line for line in before}
    was_right = {key for key, line in old.items() if line.passed}
    failing = [line for line in after if not line.passed]
    worse = [line for line in failing if (line.topic, line.say, line.language) in was_right]
    return Result(
        rows=tuple(_rows(before, after)), before=quality(before), after=quality(after),
        worse=tuple(worse[:MOST_LISTED]), failing=tuple(failing[:MOST_LISTED]),
        mixed=tuple(_mixed(failing)), thin=tuple(_thin(pack)), alike=tuple(_alike(pack)),
        target=pack.merchant.wrong_answer_rate,
    )  # fmt: skip


def quality(lines: Sequence[Line]) -> Quality:
    """Coverage counts what ought to be answered; wrong answers are a share of all answers."""
    inside = [line for line in lines if line.expected != FALLBACK]
    answers = [line for line in lines if line.answered]
    wrong = [line for line in answers if not line.passed]
    covered = [line for line in inside if line.answered]
    return Quality(
        len(lines), sum(line.passed for line in lines),
        _share(len(covered), len(inside)), _share(len(wrong), len(answers)),
    )  # fmt: skip


def _heard(test: Test, hear: Hear) -> Line:
    topic, say, language, expected = test
    heard = hear(say, language)
    likeliest = heard.candidates[0].topic if heard.candidates else heard.intent
    # A bot that takes a line for "something else" has not answered it any more than one that is lost.
    got = FALLBACK if heard.intent == OTHER != expected else heard.intent
    return Line(topic, say, language, expected, got, likeliest, heard.confidence)


def _rows(before: Sequence[Line], after: Sequence[Line]) -> Iterator[TopicRow]:
    old, new = _scores(before), _scores(after)
    for topic in sorted({*old, *new}):
        yield TopicRow(topic, old.get(topic), new.get(topic))


def _scores(lines: Sequence[Line]) -> dict[str, Score]:
    totals = Counter(line.topic for line in lines)
    passed = Counter(line.topic for line in lines if line.passed)
    return {topic: Score(passed[topic], total) for topic, total in totals.items()}


def _mixed(failing: Sequence[Line]) -> Iterator[Mixed]:
    says: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for line in failing:
        if line.likeliest not in (line.expected, FALLBACK):
            says[line.expected, line.likeliest].append(line.say)
    ranked = sorted(says.items(), key=lambda item: (-len(item[1]), item[0]))
    for (expected, got), lines in ranked[:MOST_LISTED]:
        yield Mixed(expected, got, tuple(lines))


def _thin(pack: PackPublished) -> Iterator[Thin]:
    for topic in pack.topics:
        for language in pack.merchant.languages:
            count = len(topic.examples.get(language, ()))
            if count < GOOD_EXAMPLES and topic.key != OTHER:
                yield Thin(topic.key, language, count)


def _alike(pack: PackPublished) -> Iterator[Alike]:
    seen: defaultdict[tuple[Language, str], dict[str, str]] = defaultdict(dict)
    for topic in pack.topics:
        for language in pack.merchant.languages:
            for text in topic.examples.get(language, ()):
                seen[language, _bare(text)].setdefault(topic.key, text)
    found = [(language, topics) for (language, _), topics in seen.items() if len(topics) > 1]
    for language, topics in found[:MOST_LISTED]:
        yield Alike(language, next(iter(topics.values())), tuple(topics))


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
