"""The language of a message: short lines keep the conversation's, a clear sentence in another one wins."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.content import LANGUAGES, Language
from services.nlu.reading.language import LONGEST, LanguageDetector
from services.nlu.reading.spoken import Spoken
from services.nlu.reading.wordcounts import LEAST, count, read, words_in, written

DETECTOR = LanguageDetector()
BENCH = Path(__file__).parents[2] / "bench" / "data"
NEIGHBOUR: dict[Language, Language] = {"nb": "da", "da": "nb"}


def lines_in(language: Language) -> list[str]:
    rows = (BENCH / f"retail.{language}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(row)["text"] for row in rows]


def after(texts: Iterable[str], before: Spoken) -> Spoken:
    for text in texts:
        before = DETECTOR.spoken(text, before, LANGUAGES)
    return before


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


@pytest.mark.parametrize("language", NEIGHBOUR)
def test_after_english_the_page_tells_neighbours_apart(language: Language) -> None:
    before = Spoken("en", page=language)
    told = [after([text], before).language for text in lines_in(language)]
    assert NEIGHBOUR[language] not in told
    assert told.count(language) >= 0.97 * len(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_keeps_nobody_from_being_understood(language: Language) -> None:
    told = [after([text], Spoken(language, page=language)) for text in lines_in(language)]
    assert sum(one.language == language for one in told) >= 0.99 * len(told)
    assert [one.language for one in told] == [
        DETECTOR.language(text, language, LANGUAGES) for text in lines_in(language)
    ]


@pytest.mark.parametrize("language", NEIGHBOUR)
def test_a_neighbour_on_the_other_ones_page_is_found_in_two_messages(language: Language) -> None:
    lines, page = lines_in(language), NEIGHBOUR[language]
    pairs = zip(lines, (*lines[7:], *lines[:7]), strict=True)
    told = [after(pair, Spoken(page, page=page)).language for pair in pairs]
    assert told.count(language) >= 0.92 * len(told)


UNCLEAR = "har I den i sort"
"""Leans to Danish, but Norwegians may write so, too."""


def test_an_unclear_message_only_leans_and_the_next_one_decides() -> None:
    once = after([UNCLEAR], Spoken("nb", page="nb"))
    assert once == Spoken("nb", page="nb", leaning="da")
    assert after([UNCLEAR], once) == Spoken("da", page="nb")
    assert after(["hva er det med pakken", UNCLEAR], once).language == "nb"


@pytest.mark.parametrize("text", ["ok", "return label", "12345678", "XL", "?"])
@pytest.mark.parametrize("before", [Spoken("en", "nb"), Spoken("nb", "nb", "da")])
def test_loanwords_neither_flip_nor_lean(text: str, before: Spoken) -> None:
    assert after([text], before) == before


def test_what_the_page_does_not_say_is_clear_all_the_same() -> None:
    danish = "hvad koster fragten, og hvornår kommer min pakke"
    assert after([danish], Spoken("en", page="nb")).language == "da"
