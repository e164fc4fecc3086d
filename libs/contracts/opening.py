"""When agents are there again: computed from a merchant's hours, the same in every service. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from libs.contracts.content import Merchant, OpeningHours

DAYS_AHEAD = 30
"""So far is the next opening looked for; whoever is closed longer names no day."""

_MINUTE = timedelta(minutes=1)


def opens_at(merchant: Merchant, now: datetime) -> datetime | None:
    """The moment, in the merchant's zone, at which agents begin; None while open, or if none is known."""
    if merchant.hours.is_open(now, merchant.time_zone):
        return None
    zone = ZoneInfo(merchant.time_zone)
    today = now.astimezone(zone).date()
    for ahead in range(DAYS_AHEAD):
        for moment in sorted(_beginnings(merchant.hours, today + timedelta(days=ahead), zone)):
            if moment > now and merchant.hours.is_open(moment, merchant.time_zone):
                return moment.astimezone(zone)
    return None


def _beginnings(hours: OpeningHours, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Every moment of a day at which closed may turn into open, in UTC."""
    for opens, _ in hours.on(day):
        for fold in (0, 1):  # the hour that comes twice in autumn
            yield datetime.combine(day, opens.replace(fold=fold), zone).astimezone(UTC)
    yield from _clock_changes(day, zone)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The moment, if any, at which the clocks of a day are changed: an opening may lie in the gap."""
    first = datetime.combine(day, time(0), zone).astimezone(UTC)
    last = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    before = first.astimezone(zone).utcoffset()
    if last.astimezone(zone).utcoffset() == before:
        return
    while last - first > _MINUTE:
        middle = first + (last - first) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            first = middle
        else:
            last = middle
    yield last
