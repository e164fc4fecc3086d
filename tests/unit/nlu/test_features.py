"""One text is seen as scikit-learn sees it, and spellings that mean the same are one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from services.nlu.understanding.features import (
    Block,
    Cut,
    Features,
    Vector,
    letter_groups,
    words_and_pairs,
)
from services.nlu.understanding.folding import LONGEST, folded, has_letters

LINES = [
    "hvor er pakken", "hvor er frakten min", "pakke pakke pakke", "a b", "å", "æøå: 12-34!",
    "", "  to   mellomrom ", "sms/e-post",
]  # fmt: skip


def dense(vector: Vector, width: int) -> np.ndarray:
    row = np.zeros(width)
    row[vector.positions] = vector.weights
    return row


@pytest.mark.parametrize(
    ("cut", "how"),
    [
        (letter_groups, {"analyzer": "char_wb", "ngram_range": (2, 5)}),
        (words_and_pairs, {"ngram_range": (1, 2), "token_pattern": r"\b\w+\b"}),
    ],
)
@given(texts=st.lists(st.text("abæø 1-.", max_size=30), min_size=1, max_size=8))
@example(texts=LINES)
def test_texts_are_seen_as_scikit_learn_sees_them(
    cut: Cut, how: dict[str, Any], texts: list[str]
) -> None:
    assume(any(cut(text) for text in texts))
    table = TfidfVectorizer(sublinear_tf=True, lowercase=False, **how)
    theirs = table.fit_transform(texts).toarray()
    block, rows = Block.learned(cut, texts, 1000)
    assert block.parts == table.get_feature_names_out().tolist()
    assert np.allclose(rows.toarray(), theirs, atol=1e-6)


def test_only_the_commonest_are_kept() -> None:
    block, _ = Block.learned(words_and_pairs, ["b a c", "a", "c"], 2)
    assert block.parts == ["a", "c"]


def test_one_text_alone_is_seen_as_it_was_learned() -> None:
    features, rows = Features.learned(LINES)
    again = Features.revived(features.state())
    for number, text in enumerate(LINES):
        for one in (features, again):
            assert np.allclose(dense(one.of(text), rows.shape[1]), rows[[number]].toarray().ravel())


@pytest.mark.parametrize("text", ["", "qqq", "\u2603"])
def test_what_no_example_has_is_not_seen(text: str) -> None:
    seen = Features.learned(["hvor er pakken", "a b"])[0].of(text)
    assert not seen.weights.any()


def test_spellings_without_nordic_letters_are_the_same_to_the_model() -> None:
    assert folded("Når får jeg Ærfugl på SØNDAG 12 34?") == folded(
        "naar faar jeg aerfugl paa soendag 5?"
    )


@pytest.mark.parametrize(
    ("text", "readable"), [("a", True), ("7", False), ("å!", True), ("?!", False), ("🙂", False)]
)
def test_a_text_needs_a_letter(text: str, readable: bool) -> None:
    assert has_letters(folded(text)) is readable


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert folded("x" * 9000) == "x" * LONGEST
