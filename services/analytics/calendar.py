"""The fixed periods that figures are released for: days, weeks within a month, months. Pure.

They are a tree: a month is made of weeks (cut where the month begins or ends), a week of days. Every other
range is a sum of them, so that no choice of ranges says more than these periods say themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

DAY = timedelta(days=1)


class Kind(StrEnum):
    """What kind of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Unit:
    """A period of the merchant's calendar, both ends included."""

    kind: Kind
    first: date
    last: date

    @property
    def key(self) -> str:
        """Its part of the key of a count: days first, so that a range of days is a range of keys."""
        return f"{self.first.isoformat()}|{self.kind}"

    def parts(self) -> tuple["Unit", ...]:
        """What it is made of: a month of weeks, a week of days, a day of nothing."""
        make = {Kind.MONTH: week, Kind.WEEK: day}.get(self.kind)
        parts, at = [], self.first
        while make and at <= self.last:
            parts.append(make(at))
            at = parts[-1].last + DAY
        return tuple(parts)

    def all(self) -> Iterator["Unit"]:
        """Everything that it is made of, smaller ones first, and itself."""
        for part in self.parts():
            yield from part.all()
        yield self


def day(at: date) -> Unit:
    """The day itself."""
    return Unit(Kind.DAY, at, at)


def week(at: date) -> Unit:
    """The days of its week, Monday to Sunday, that are in its month."""
    monday, whole = at - at.weekday() * DAY, month(at)
    return Unit(Kind.WEEK, max(monday, whole.first), min(monday + 6 * DAY, whole.last))


def month(at: date) -> Unit:
    """Its month."""
    first = at.replace(day=1)
    return Unit(Kind.MONTH, first, (first + 31 * DAY).replace(day=1) - DAY)


@cache
def keys_of(at: date) -> tuple[str, ...]:
    """The keys of the periods that a day belongs to."""
    return tuple(unit.key for unit in units_of(at))


def units_of(at: date) -> tuple[Unit, Unit, Unit]:
    """The periods that a day belongs to."""
    return day(at), week(at), month(at)


@dataclass(frozen=True)
class Period:
    """Whole days of the merchant's calendar, both ends included."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, days: int) -> "Period":
        """The period of `days` days that ends with `last`."""
        return cls(last - (days - 1) * DAY, last)

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """The period of the same length before it, to compare with; of a whole month the month before."""
        eve = self.first - DAY
        if month(self.first) == Unit(Kind.MONTH, self.first, self.last):
            return Period(month(eve).first, eve)
        return Period.until(eve, self.length)

    def days(self) -> list[Unit]:
        """Every day, in order."""
        return [day(self.first + n * DAY) for n in range(self.length)]

    def units(self) -> list[Unit]:
        """The longest fixed periods that make it up: what it shows is the sum of what they show."""
        units, at = [], self.first
        while at <= self.last:
            units.append(next(unit for unit in reversed(units_of(at)) if self._holds(unit, at)))
            at = units[-1].last + DAY
        return units

    def _holds(self, unit: Unit, at: date) -> bool:
        return unit.first == at and unit.last <= self.last
