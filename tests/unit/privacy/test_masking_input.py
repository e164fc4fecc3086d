"""Whatever arrives, masking ends in time, and what was planted in it is not in clear afterwards."""

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from libs.privacy.masking import MAX_BYTES, mask
from libs.privacy.recognizers import KINDS
from tests.bench.masking_sets import SETS, own

PLANTED = [
    "ola.hagen@post.example", "10482217", "+47 400 00 123", "4242 4242 4242 4242", "NO93 8601 1117 947",
    "RR123456789NO", "192.0.2.44", "900101-9802", "https://butikk.example/t?token=8fj2kd9s7a",
    "fjellgeita_77",
]  # fmt: skip

NOISE = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøåäö ,.!?\n", max_size=80),
    st.text(
        alphabet="\u0430\u0435\u043e\u0440\u0441\u05d0\u0627\u4e2d\u0e01\u1100 \u200b\u200d\u202e\ufeff",
        max_size=40,
    ),
    st.sampled_from(["🙂" * 20, "\ud800", "\x00\x01", "’“”", "<PERSON> ", "<EMAIL", "a." * 50, "((((" * 9]),
    st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
)  # fmt: skip
QUESTIONS = st.sampled_from([
    None, "Hva heter du?", "Hva er ordrenummeret ditt?", "Hva er adressen din?", "Hva er brukernavnet ditt?",
    "Hvilket postnummer?", "Mikä on sähköpostiosoitteesi?",
])  # fmt: skip
LINES = [line.text for name in SETS for line in own(name)]
TALK = st.lists(
    st.sampled_from([*LINES, *(word for line in LINES for word in line.split())]), max_size=6
)
LANGUAGES = st.sampled_from(["nb", "sv", "da", "fi", "en", "de", "xx", "", "nb-NO", "\u0000", None])


@settings(max_examples=300, deadline=None)
@given(NOISE, st.sampled_from(PLANTED), NOISE, LANGUAGES, st.booleans())
@example("\u202e", "10482217", "", "xx", False)
@example("kr ", "10482217", " stk", "nb", True)
def test_what_is_planted_does_not_survive(
    before: str, value: str, after: str, language: str | None, strict: bool
) -> None:
    text = f"{before}\n{value} \n {after}"
    masked = mask(text, language, strict=strict).text
    assert value not in masked
    assert value not in unicodedata.normalize("NFKC", masked)


@settings(max_examples=200, deadline=None)
@given(NOISE, NOISE, LANGUAGES, st.booleans())
def test_any_text_is_masked_without_an_error(
    text: str, context: str, language: str | None, strict: bool
) -> None:
    masked = mask(text, language, context, strict=strict)
    assert all(span.kind in (*KINDS, "OVERSIZE") for span in masked.spans)
    again = mask(masked.text, language, context, strict=strict)
    assert again.spans == ()


@settings(max_examples=300, deadline=None)
@given(TALK, st.sampled_from([" ", ", ", "\n", ". ", "-", ""]), QUESTIONS, LANGUAGES)
@example(["linh,", "linh@post.example", "tran"], " ", "Hva heter du?", "nb")
def test_jumbled_talk_gives_ordered_spans(
    words: list[str], between: str, question: str | None, language: str | None
) -> None:
    text = between.join(words)
    masked = mask(text, language, question)
    end = 0
    for span in masked.spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789", min_size=6, max_size=12), st.integers(0, 4))
def test_digits_in_other_scripts_are_digits(digits: str, script: int) -> None:
    zeros = ("\uff10", "\u0660", "\u06f0", "\u0966", "\U0001d7ce")
    disguised = "".join(chr(ord(zeros[script]) + int(digit)) for digit in digits)
    assert disguised not in mask(f"ordre {disguised} takk").text


BAIT = [
    "mvh ", "hilsen en litt ", "jeg heter ", "navn: ", "min kone ", "kari ", "Kari ", "K. ",
    "Kari Nordmann og ", "ikea ", "odd molly ", "paul ", "brukernavn er ", "bruker ", "bor i ",
    "adresse ", "12 mill ", "Mill Lane ", "flat 1, 12 ", "a_b ", "@a ", "1410 ", "1410 k ", "E5 ",
    "london e", "2 x ", "12/12-", "128/134 ", "100 000 ", "konto ", "organisasjonsnummer ", "virtasen ",
    "ksen", "lle", "Tove-genseren ", "genser", "-a", "'s ", "ett to ", "JEG HETER ", "a@b.no ",
    "kari krøllalfa ", "dot ", "(at) ", "x.", "::1 ", "NO93 ", "1Z ", "3S", "https://a?b=",
]  # fmt: skip


@pytest.mark.parametrize("bait", BAIT)
def test_bait_costs_linear_time(bait: str) -> None:
    short, long = (bait * (size // len(bait)) for size in (2_000, 8_000))
    mask("hei")
    assert _cost(long) < max(8 * _cost(short), 0.05)


@pytest.mark.parametrize("bait", ["a.", "100 000 ", "Kari ", "mvh ", "1410 k ", "\u200b1"])
def test_the_longest_text_that_is_read_takes_little_time(bait: str) -> None:
    text = bait * (MAX_BYTES // len(bait.encode()))
    assert len(text.encode()) <= MAX_BYTES
    assert _seconds(text) < 4


def _cost(text: str) -> float:
    """The least of three in processor time of this thread, so that a busy machine fails nobody."""
    return min(_seconds(text) for _ in range(3))


def _seconds(text: str) -> float:
    started = time.thread_time()
    mask(text)
    return time.thread_time() - started
