"""Codes of the second factor: those of RFC 6238, and only for a short while."""

from base64 import b32encode

import pytest

from libs.kit.second_factor import matching_step, recovery_hash

SECRET = b32encode(b"12345678901234567890").decode()
"""The secret of RFC 6238, appendix B; its codes have eight digits there, the last six count here."""

RFC_6238 = [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"),
    (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert matching_step(SECRET, code[-6:], seconds) == seconds // 30


@pytest.mark.parametrize(("off", "near"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_code_counts_half_a_minute_before_and_after(off: int, near: bool) -> None:
    seconds, code = RFC_6238[1]
    step = matching_step(SECRET, code[-6:], seconds + off)
    assert step == (seconds // 30 if near else None)


def test_at_the_beginning_of_time_there_is_nothing_before() -> None:
    assert matching_step(SECRET, "755224", 0) == 0


@pytest.mark.parametrize("code", ["", "000000", "94287", "942870822", "94287 ", "٩٤٢٨٧٠"])
def test_another_code_is_wrong(code: str) -> None:
    assert matching_step(SECRET, code, 59) is None


def test_a_recovery_code_is_the_same_however_it_is_typed() -> None:
    assert recovery_hash("ABCDE-12345") == recovery_hash("abcde12345")
    assert recovery_hash("abcde12345") != recovery_hash("abcde12346")
