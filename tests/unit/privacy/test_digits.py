"""Recognizers that are not asked about texts without digits would have found nothing there."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.privacy import dates, recognizers
from libs.privacy.amounts import amounts
from libs.privacy.codes import codes
from services.nlu.reading import figures, sizes

WORDS = (
    "str.", "størrelse", "koko", "XL", "M", "us", "EU", "one size", "w", "l", "x", "cm", "kr", "-", "/", ".",
    "uke", "mars", "of", "fredag", "neste", "ordre", "sporing", "PostNord", "NO", "RR", "+", "(", "FB-", "½",
)  # fmt: skip
PLAIN = st.lists(
    st.sampled_from(WORDS) | st.text(max_size=6).filter(lambda text: not re.search(r"\d", text)),
    max_size=12,
).map(" ".join)
BY_TEXT = (
    amounts, figures.lettered_parcels, figures.coded_parcels, figures.phones, dates._numeric, dates._named,
)  # fmt: skip
WITH_MORE = (codes, recognizers.ibans, figures.numbers_in)


@pytest.mark.parametrize("find", [*BY_TEXT, *WITH_MORE])
@given(text=PLAIN)
def test_there_is_nothing_to_find_without_digits(find: Any, text: str) -> None:
    asked = find.__wrapped__
    assert not list(asked(text, "") if find in WITH_MORE else asked(text))


@given(text=PLAIN)
def test_sizes_without_digits_are_found_by_all_patterns_alike(text: str) -> None:
    found = [
        one.span("size") for pattern in sizes._PATTERNS for one in pattern.finditer(text)
    ]  # fmt: skip
    some = [one.span("size") for pattern in sizes._WITHOUT_DIGITS for one in pattern.finditer(text)]
    assert found == some


def test_with_digits_they_are_asked() -> None:
    assert [value for _, _, value in amounts("kr 1299,50")] == ["1299.50 kr"]
    found = [size for _, _, size in sizes.sizes("140 x 200 cm, str 42 og XL")]
    assert sorted(found) == ["140x200", "42", "XL"]
