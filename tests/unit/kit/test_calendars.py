"""Days, hours and the next opening as each language says them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from libs.contracts.content import LANGUAGES, Language, Opening, OpeningHours, SpecialDay
from libs.kit.calendars import DAYS_TOLD, card_day, say_day, say_hours, say_next_opening
from tests.builders import merchant

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("language", "sentence", "card"),
    [
        ("nb", "onsdag 25. november", "onsdag 25. november"),
        ("sv", "onsdagen den 25 november", "onsdag 25 november"),
        ("da", "onsdag den 25. november", "onsdag den 25. november"),
        ("fi", "keskiviikkona 25. marraskuuta", "keskiviikko 25. marraskuuta"),
        ("en", "on Wednesday 25 November", "Wednesday 25 November"),
    ],
)
def test_days(language: Language, sentence: str, card: str) -> None:
    day = date(2026, 11, 25)
    assert say_day(day, TODAY, language) == sentence
    assert card_day(day, language) == card


@pytest.mark.parametrize(
    ("language", "near"),
    [
        ("nb", ["i går", "i dag", "i morgen"]),
        ("sv", ["i går", "i dag", "i morgon"]),
        ("da", ["i går", "i dag", "i morgen"]),
        ("fi", ["eilen", "tänään", "huomenna"]),
        ("en", ["yesterday", "today", "tomorrow"]),
    ],
)
def test_near_days(language: Language, near: list[str]) -> None:
    assert [say_day(date(2026, 11, day), TODAY, language) for day in (22, 23, 24)] == near


def opening(days: tuple[int, ...], opens: int, closes: int) -> Opening:
    return Opening(weekdays=days, opens=time(opens), closes=time(closes))


HAVSRO = OpeningHours(openings=(opening((0, 1, 2, 3, 4, 5), 7, 22), opening((6,), 10, 18)))
ALWAYS = OpeningHours(openings=(opening((0, 1, 2, 3, 4, 5, 6), 0, 0),))


@pytest.mark.parametrize(
    ("language", "week", "always"),
    [
        ("nb", "mandag til lørdag 07.00–22.00 og søndag 10.00–18.00", "alle dager hele døgnet"),
        ("sv", "måndag till lördag 07.00–22.00 och söndag 10.00–18.00", "alla dagar dygnet runt"),
        (
            "da",
            "mandag til lørdag kl. 07.00–22.00 og søndag kl. 10.00–18.00",
            "alle dage hele døgnet",
        ),
        (
            "fi",
            "maanantaista lauantaihin klo 07.00–22.00 ja sunnuntaina klo 10.00–18.00",
            "joka päivä ympäri vuorokauden",
        ),
        (
            "en",
            "Monday to Saturday 07.00–22.00 and Sunday 10.00–18.00",
            "every day around the clock",
        ),
    ],
)
def test_hours(language: Language, week: str, always: str) -> None:
    assert say_hours(HAVSRO, language) == week
    assert say_hours(ALWAYS, language) == always


def test_hours_with_a_break_a_day_off_and_midnight() -> None:
    hours = OpeningHours(
        openings=(opening((0, 1), 8, 11), opening((0, 1), 12, 0), opening((4,), 9, 10))
    )
    assert say_hours(hours, "nb") == (
        "mandag til tirsdag 08.00–11.00 og 12.00–24.00 og fredag 09.00–10.00"
    )
    assert say_hours(OpeningHours(openings=()), "en") == "by appointment only"


WORKDAYS = OpeningHours(
    openings=(opening((0, 1, 2, 3, 4), 7, 16), opening((0,), 18, 20)),
    closed_on=(date(2026, 11, 24),),
)


@pytest.mark.parametrize(
    ("at", "language", "said"),
    [
        ("2026-11-23T04:00", "nb", "i dag kl. 07.00"), ("2026-11-23T12:00", "nb", ""),
        ("2026-11-23T16:00", "nb", "i dag kl. 18.00"), ("2026-11-22T12:00", "sv", "i morgon kl. 07.00"),
        ("2026-11-23T22:00", "da", "på onsdag kl. 07.00"),
        ("2026-11-27T20:00", "fi", "maanantaina klo 07.00"),
        ("2026-11-27T20:00", "en", "on Monday at 07.00"), ("2026-11-23T23:30", "en", "tomorrow at 07.00"),
    ],
)  # fmt: skip
def test_the_next_opening_is_said_from_the_merchants_today(
    at: str, language: Language, said: str
) -> None:
    shop, now = merchant(hours=WORKDAYS), datetime.fromisoformat(f"{at}+00:00")
    assert say_next_opening(shop, now, language) == said


def test_a_day_far_ahead_is_a_date_and_no_day_is_nothing() -> None:
    away = tuple(date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(12))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    hours = WORKDAYS.model_copy(update={"closed_on": away})
    assert say_next_opening(merchant(hours=hours), now, "nb") == "mandag 7. desember kl. 07.00"
    assert say_next_opening(merchant(hours=OpeningHours(openings=())), now, "nb") == ""


CHRISTMAS = OpeningHours(
    openings=(opening((0, 1, 2, 3, 4), 8, 16),),
    closed_on=(date(2026, 12, 25), date(2026, 12, 26)),
    special=(
        SpecialDay(on=date(2026, 12, 24), opens=time(13), closes=time(15)),
        SpecialDay(on=date(2026, 12, 24), opens=time(9), closes=time(12)),
    ),
)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nb", "torsdag 24. desember 09.00–12.00 og 13.00–15.00, fredag 25. desember stengt"),
        ("sv", "torsdag 24 december 09.00–12.00 och 13.00–15.00, fredag 25 december stängt"),
        (
            "da",
            (
                "torsdag den 24. december kl. 09.00–12.00 og kl. 13.00–15.00, "
                "fredag den 25. december lukket"
            ),
        ),
        (
            "fi",
            (
                "torstai 24. joulukuuta klo 09.00–12.00 ja klo 13.00–15.00, "
                "perjantai 25. joulukuuta suljettu"
            ),
        ),
        ("en", "Thursday 24 December 09.00–12.00 and 13.00–15.00, Friday 25 December closed"),
    ],
)
def test_other_hours_than_the_usual_ones_are_told_a_week_ahead(
    language: Language, told: str
) -> None:
    usual = say_hours(CHRISTMAS, language)
    assert say_hours(CHRISTMAS, language, date(2026, 12, 21)) == f"{usual} ({told})"
    too_early = date(2026, 12, 24) - timedelta(days=DAYS_TOLD)
    assert say_hours(CHRISTMAS, language, too_early) == usual


def test_a_holiday_on_a_day_off_is_not_worth_telling() -> None:
    # 26 December 2026 is a Saturday, on which nobody is there anyway.
    said = say_hours(CHRISTMAS, "en", date(2026, 12, 26))
    assert said == "Monday to Friday 08.00–16.00"


def test_whoever_is_there_on_special_days_only_says_which() -> None:
    hours = CHRISTMAS.model_copy(update={"openings": ()})
    assert say_hours(hours, "nb", date(2026, 12, 24)) == (
        "bare etter avtale (torsdag 24. desember 09.00–12.00 og 13.00–15.00)"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_after_a_holiday_the_next_opening_is_named_by_its_weekday(language: Language) -> None:
    shop, now = merchant(hours=CHRISTMAS), datetime(2026, 12, 24, 20, tzinfo=UTC)
    named = {"nb": "på mandag kl. 08.00", "sv": "på måndag kl. 08.00", "da": "på mandag kl. 08.00",
             "fi": "maanantaina klo 08.00", "en": "on Monday at 08.00"}  # fmt: skip
    assert say_next_opening(shop, now, language) == named[language]
