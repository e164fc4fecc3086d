"""Lines with what is personal in them marked, and how much of it a masking left.

Type-blind, by the definitions of the public set's scorer: a span is found when nine tenths of its
letters and digits are masked; a message leaks when two of them are left in one of its spans.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from libs.privacy.masking import Span, mask

OWN = Path(__file__).parent / "data" / "masking"
SETS = ("first", "second")
MARK = re.compile(r"\[\[([A-Z_]+):(.*?)\]\](?!\])")
ASKED = " => "
FOUND = 0.9
NEGLIGIBLE = 2
"""So few characters of a span are not enough to leak it, where the span is longer than three."""


@dataclass(frozen=True)
class Line:
    """One message: its language, the bot's question before it, and what in it is personal."""

    text: str
    language: str
    context: str | None = None
    spans: tuple[Span, ...] = ()


Masker = Callable[[Line], Sequence[Span]]


def ours(line: Line) -> Sequence[Span]:
    """What the product masks."""
    return mask(line.text, line.language, line.context).spans


def own(name: str) -> list[Line]:
    """One set of this repository, in five languages: `first` or `second`."""
    return [line for path in sorted((OWN / name).glob("*.txt")) for line in _marked(path)]


def public(path: Path) -> list[Line]:
    """The lines of a file of JSON lines with `text`, `lang`, `ctx` and `spans`."""
    return [_line(json.loads(row)) for row in path.read_text("utf-8").splitlines()]


def _line(row: dict[str, str | list[dict[str, int | str]]]) -> Line:
    spans = [one for one in row["spans"] if isinstance(one, dict)]
    found = tuple(Span(int(s["start"]), int(s["end"]), str(s["type"])) for s in spans)
    context = str(row["ctx"]) if "ctx" in row else None
    return Line(str(row["text"]), str(row["lang"]), context, found)


def _marked(path: Path) -> Iterator[Line]:
    for row in path.read_text("utf-8").splitlines():
        if row.startswith("#"):
            continue
        question, asked, answer = row.replace("\\n", "\n").rpartition(ASKED)
        text, spans, done = "", list[Span](), 0
        for mark in MARK.finditer(answer):
            text += answer[done : mark.start()]
            spans.append(Span(len(text), len(text) + len(mark[2]), mark[1]))
            text, done = text + mark[2], mark.end()
        yield Line(text + answer[done:], path.stem, question if asked else None, tuple(spans))


@dataclass
class Score:
    """What a masking left and took; shares between 0 and 1."""

    letters: int = 0
    left: int = 0
    personal: int = 0
    leaking: int = 0
    harmless: int = 0
    touched: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    leaks: list[tuple[str, str, str]] = field(default_factory=list)
    damage: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def leak(self) -> float:
        """The share of personal letters and digits that are left."""
        return self.left / max(1, self.letters)

    @property
    def leaking_messages(self) -> float:
        """The share of personal messages that leak."""
        return self.leaking / max(1, self.personal)

    @property
    def over_masked(self) -> float:
        """The share of harmless messages that lost anything."""
        return self.touched / max(1, self.harmless)

    def recall(self, kind: str) -> float:
        """The share of the spans of this kind that are found."""
        return self.found[kind] / max(1, self.kinds[kind])

    def add(self, line: Line, masked: Sequence[Span]) -> None:
        """Counts one message."""
        covered = {index for span in masked for index in range(span.start, span.end)}
        leaked = [self._add(line, span, covered) for span in line.spans]
        if line.spans:
            self.personal += 1
            self.leaking += any(leaked)
            return
        self.harmless += 1
        self.touched += bool(masked)
        self.damage += [(line.text[s.start : s.end], s.kind, line.text) for s in masked]

    def _add(self, line: Line, span: Span, covered: set[int]) -> bool:
        letters = [n for n in range(span.start, span.end) if line.text[n].isalnum()]
        left = sum(n not in covered for n in letters)
        self.letters += len(letters)
        self.left += left
        self.kinds[span.kind] += 1
        self.found[span.kind] += len(letters) - left >= FOUND * len(letters)
        leaked = left >= NEGLIGIBLE or bool(left and len(letters) <= NEGLIGIBLE + 1)
        if leaked:
            self.leaks.append((line.text[span.start : span.end], span.kind, line.text))
        return leaked


def score(lines: Iterable[Line], masker: Masker = ours) -> dict[str, Score]:
    """The scores by language, and of `all`."""
    scores: dict[str, Score] = defaultdict(Score)
    for line in lines:
        masked = masker(line)
        scores["all"].add(line, masked)
        scores[line.language].add(line, masked)
    return dict(scores)


def spread(scores: dict[str, Score]) -> float:
    """How much further the worst language's leak is than the best's."""
    leaks = [one.leak for language, one in scores.items() if language != "all"]
    return max(leaks) - min(leaks)
