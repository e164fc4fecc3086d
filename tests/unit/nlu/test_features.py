"""One text is seen as scikit-learn sees it, and spellings that mean the same are one."""

import numpy as np
import pytest

from services.nlu.understanding.features import Features
from services.nlu.understanding.folding import LONGEST, folded, has_letters


def test_one_text_is_seen_as_scikit_learn_sees_it() -> None:
    texts = ["hvor er pakken", "hvor er frakten", "pakke pakke pakke", "a b"]
    features, rows = Features.learned(texts)
    for number, text in enumerate(texts):
        seen, row = features.of(text), np.zeros(rows.shape[1])
        row[seen.positions] = seen.weights
        assert np.allclose(row, rows[[number]].toarray().ravel(), atol=1e-6)


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
