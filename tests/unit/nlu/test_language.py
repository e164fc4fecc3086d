"""The language of a message: short lines keep the conversation's, a clear sentence in another one wins."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.content import LANGUAGES, Language
from services.nlu.reading.language import LONGEST, LanguageDetector
from services.nlu.reading.wordcounts import LEAST, count, read, words_in, written

DETECTOR = LanguageDetector()

WITH_A_FOREIGN_WORD: list[tuple[Language, str]] = [
    ("nb", "hvor finner jeg return label"), ("nb", "får ikke til checkout på siden"),
    ("nb", "tracking virker ikke"),
    ("nb", "har dere black friday sale"), ("nb", "jakken fra North Shore er too small"),
    ("nb", "kan jeg få refund på denne"),
    ("nb", "leverer dere til Malmö"), ("nb", "skal ha paket levert hjem"),
    ("nb", "gift card som jeg fikk"),
    ("sv", "hur gör jag med return label"), ("sv", "min tracking fungerar inte"),
    ("sv", "kan man betala med Vipps"),
    ("sv", "levererar ni till Tromsø"), ("sv", "var är mitt parcel"),
    ("sv", "jag hittar inte checkout"),
    ("da", "hvor finder jeg mit return label"), ("da", "jeg kan ikke se tracking på min pakke"),
    ("da", "hvad koster express delivery"),
    ("da", "sender I til Göteborg"), ("fi", "missä return label on"), ("fi", "tracking ei toimi"),
    ("fi", "voiko checkoutissa maksaa Klarnalla"), ("fi", "onko black friday alennuksia"),
    ("en", "do you take Vipps or Swish"),
    ("en", "is there a pakkeboks near Stavanger"), ("en", "my pakke has not come"),
]  # fmt: skip


@pytest.mark.parametrize(("spoken", "text"), WITH_A_FOREIGN_WORD)
def test_one_foreign_word_changes_nothing(spoken: Language, text: str) -> None:
    assert DETECTOR.language(text, spoken, LANGUAGES) == spoken


@pytest.mark.parametrize("prior", LANGUAGES)
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "jeg har ventet i en uke nå og hører ingenting fra dere, hva skjer"),
        ("sv", "jag har väntat en vecka nu och hör ingenting från er, vad händer"),
        ("da", "jeg har ventet i en uge nu og hører ikke noget fra jer, hvad sker der"),
        ("fi", "olen odottanut jo viikon enkä ole kuullut teistä mitään"),
        ("en", "I have been waiting for a week and have not heard anything from you"),
    ],
)
def test_a_clear_switch_is_followed(language: Language, text: str, prior: Language) -> None:
    assert DETECTOR.language(text, prior, LANGUAGES) == language


@pytest.mark.parametrize("prior", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    ["", "ok", "?", "12345678", "🙂🙂🙂🙂", "Klarna", "return label", "DHL tracking", "XL", "Oslo"],
)
def test_what_everybody_says_says_nothing(text: str, prior: Language) -> None:
    assert DETECTOR.language(text, prior, LANGUAGES) == prior


@pytest.mark.parametrize(
    ("text", "prior"),
    [("faktura", "nb"), ("faktura", "sv"), ("gavekort", "nb"), ("gavekort", "da"),
     ("hvor er min pakke", "nb"),
     ("hvor er min pakke", "da"), ("retur", "sv"), ("hej", "sv"), ("hej", "da"), ("kan jeg bytte", "da")],
)  # fmt: skip
def test_words_that_neighbours_share_stay_where_they_are(text: str, prior: Language) -> None:
    assert DETECTOR.language(text, prior, LANGUAGES) == prior


def test_a_language_that_is_not_spoken_is_not_answered_in() -> None:
    assert DETECTOR.language("olen odottanut jo viikon", "sv", ("sv", "en")) in {"sv", "en"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(LANGUAGES), st.sets(st.sampled_from(LANGUAGES)))
def test_any_text_gets_one_of_the_languages_spoken(
    text: str, prior: Language, spoken: set[Language]
) -> None:
    first = DETECTOR.language(text, prior, spoken)
    assert first in {*spoken, prior}
    assert LanguageDetector().language(text, prior, spoken) == first


def test_only_the_beginning_of_a_long_message_is_read() -> None:
    text = "hvor er pakken min, jeg har ventet i en uke " * 20
    assert len(text) > LONGEST
    assert DETECTOR.language(text + "where is my parcel " * 500, "nb", LANGUAGES) == "nb"


def test_words_are_counted_once_per_example_and_rare_ones_left_out() -> None:
    counts = count([("nb", "Pakke pakke hei"), ("nb", "pakke"), ("sv", "hej"), ("en", "hej")])
    assert counts["nb"]["pakke"] == LEAST
    assert written(counts) == "word,nb,sv,da,fi,en\nhej,,1,,,1\npakke,2,,,,\n"
    assert words_in("Don't «spørre», ABC-kort 12") == ["don't", "spørre", "abc-kort"]


def test_every_language_has_its_words() -> None:
    assert all(len(words) > 500 for words in read().values())
