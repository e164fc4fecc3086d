"""Whatever is typed, facts come in order and within the text, and hostile text costs linear time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlu.reading.entities import Entities, find_entities

EIGHT = "[0-9]{8}"

PIECES = st.sampled_from([
    "1", "12", " ", "-", "/", ".", ",", "ordre ", "nr", "+47", "00", "@", " at ", " punktum ",
    "krøllalfa", "en ", "null ",
    "RR", "NO", "kr", "str ", "x", "cm", "M", "blå", "mørk", "24.12", "https://", "\u200b", "４",
    "\n", "å", "tlf ",
])  # fmt: skip
PATTERNS = st.sampled_from(
    [None, EIGHT, "FB-[0-9]{6}", r"\d{4}-\d{5}", "(?:SO|WEB)?[0-9]{5,8}", "#?[A-Z]+[0-9]+"]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=30).map("".join)), PATTERNS)
def test_any_text_gives_ordered_facts_within_it(text: str, pattern: str | None) -> None:
    end = 0
    for one in find_entities(text, pattern).found:
        assert end <= one.start < one.end <= len(text)
        assert one.value
        end = one.end


HOSTILE = [
    "1 ", "1-", "1 - ", "1.1.", "1/1", "tlf ", "+1", "\u200b", "2026-", "en ", "a.", "a@", " at ",
    "a dot ", "RR1", "1Z", "x1", "FB-1",
    "kr 1 ", "1x", "blå", "str ", "12 ", "12. mai ", "https://", "a-", "(", "ordre ",
]  # fmt: skip


@pytest.mark.parametrize("pattern", [EIGHT, "FB-[0-9]{6}"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_linear_time(piece: str, pattern: str) -> None:
    long, longer = piece * (500 // len(piece)), piece * (2000 // len(piece))
    assert _cost(longer, pattern) < max(10 * _cost(long, pattern), 0.1)


def _cost(text: str, pattern: str) -> float:
    """The least of three in processor time of this thread, so that a busy machine fails nobody."""
    return min(_seconds(text, pattern) for _ in range(3))


def _seconds(text: str, pattern: str) -> float:
    began = time.thread_time()
    find_entities(text, pattern)
    return time.thread_time() - began


def test_very_long_texts_are_read_to_a_limit() -> None:
    assert _seconds("1 - " * 40_000, EIGHT) < 1
    assert find_entities("x" * 5000 + " 10482217", EIGHT) == Entities()
