"""Lines that no example was made from: topic, language, and knowing what it does not know."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from libs.contracts.content import Language, Topic
from services.nlu.features import Features
from services.nlu.language import LanguageDetector
from services.nlu.packs import STARTER
from services.nlu.scene import FALLBACK
from services.nlu.understanding import TopicModel, folded
from tests.unit.nlu.kitchen import LANGUAGES, brain, demo_packs, trained

LEAST_RIGHT = 0.8
LEAST_REFUSED = 0.6
FEWEST_EXAMPLES = 10


@cache
def lines() -> dict[str, dict[Language, list[str]]]:
    """The lines by topic and language."""
    data: dict[str, dict[Language, list[str]]] = YAML(typ="safe").load(
        (Path(__file__).parent / "lines.yaml").read_text("utf-8")
    )
    return data


def starter() -> list[Topic]:
    """The topics of the starter pack."""
    return [topic for topic in demo_packs()["fjellbekk"].topics if topic.key != FALLBACK]


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_unseen_lines_are_understood(language: Language) -> None:
    expected = [(text, topic.key) for topic in starter() for text in lines()[topic.key][language]]
    right = [trained().guess(text).topic == topic for text, topic in expected]
    assert sum(right) / len(right) >= LEAST_RIGHT


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_of_what_is_off_topic_falls_back(language: Language) -> None:
    texts = lines()["out_of_scope"][language]
    refused = [trained().guess(text).topic == FALLBACK for text in texts]
    assert sum(refused) / len(refused) >= LEAST_REFUSED


def test_no_unseen_line_is_an_example() -> None:
    examples = {folded(text) for topic in starter() for t in topic.examples.values() for text in t}
    unseen = {folded(text) for by in lines().values() for texts in by.values() for text in texts}
    assert not unseen & examples


@pytest.mark.parametrize(
    "text", ["", " ", "???", "xqzw", "🙂", "ℵ", "\x00", "1" * 9000, "}" * 9000]
)
def test_nothing_to_understand_falls_back_or_asks(text: str) -> None:
    assert trained().guess(text).topic in {FALLBACK, "track_parcel"}


@pytest.mark.parametrize("topic", starter(), ids=lambda topic: topic.key)
def test_the_starter_pack_has_enough_examples(topic: Topic) -> None:
    assert {language: len(texts) for language, texts in topic.examples.items()} == {
        language: max(FEWEST_EXAMPLES, len(topic.examples[language])) for language in LANGUAGES
    }
    for texts in topic.examples.values():
        assert len({text.casefold() for text in texts}) == len(texts)


def test_every_button_is_understood() -> None:
    for topic in demo_packs()["fjellbekk"].topics:
        for language, texts in topic.buttons.items():
            for text in texts:
                understood = brain().understand(text, language)
                assert understood.intent != FALLBACK, text
                assert understood.language == language, text


def test_training_twice_gives_the_same() -> None:
    examples = [(text, topic.key) for topic in starter() for text in topic.examples["nb"]]
    first, second = TopicModel(examples), TopicModel(examples)
    assert first.guess("hvor er pakka") == second.guess("hvor er pakka")


def test_one_text_is_seen_as_scikit_learn_sees_it() -> None:
    texts = ["hvor er pakken", "hvor er frakten", "pakke pakke pakke", "a b"]
    features = Features(texts)
    for number, text in enumerate(texts):
        seen, row = features.of(text), np.zeros(features.rows.shape[1])
        row[seen.positions] = seen.weights
        assert np.allclose(row, features.rows[[number]].toarray().ravel())


def test_spellings_without_nordic_letters_are_the_same_to_the_model() -> None:
    assert folded("Når får jeg Ærfugl på SØNDAG 12 34?") == folded(
        "naar faar jeg aerfugl paa soendag 5?"
    )


@pytest.mark.parametrize(
    ("text", "prior", "language"),
    [
        ("hvor er pakken min nå, jeg har ventet i en uke", "sv", "nb"),
        ("var är mitt paket, jag har väntat i en vecka", "nb", "sv"),
        ("hvad koster fragten, og hvornår kommer min pakke", "nb", "da"),
        ("missä pakettini on, olen odottanut viikon", "nb", "fi"),
        ("where is my parcel, I have waited for a week", "nb", "en"),
        ("ok", "fi", "fi"),
        ("10482217", "da", "da"),
        ("", "sv", "sv"),
        ("🙂🙂🙂🙂", "en", "en"),
        ("order", "sv", "sv"),
        ("retur", "da", "da"),
        ("kiitos", "nb", "fi"),
    ],
)
def test_the_language_of_a_message(text: str, prior: Language, language: Language) -> None:
    assert LanguageDetector().language(text, prior, LANGUAGES) == language


def test_a_language_that_the_merchant_does_not_speak_is_not_answered_in() -> None:
    text = "missä pakettini on, olen odottanut viikon"
    assert LanguageDetector().language(text, "sv", ("sv", "en")) in {"sv", "en"}


def test_short_lines_keep_the_language_of_their_conversation() -> None:
    detector = LanguageDetector()
    spoken = [
        (text, lang) for by in lines().values() for lang, texts in by.items() for text in texts
    ]
    right = [detector.language(text, lang, LANGUAGES) == lang for text, lang in spoken]
    assert sum(right) / len(right) >= 0.97


def test_the_starter_pack_is_where_the_code_says() -> None:
    assert json.dumps(sorted(path.stem for path in STARTER.glob("*.yaml"))) == json.dumps(
        [topic.key for topic in demo_packs()["havsro"].topics]
    )
