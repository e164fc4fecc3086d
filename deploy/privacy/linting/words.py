"""How a notice may say what it must say, per language: patterns, and lengths of time in days."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from libs.contracts.content import Language

HERE = Path(__file__).parent

DAYS: Mapping[str, Fraction] = {
    "hour": Fraction(1, 24), "day": Fraction(1), "week": Fraction(7), "month": Fraction(30),
    "year": Fraction(365),
}  # fmt: skip
"""How many days a unit is; three months are ninety."""

AUTHORITY = re.compile(
    r"datatilsyn|integritetsskyddsmyndighet|\bIMY\b|tietosuojavaltuut|tietosuojaviranom|dataombud"
    r"|tilsynsmyndighe|tillsynsmyndighe|valvontaviranom|supervisory authority"
    r"|data protection (?:authority|agency|ombudsman)|authority for privacy",
    re.IGNORECASE,
)
"""Those who hear complaints, in whatever language they are named."""

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ]{6,14}\d")
"""An e-mail address, or a telephone number with its country."""


@dataclass(frozen=True)
class Words:
    """The patterns of one language."""

    language: Language
    patterns: Mapping[str, re.Pattern[str]]
    lengths: re.Pattern[str]
    counts: tuple[re.Pattern[str], ...]

    def says(self, what: str, text: str) -> bool:
        """Whether a text speaks of it."""
        return self.patterns[what].search(text) is not None

    def days(self, text: str) -> Iterator[Fraction]:
        """The lengths of time in a text, in days."""
        for found in self.lengths.finditer(text):
            yield self._count(found["count"]) * DAYS[str(found.lastgroup)]

    def _count(self, said: str) -> int:
        if said.isdecimal():
            return int(said)
        return 1 + next(n for n, word in enumerate(self.counts) if word.fullmatch(said))


@cache
def words(language: Language) -> Words:
    """The patterns of a language."""
    written = tomllib.loads((HERE / f"{language}.toml").read_text("utf-8"))
    counts, units = written.pop("numbers"), {unit: written.pop(unit) for unit in DAYS}
    of_unit = "|".join(rf"(?P<{unit}>{pattern})" for unit, pattern in units.items())
    return Words(
        language=language,
        patterns={what: re.compile(pattern, re.IGNORECASE) for what, pattern in written.items()},
        lengths=re.compile(
            rf"\b(?P<count>\d+|{'|'.join(counts)})[\s-]+(?:{of_unit})\b", re.IGNORECASE
        ),
        counts=tuple(re.compile(count, re.IGNORECASE) for count in counts),
    )
