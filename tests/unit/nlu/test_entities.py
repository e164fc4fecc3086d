"""Order numbers are found however they are typed, and what only looks like one is not."""

import time

import pytest

from services.nlu.entities import Entities, find_entities

EIGHT = "[0-9]{8}"


@pytest.mark.parametrize(
    "text",
    [
        "10482217", "1048 2217", "10 48 22 17", "1048-2217", "1048.2217", "10.48.22.17",
        "nr10482217", "nr. 10482217", "#10482217", "ordre10482217", "Ordrenummer: 10482217.",
        "１０４８２２１７", "10482217?", "(10482217)", "det er 10482217 takk", "1048\u00a02217",
        "1048\u200b2217", "hvor er 10482217", "1048 - 2217", "nej, 20735524 menar jag 10482217",
        "ikke 20735524, men 10482217", "20735524 10482217", "bestilt 03.11.2026, ordre 10482217",
        "tlf 400 00 000, ordre 10482217", "+47 400 00 000 og 10482217",
    ],
)  # fmt: skip
def test_found(text: str) -> None:
    assert find_entities(text, EIGHT).order_number == "10482217"


@pytest.mark.parametrize(
    "text",
    [
        "", "hei", "1048221", "104822170", "1048 2217 0", "25.11.2026", "2026-11-25", "25/11/2026",
        "+4740000000", "tlf 40000000", "puh. 040 123 4567", "4000 0000 0000 0000", "NB123456785NO",
        "1299 kr",
    ],
)  # fmt: skip
def test_not_found(text: str) -> None:
    assert find_entities(text, EIGHT).order_number is None


def test_digits_that_do_not_fit_are_noticed() -> None:
    assert find_entities("1234567", EIGHT).number_like
    assert not find_entities("str 42", EIGHT).number_like
    assert not find_entities("25.11.2026", EIGHT).number_like


@pytest.mark.parametrize(
    "text", ["nei, den andre", "den andra beställningen", "den anden ordre", "se toinen tilaus",
             "the other one", "feil nummer", "Den ANDRE"],
)  # fmt: skip
def test_a_correction_is_heard(text: str) -> None:
    assert find_entities(text, EIGHT).other_order


def test_without_a_pattern_no_number_is_one() -> None:
    assert find_entities("10482217", None) == Entities(number_like=True)


@pytest.mark.parametrize("piece", ["1 ", "1-", "1 - ", "1.1.", "tlf ", "+1", "\u200b", "2026-"])
def test_long_hostile_texts_are_read_in_linear_time(piece: str) -> None:
    began = time.perf_counter()
    find_entities(piece * 4000, EIGHT)
    assert time.perf_counter() - began < 1
