"""What a message mentions: orders, parcels, addresses, days, sums, sizes, colours; and corrections.

The forms are those of the masking (`libs.privacy`): what it hides, the bot can read, and the reverse.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from libs.contracts.content import EntityType
from libs.privacy.amounts import TIMES, amounts
from libs.privacy.dates import dates
from libs.privacy.mails import mails
from libs.privacy.normalising import Normalised, normalise
from libs.privacy.recognizers import BLANK, LINK, ibans, ip_addresses
from services.nlu.reading.colours import colours
from services.nlu.reading.figures import (
    coded_parcels,
    lettered_parcels,
    numbers_in,
    phones,
    spelled,
)
from services.nlu.reading.order_numbers import shape
from services.nlu.reading.sizes import sizes

_OTHER_ORDER = re.compile(
    r"\b(?:andre|annen|annet|andra|annan|anden|andet|feil|fel|forkert|galt"
    r"|toinen|toista|toisen|väärä|vaara|other|another|different|wrong)\b", re.IGNORECASE,
)  # fmt: skip
_ORDER_IN_LINK = re.compile(r"(?:order|ordre|tilau|bestill)[^\W\d]*/(?=\d)", re.IGNORECASE)
_PARCEL_IN_LINK = re.compile(r"(?<![0-9])[0-9]{17,24}(?![0-9])")

LIKE_A_NUMBER = 4
"""So many digits and the visitor means a number, though not one of ours."""

LONGEST = 4000
"""Characters of a message in which facts are looked for."""


@dataclass(frozen=True)
class Entity:
    """One thing that a message mentions: its value in one form, and where it stands (code points)."""

    type: EntityType
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Entities:
    """What was found; `number_like` says that digits stood there, whether or not they fit."""

    found: tuple[Entity, ...] = ()
    number_like: bool = False
    other_order: bool = False

    def last(self, kind: EntityType) -> str | None:
        """The last value of this kind: in "not 1…, but 2…" it is the second that is meant."""
        return next((one.value for one in reversed(self.found) if one.type == kind), None)

    @property
    def order_number(self) -> str | None:
        """The order number that is meant."""
        return self.last("order_number")


@dataclass
class _Reading:
    """A text while it is read: what is found is blanked, so that nothing is found twice."""

    normal: Normalised
    rest: str
    found: list[Entity] = field(default_factory=list)

    def take(self, kind: EntityType, findings: Iterable[tuple[int, int, str]]) -> None:
        """Keeps the findings as entities of this kind."""
        for start, end, value in list(findings):
            if BLANK not in self.rest[start:end]:
                first, last = self.normal.starts[start], self.normal.ends[end - 1]
                self.found.append(Entity(kind, value, first, last))
                self.blank(start, end)

    def blank(self, start: int, end: int) -> None:
        """Hides what is explained."""
        self.rest = f"{self.rest[:start]}{BLANK * (end - start)}{self.rest[end:]}"


def plain(text: str) -> str:
    """The text in one form: full-width digits and letters narrowed, invisible characters gone."""
    return normalise(text).text


def find_entities(text: str, pattern: str | None) -> Entities:
    """Everything that `text` mentions; `pattern` is how this merchant's order numbers look."""
    normal = normalise(text[:LONGEST])
    reading = _Reading(normal, normal.text)
    _read(reading, pattern)
    return Entities(
        found=tuple(sorted(reading.found, key=lambda one: (one.start, one.end))),
        number_like=_number_like(reading),
        other_order=bool(_OTHER_ORDER.search(normal.text)),
    )


def _read(reading: _Reading, pattern: str | None) -> None:
    """Reads in the order of certainty: what has a form of its own before what only words explain."""
    reading.take("email", mails(reading.rest))
    reading.take("order_number", _lettered_orders(reading.rest, pattern))
    reading.take("tracking_number", lettered_parcels(reading.rest))
    reading.take("tracking_number", coded_parcels(reading.rest))
    for start, end in (*_links(reading.rest), *_other_numbers(reading.rest)):
        reading.blank(start, end)
    reading.take("phone", phones(reading.rest))
    reading.take("size", sizes(reading.rest))
    reading.take("date", dates(reading.rest))
    reading.take("amount", amounts(reading.rest))
    for found in TIMES.finditer(reading.rest):
        reading.blank(*found.span())
    for source in (numbers_in, spelled):
        for kind, start, end, value in list(source(reading.rest, pattern)):
            reading.take(kind, [(start, end, value)])
    reading.take("colour", colours(reading.rest))


def _lettered_orders(text: str, pattern: str | None) -> Iterator[tuple[int, int, str]]:
    if pattern:
        yield from shape(pattern).lettered_numbers(text)


def _links(text: str) -> Iterator[tuple[int, int]]:
    """The parts of links that are just numbers: all but a parcel's, and an order's in a path."""
    for found in LINK.finditer(text):
        link = found.group()
        if "://" in link or link.lower().startswith("www."):
            own = _ORDER_IN_LINK.search(link) or _PARCEL_IN_LINK.search(link)
            yield found.start(), found.start() + own.start() if own else found.end()


def _other_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Account numbers and network addresses; four pairs of digits may just be a number with dots."""
    for start, end, _ in ibans(text, ""):
        yield start, end
    for start, end, _ in ip_addresses(text, ""):
        pairs = re.fullmatch(r"\d\d(?:\.\d\d){3}", text[start:end])
        if not pairs or re.search(r"\bip\b", text[max(0, start - 30) : start], re.IGNORECASE):
            yield start, end


def _number_like(reading: _Reading) -> bool:
    if any(one.type in {"order_number", "tracking_number"} for one in reading.found):
        return True
    runs = re.findall(r"\d(?:[ \t]?[.\-/]?[ \t]?\d)*+", reading.rest)
    return any(sum(char.isdigit() for char in run) >= LIKE_A_NUMBER for run in runs)
