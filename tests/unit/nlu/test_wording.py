"""Days, hours, plurals and variables as each language says them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from libs.contracts.content import Language, Opening, OpeningHours
from services.nlu.dialogue.calendars import card_day, say_day, say_hours, say_next_opening
from services.nlu.dialogue.wording import fill, language_of_locale
from tests.builders import merchant

TODAY = date(2026, 11, 23)


def test_variables_are_filled_once_and_values_are_never_read() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"
    assert fill("{unknown}{0}{a.b} {a!r}", {"a": "x"}) == "{0}{a.b} {a!r}"


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


def test_plurals() -> None:
    text = "{days, plural, one {# dag} other {# dager}}"
    assert [fill(text, {"days": days}) for days in ("1", "60", "x")] == [
        "1 dag",
        "60 dager",
        "x dager",
    ]
    assert fill("{n, plural, =0 {ingen} other {#}}", {"n": "0"}) == "ingen"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("nb", "nb"), ("no", "nb"), ("nn-NO", "nb"), ("SV_se", "sv"), ("de", "nb"), ("", "nb")],
)
def test_locales(locale: str, language: str) -> None:
    assert language_of_locale(locale, ("nb", "sv", "en")) == language
