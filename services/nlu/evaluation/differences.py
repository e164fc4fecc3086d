"""Lines that are understood differently by two packs: what a change of content does to visitors. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from libs.contracts.content import Language, PackPublished
from services.nlu.authoring.trials import tests_of
from services.nlu.dialogue.state import Understanding
from services.nlu.evaluation.checks import Understand, decision, same


@dataclass(frozen=True)
class Line:
    """A line to be understood twice; `expected` is what it should mean, where that is known."""

    text: str
    language: Language
    expected: str | None = None


@dataclass(frozen=True)
class Turned:
    """A line that is understood differently now.

    `better` says whether it is right now and was not, or the reverse; None where neither is known.
    """

    line: Line
    before: str
    after: str
    better: bool | None


def lines_of_tests(*packs: PackPublished) -> list[Line]:
    """The tests of the packs as lines, each once; what the last pack expects counts."""
    tests = [test for pack in packs for test in tests_of(pack)]
    found = {(say, language): Line(say, language, topic) for _, say, language, topic in tests}
    return list(found.values())


def turned(lines: Iterable[Line], before: Understand, after: Understand) -> Iterator[Turned]:
    """The lines that the second understands differently from the first."""
    for line in lines:
        old, new = before(line.text, line.language), after(line.text, line.language)
        if decision(old) != decision(new):
            yield Turned(line, decision(old), decision(new), _better(line, old, new))


def _better(line: Line, old: Understanding, new: Understanding) -> bool | None:
    if line.expected is None:
        return None
    was, now = same(line.expected, old.intent), same(line.expected, new.intent)
    return None if was == now else now
