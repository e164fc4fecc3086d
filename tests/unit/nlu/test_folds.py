"""Parts for cross-validation: every topic in each, equal texts together, no chance in it."""

import numpy as np

from services.nlu.understanding.folds import (
    MANY,
    PARTS_OF_FEW,
    PARTS_OF_MANY,
    PARTS_OF_VERY_FEW,
    TRIED_OF_MANY,
    folds,
)


def test_few_examples_are_each_left_out_once() -> None:
    texts, labels = [f"tekst {n}" for n in range(600)], np.arange(600) % 3
    parts = folds(texts, labels)
    assert len(parts) == PARTS_OF_FEW
    assert len(folds(texts[:60], labels[:60])) == PARTS_OF_VERY_FEW
    assert (np.sum(parts, axis=0) == 1).all()
    for left in parts:
        assert set(labels[left]) == {0, 1, 2}


def test_of_many_examples_a_share_is_left_out() -> None:
    texts, labels = [f"tekst {n}" for n in range(MANY + 800)], np.arange(MANY + 800) % 5
    parts = folds(texts, labels)
    assert len(parts) == TRIED_OF_MANY
    share = np.sum(parts, axis=0).mean()
    assert abs(share - TRIED_OF_MANY / PARTS_OF_MANY) < 0.02


def test_equal_texts_of_a_topic_are_left_out_together() -> None:
    texts, labels = ["samme", "annen", "samme", "tredje"] * 5, np.zeros(20, np.intp)
    for left in folds(texts, labels):
        assert (
            len({bool(out) for text, out in zip(texts, left, strict=True) if text == "samme"}) == 1
        )


def test_the_order_of_the_examples_does_not_matter() -> None:
    texts, labels = [f"tekst {n}" for n in range(40)], np.arange(40) % 4
    back = folds(texts[::-1], labels[::-1])
    assert all(
        (one == other[::-1]).all() for one, other in zip(folds(texts, labels), back, strict=True)
    )


def test_one_example_leaves_nothing_to_try() -> None:
    assert folds(["alene"], np.zeros(1, np.intp)) == ()
