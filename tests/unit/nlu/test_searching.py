"""Words are found in spite of endings, compounds, typos and other languages; small words stay small."""

import pytest

from services.nlu.shop.retail import ITS_HEAD, ITS_KIND, forms, is_name, is_thing, stem
from services.nlu.shop.searching import (
    HEAD,
    KIND,
    NARROWER,
    ONE_TYPO,
    SAME_STEM,
    TWO_TYPOS,
    Words,
    edits,
)

CATALOGUE = (
    "stovel",
    "skalljakke",
    "vinterdekk",
    "sovepose",
    "tusenfryd",
    "kudde",
    "telt",
    "merkelapp",
)


def like(asked: str, least: float = 0.5) -> dict[str, float]:
    """The words of a small catalogue that are like `asked`."""
    words = Words((number, {word: 1.0}) for number, word in enumerate(CATALOGUE))
    return {
        CATALOGUE[number]: round(likeness, 2)
        for number, likeness in words.like(asked, least).items()
    }


@pytest.mark.parametrize(
    ("asked", "own", "likeness"),
    [
        ("stovel", "stovel", 1.0), ("stovlene", "stovel", SAME_STEM),
        ("merkelapper", "merkelapp", SAME_STEM),
        ("dekk", "vinterdekk", HEAD), ("merke", "merkelapp", KIND), ("lavvotelt", "telt", NARROWER),
        ("merkelap", "merkelapp", ONE_TYPO), ("tusenfyrd", "tusenfryd", ONE_TYPO),
        ("tussenfrydd", "tusenfryd", TWO_TYPOS),
        ("tent", "telt", 0.95), ("cushions", "kudde", 0.95), ("sovsack", "sovepose", 0.95),
    ],
)  # fmt: skip
def test_how_like_words_are(asked: str, own: str, likeness: float) -> None:
    assert like(asked)[own] == pytest.approx(likeness, abs=0.01)


@pytest.mark.parametrize("asked", ["barn", "stove", "pose", "abc", "xyzxyz"])
def test_words_that_only_look_alike_are_not_sure(asked: str) -> None:
    assert {
        word: likeness for word, likeness in like(asked, 0.85).items() if word != "sovepose"
    } == {}


def test_words_beside_the_title_count_only_where_they_fit_well() -> None:
    words = Words([(0, {"merkelapp": 0.9}), (1, {"merkelapp": 1.0})])
    assert words.score("merkelap", 2, 0.5).tolist() == pytest.approx([0.81, 0.9], abs=0.01)
    assert words.score("merkelappbrett", 2, 0.3)[0] == 0
    assert words.score("nothing", 2, 0.5).tolist() == [0, 0]
    assert Words([]).score("telt", 0, 0.5).tolist() == []


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "abcd", 1),
     ("abc", "xyz", 3), ("ca", "abc", 3)],
)  # fmt: skip
def test_edits(one: str, other: str, distance: int) -> None:
    assert edits(one, other, 2) == min(distance, 3)
    assert edits(other, one, 2) == min(distance, 3)


def test_endings_are_taken_off_once_and_leave_a_word() -> None:
    assert {stem(word) for word in ("stovel", "stovler", "stovlene", "stovlarna", "stovlar")} == {
        "stovl"
    }
    assert stem("ost") == "ost"
    assert stem("e") == "e"


def test_a_small_word_is_no_thing_for_its_ending() -> None:
    assert is_thing("kanne")
    assert not is_thing("kan")
    assert is_thing("vanter")
    assert not is_thing("vant")
    assert is_thing("jakkene")
    assert not is_name("jakkene")


def test_a_compound_is_looked_for_by_its_head_too() -> None:
    found = dict(forms("sommerjakke"))
    assert found["jacket"] == ITS_HEAD
    assert found["kesa"] == ITS_KIND
