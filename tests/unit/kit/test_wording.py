"""Plurals and variables as each language says them."""

from datetime import UTC, date, datetime, time

import pytest

from libs.contracts.content import Opening, OpeningHours, SpecialDay
from libs.contracts.locale import language_of_locale
from libs.kit.wording import fill, merchant_variables
from tests.builders import merchant


def test_variables_are_filled_once_and_values_are_never_read() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"
    assert fill("{unknown}{0}{a.b} {a!r}", {"a": "x"}) == "{0}{a.b} {a!r}"


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


def test_the_merchants_day_decides_which_special_hours_are_told() -> None:
    christmas = date(2026, 12, 24)
    hours = OpeningHours(
        openings=(Opening(weekdays=tuple(range(7)), opens=time(8), closes=time(16)),),
        special=(SpecialDay(on=christmas, opens=time(9), closes=time(12)),),
    )
    said = [
        merchant_variables(merchant(hours=hours), "nb", datetime(2026, 12, *at, tzinfo=UTC))
        for at in ((24, 22, 59), (24, 23, 0))
    ]
    assert [one["opening_hours"] for one in said] == [
        "alle dager 08.00–16.00 (torsdag 24. desember 09.00–12.00)", "alle dager 08.00–16.00",
    ]  # fmt: skip
