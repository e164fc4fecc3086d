"""Days, hours and the next opening, as each language says them; the only table of such words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from libs.contracts.content import Language, Merchant, OpeningHours
from libs.contracts.opening import opens_at

Span = tuple[time, time]

DASH = "\N{EN DASH}"

DAYS_TOLD = 7
"""So many days ahead other hours than the usual ones are told of."""


@dataclass(frozen=True)
class _Calendar:
    """The words of one language for days and hours; Finnish inflects its weekdays."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    in_sentence: str
    on_card: str
    near: Mapping[int, str]
    span: str
    clock: str
    every_day: str
    round_the_clock: str
    closed: str
    shut: str
    and_: str
    at: str
    on_weekday: str
    from_days: tuple[str, ...] = ()
    to_days: tuple[str, ...] = ()
    on_days: tuple[str, ...] = ()


_CALENDARS: Mapping[Language, _Calendar] = {
    "nb": _Calendar(
        weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
        months=("januar", "februar", "mars", "april", "mai", "juni", "juli", "august",
                "september", "oktober", "november", "desember"),
        in_sentence="{weekday} {day}. {month}", on_card="{weekday} {day}. {month}",
        near={-1: "i går", 0: "i dag", 1: "i morgen"}, span="{first} til {last}",
        clock="", every_day="alle dager", round_the_clock="hele døgnet",
        closed="bare etter avtale", shut="stengt", and_="og", at="kl. ",
        on_weekday="på {weekday}",
    ),
    "sv": _Calendar(
        weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
        months=("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti",
                "september", "oktober", "november", "december"),
        in_sentence="{weekday}en den {day} {month}", on_card="{weekday} {day} {month}",
        near={-1: "i går", 0: "i dag", 1: "i morgon"}, span="{first} till {last}",
        clock="", every_day="alla dagar", round_the_clock="dygnet runt",
        closed="bara enligt överenskommelse", shut="stängt", and_="och", at="kl. ",
        on_weekday="på {weekday}",
    ),
    "da": _Calendar(
        weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
        months=("januar", "februar", "marts", "april", "maj", "juni", "juli", "august",
                "september", "oktober", "november", "december"),
        in_sentence="{weekday} den {day}. {month}", on_card="{weekday} den {day}. {month}",
        near={-1: "i går", 0: "i dag", 1: "i morgen"}, span="{first} til {last}",
        clock="kl. ", every_day="alle dage", round_the_clock="hele døgnet",
        closed="kun efter aftale", shut="lukket", and_="og", at="kl. ",
        on_weekday="på {weekday}",
    ),
    "fi": _Calendar(
        weekdays=("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai",
                  "sunnuntai"),
        months=("tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta",
                "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"),
        in_sentence="{weekday}na {day}. {month}", on_card="{weekday} {day}. {month}",
        near={-1: "eilen", 0: "tänään", 1: "huomenna"}, span="{first} {last}",
        clock="klo ", every_day="joka päivä", round_the_clock="ympäri vuorokauden",
        closed="vain sopimuksesta", shut="suljettu", and_="ja", at="klo ",
        on_weekday="{weekday}na",
        from_days=("maanantaista", "tiistaista", "keskiviikosta", "torstaista", "perjantaista",
                   "lauantaista", "sunnuntaista"),
        to_days=("maanantaihin", "tiistaihin", "keskiviikkoon", "torstaihin", "perjantaihin",
                 "lauantaihin", "sunnuntaihin"),
        on_days=("maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina",
                 "lauantaina", "sunnuntaina"),
    ),
    "en": _Calendar(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=("January", "February", "March", "April", "May", "June", "July", "August",
                "September", "October", "November", "December"),
        in_sentence="on {weekday} {day} {month}", on_card="{weekday} {day} {month}",
        near={-1: "yesterday", 0: "today", 1: "tomorrow"}, span="{first} to {last}",
        clock="", every_day="every day", round_the_clock="around the clock",
        closed="by appointment only", shut="closed", and_="and", at="at ",
        on_weekday="on {weekday}",
    ),
}  # fmt: skip


def say_day(day: date, today: date, language: Language) -> str:
    """A day inside a sentence: "today" where it is near, otherwise weekday and date."""
    calendar = _CALENDARS[language]
    return calendar.near.get((day - today) // timedelta(days=1)) or _date(
        calendar.in_sentence, calendar, day
    )


def card_day(day: date, language: Language) -> str:
    """A day on a card: weekday and date."""
    calendar = _CALENDARS[language]
    return _date(calendar.on_card, calendar, day)


def say_date(day: date, language: Language) -> str:
    """A date with its year, as it stands below a text: `23. november 2026`."""
    stop = "" if language in ("sv", "en") else "."
    return f"{day.day}{stop} {_CALENDARS[language].months[day.month - 1]} {day.year}"


def say_hours(hours: OpeningHours, language: Language, today: date | None = None) -> str:
    """Opening hours inside a sentence: days of equal hours together, then what is special soon."""
    calendar = _CALENDARS[language]
    stretches = [(days, times) for days, times in _stretches(hours) if times]
    parts = [f"{_days(calendar, days)} {_times(calendar, times)}" for days, times in stretches]
    *first, last = parts or [calendar.closed]
    usual = f"{', '.join(first)} {calendar.and_} {last}" if first else last
    soon = ", ".join(_soon(hours, calendar, today)) if today else ""
    return f"{usual} ({soon})" if soon else usual


def say_next_opening(merchant: Merchant, now: datetime, language: Language) -> str:
    """When agents are back ("tomorrow at 07.00"); empty while they are there or if no day is known."""
    opens = opens_at(merchant, now)
    if opens is None:
        return ""
    calendar, today = _CALENDARS[language], now.astimezone(opens.tzinfo).date()
    ahead = (opens.date() - today) // timedelta(days=1)
    weekday = calendar.on_weekday.format(weekday=calendar.weekdays[opens.weekday()])
    within_a_week = 1 < ahead < len(calendar.weekdays)
    day = weekday if within_a_week else say_day(opens.date(), today, language)
    return f"{day} {calendar.at}{opens:%H.%M}"


def _soon(hours: OpeningHours, calendar: _Calendar, today: date) -> Iterator[str]:
    """The coming days whose hours are not those of their weekday."""
    for ahead in range(DAYS_TOLD):
        day = today + timedelta(days=ahead)
        times = hours.on(day)
        if times != _usual(hours, day.weekday()):
            said = _times(calendar, times) if times else calendar.shut
            yield f"{_date(calendar.on_card, calendar, day)} {said}"


def _date(template: str, calendar: _Calendar, day: date) -> str:
    words = {
        "weekday": calendar.weekdays[day.weekday()], "day": str(day.day),
        "month": calendar.months[day.month - 1],
    }  # fmt: skip
    return template.format(**words)


def _usual(hours: OpeningHours, weekday: int) -> tuple[Span, ...]:
    return tuple((one.opens, one.closes) for one in hours.openings if weekday in one.weekdays)


def _stretches(hours: OpeningHours) -> list[tuple[list[int], tuple[Span, ...]]]:
    """Runs of neighbouring weekdays that are staffed at the same times."""
    runs: list[tuple[list[int], tuple[Span, ...]]] = []
    for weekday in range(7):
        times = _usual(hours, weekday)
        if runs and runs[-1][1] == times:
            runs[-1][0].append(weekday)
        else:
            runs.append(([weekday], times))
    return runs


def _days(calendar: _Calendar, days: list[int]) -> str:
    first, last = days[0], days[-1]
    if len(days) == len(calendar.weekdays):
        return calendar.every_day
    if first == last:
        return (calendar.on_days or calendar.weekdays)[first]
    ends = {
        "first": (calendar.from_days or calendar.weekdays)[first],
        "last": (calendar.to_days or calendar.weekdays)[last],
    }
    return calendar.span.format(**ends)


def _times(calendar: _Calendar, times: tuple[Span, ...]) -> str:
    return f" {calendar.and_} ".join(_clock(calendar, *span) for span in sorted(times))


def _clock(calendar: _Calendar, opens: time, closes: time) -> str:
    if opens == closes == time(0):
        return calendar.round_the_clock
    end = "24.00" if closes == time(0) else f"{closes:%H.%M}"
    return f"{calendar.clock}{opens:%H.%M}{DASH}{end}"
