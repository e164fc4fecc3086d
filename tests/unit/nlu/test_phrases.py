"""The short words that steer a dialogue, and the file that they stand in."""

import pytest
from pydantic import ValidationError

from libs.kit.wording import variables_in
from services.nlu.content.yamlfile import YamlFile
from services.nlu.dialogue.phrases import (
    PHRASES,
    Phrases,
    Within,
    Word,
    says,
    telling_words,
    text_of,
    word_of,
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Glem det!", "cancel"), ("glöm det", "cancel"), ("unohda koko juttu", "cancel"),
        ("Never mind, thanks", "cancel"), ("ja takk", "agree"), ("Ja, gärna!", "agree"),
        ("joo", "agree"), ("nei takk", "refuse"), ("no thank you", "refuse"), ("ei kiitos", "refuse"),
        ("den forste", "first"), ("2", "second"), ("Jeg mente den tredje", "third"),
        ("the latter", "last"), ("jotain muuta", "neither"), ("takk", None), ("", None), ("?!", None),
        ("glem det, hvor er pakken min", None), ("jeg vil avbryte bestillingen", None),
    ],
)  # fmt: skip
def test_a_whole_message_is_a_word_or_none(text: str, word: Word | None) -> None:
    assert word_of(text) == word


@pytest.mark.parametrize(
    ("text", "what", "expected"),
    [
        ("Beklager, jeg husker ikke", "unknown", True), ("I don\u2019t know", "unknown", True),
        ("jag hittar inte numret", "unknown", True), ("en oo varma", "unknown", False),
        ("ikke 1, men 2", "instead", True), ("vil du ha den", "meant", False),
        ("jeg vet ikke " + "ord " * 12, "unknown", False),
    ],
)  # fmt: skip
def test_a_turn_of_phrase_counts_in_short_messages(
    text: str, what: Within, *, expected: bool
) -> None:
    assert says(text, what) is expected


def test_what_stands_beside_a_number_says_nothing_of_its_own() -> None:
    assert telling_words("Hei, ordrenummeret mitt er 1048 2217 takk") == ()
    assert telling_words("retur av 10482217") == ("retur", "av")


def test_no_word_steers_in_two_directions() -> None:
    phrases = YamlFile(PHRASES).model(Phrases)
    for word, by_language in phrases.words.items():
        said = [phrase for many in by_language.values() for phrase in many]
        assert {word_of(phrase) for phrase in said} == {word}


def test_the_sentences_are_filled_with_what_the_dialogue_has() -> None:
    known = {
        "resume": {"topic", "question"}, "one_number": {"order_number"},
        "back": {"next_opening"}, "no_fact": {"merchant_name"},
        "not_quite": {"wanted"}, "sizes": {"sizes"},
    }  # fmt: skip
    for name in YamlFile(PHRASES).model(Phrases).texts:
        for text in text_of(name).values():
            assert set(variables_in(text)) <= known.get(name, set())


def test_a_language_that_is_missing_is_noticed() -> None:
    data = YamlFile(PHRASES).data
    del data["texts"]["back"]["fi"]
    with pytest.raises(ValidationError, match="`back` has nothing in fi"):
        Phrases.model_validate(data)
