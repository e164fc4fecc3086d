"""How answers are worded: variables filled in, days and opening hours said as each language says them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from libs.contracts.content import ByLanguage, Language, Merchant, Opening, OpeningHours

DASH = "\N{EN DASH}"

VARIABLE = re.compile(r"\{([a-z_]+)\}")
"""A place in an answer that is filled in; everything else in braces is plain text."""

MERCHANT_VARIABLES = ("merchant_name", "provider", "retention_days", "opening_hours")
"""Variables that every merchant has without saying so among its facts."""


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
    and_: str
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
        closed="bare etter avtale", and_="og",
    ),
    "sv": _Calendar(
        weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
        months=("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti",
                "september", "oktober", "november", "december"),
        in_sentence="{weekday}en den {day} {month}", on_card="{weekday} {day} {month}",
        near={-1: "i går", 0: "i dag", 1: "i morgon"}, span="{first} till {last}",
        clock="", every_day="alla dagar", round_the_clock="dygnet runt",
        closed="bara enligt överenskommelse", and_="och",
    ),
    "da": _Calendar(
        weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
        months=("januar", "februar", "marts", "april", "maj", "juni", "juli", "august",
                "september", "oktober", "november", "december"),
        in_sentence="{weekday} den {day}. {month}", on_card="{weekday} den {day}. {month}",
        near={-1: "i går", 0: "i dag", 1: "i morgen"}, span="{first} til {last}",
        clock="kl. ", every_day="alle dage", round_the_clock="hele døgnet",
        closed="kun efter aftale", and_="og",
    ),
    "fi": _Calendar(
        weekdays=("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai",
                  "sunnuntai"),
        months=("tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta",
                "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"),
        in_sentence="{weekday}na {day}. {month}", on_card="{weekday} {day}. {month}",
        near={-1: "eilen", 0: "tänään", 1: "huomenna"}, span="{first} {last}",
        clock="klo ", every_day="joka päivä", round_the_clock="ympäri vuorokauden",
        closed="vain sopimuksesta", and_="ja",
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
        closed="by appointment only", and_="and",
    ),
}  # fmt: skip


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its variables filled in once; a value is never looked into for more of them."""
    return VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def in_language(texts: ByLanguage, language: Language) -> str:
    """The text in `language`; any other one before none at all."""
    return texts.get(language) or next(iter(texts.values()), "")


def language_of_locale(locale: str, spoken: tuple[Language, ...]) -> Language:
    """The language of a page, among those that the merchant speaks; its first one otherwise."""
    primary = locale.replace("_", "-").split("-")[0].lower()
    wanted = {"no": "nb", "nn": "nb"}.get(primary, primary)
    return next((language for language in spoken if language == wanted), spoken[0])


def merchant_variables(merchant: Merchant, language: Language) -> dict[str, str]:
    """What a merchant's answers may be filled with; its own facts win over ours."""
    own = {name: in_language(texts, language) for name, texts in merchant.facts.items()}
    return {
        "merchant_name": merchant.name,
        "provider": merchant.provider,
        "retention_days": str(merchant.retention_days),
        "opening_hours": say_hours(merchant.hours, language),
    } | own


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


def say_hours(hours: OpeningHours, language: Language) -> str:
    """Opening hours inside a sentence, with days of equal hours taken together."""
    calendar = _CALENDARS[language]
    stretches = [(days, times) for days, times in _stretches(hours) if times]
    parts = [f"{_days(calendar, days)} {_times(calendar, times)}" for days, times in stretches]
    if not parts:
        return calendar.closed
    *first, last = parts
    return f"{', '.join(first)} {calendar.and_} {last}" if first else last


def _date(template: str, calendar: _Calendar, day: date) -> str:
    words = {
        "weekday": calendar.weekdays[day.weekday()], "day": str(day.day),
        "month": calendar.months[day.month - 1],
    }  # fmt: skip
    return fill(template, words)


def _stretches(hours: OpeningHours) -> list[tuple[list[int], tuple[Opening, ...]]]:
    """Runs of neighbouring weekdays that are staffed at the same times."""
    runs: list[tuple[list[int], tuple[Opening, ...]]] = []
    for weekday in range(7):
        times = tuple(opening for opening in hours.openings if weekday in opening.weekdays)
        if runs and [_span(one) for one in runs[-1][1]] == [_span(one) for one in times]:
            runs[-1][0].append(weekday)
        else:
            runs.append(([weekday], times))
    return runs


def _span(opening: Opening) -> tuple[time, time]:
    return opening.opens, opening.closes


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
    return fill(calendar.span, ends)


def _times(calendar: _Calendar, times: tuple[Opening, ...]) -> str:
    return f" {calendar.and_} ".join(_clock(calendar, opening) for opening in times)


def _clock(calendar: _Calendar, opening: Opening) -> str:
    if opening.opens == opening.closes == time(0):
        return calendar.round_the_clock
    closes = "24.00" if opening.closes == time(0) else f"{opening.closes:%H.%M}"
    return f"{calendar.clock}{opening.opens:%H.%M}{DASH}{closes}"
