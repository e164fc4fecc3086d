"""Hints on examples: too few, twice, alike in two topics."""

import pytest

from libs.contracts.content import Language, PackPublished, Topic
from services.nlu.content.packs import published
from services.nlu.content.starter import nobody
from services.nlu.evaluation.findings import FEW, alike, counts, repeated, too_few
from services.nlu.evaluation.pupils import LONG_AGO

TWO: tuple[Language, ...] = ("nb", "en")
Examples = dict[Language, tuple[str, ...]]


def pack(**topics: Examples) -> PackPublished:
    merchant = nobody({}).model_copy(update={"languages": TWO})
    own = [Topic(key=key, title={}, examples=examples) for key, examples in topics.items()]
    return published(merchant, own, LONG_AGO, {})


def many(word: str, number: int) -> tuple[str, ...]:
    return tuple(f"{word} {chr(97 + n) * 3}" for n in range(number))


def test_counts_and_too_few() -> None:
    full = many("where", FEW)
    found = pack(
        track={"nb": full, "en": full[:-1], "fi": full}, other_question={"nb": ("noe annet",)}
    )
    assert counts(found)["track"] == {"nb": FEW, "en": FEW - 1}
    assert too_few(found) == [("track", "en", FEW - 1)]


def test_the_same_but_for_signs_and_accents_is_said_twice() -> None:
    twice = repeated(pack(track={"nb": ("Når kommer den?", "nar kommer den", "hvor er den")}))
    assert [(one.text, count) for one, count in twice] == [("Når kommer den?", 2)]
    assert not repeated(pack(track={"nb": ("retur",), "en": ("retur",)}))


def test_alike_in_two_topics_also_across_languages() -> None:
    found = alike(
        pack(
            returns={"nb": ("kan jeg sende tilbake skoene", "angrer")},
            refund={"nb": ("kan jeg sende tilbake skoene?", "pengene"), "en": ("angrer",)},
        )
    )
    assert [(one.one.topic, one.other.topic, one.likeness) for one in found] == [
        ("refund", "returns", 1.0), ("refund", "returns", 1.0),
    ]  # fmt: skip
    assert {one.one.text for one in found} == {"kan jeg sende tilbake skoene?", "angrer"}


def test_what_is_not_alike() -> None:
    assert not alike(pack(a_b={"nb": ("hvor er pakken",)}, c_d={"nb": ("jeg vil betale",)}))
    assert not alike(pack(a_b={"nb": ("hvor er pakken", "hvor er pakken?")}, c_d={}))
    assert not alike(pack(a_b={"nb": ("hvor er pakken",)}))
    assert not alike(pack())


@pytest.mark.parametrize("text", ["🙏", "???", " "])
def test_texts_without_words_are_like_nothing(text: str) -> None:
    assert not alike(pack(a_b={"nb": (text, "hei")}, c_d={"nb": (text, "ha det")}))


def test_a_pair_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.nlu.evaluation.findings.AT_ONCE", 2)
    found = alike(
        pack(a_b={"nb": ("hei", "hei!", "hoi")}, c_d={"nb": ("hei", "ops"), "en": ("hei",)})
    )
    assert len(found) == 1
