"""Our regression beside scikit-learn's: the same solution, the same bytes each time."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from services.nlu.understanding.regression import REGULARITY, learn, scores_of

RNG = np.random.default_rng(3)


def problem(classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which some features tell the class."""
    labels = RNG.integers(0, classes, 400)
    rows = RNG.normal(size=(400, 20)).astype(np.float32)
    rows[np.arange(400), labels] += 1.5
    return rows, labels


@pytest.mark.parametrize("as_rows", [np.asarray, csr_matrix])
def test_it_finds_what_the_library_finds(as_rows: Any) -> None:
    rows, labels = problem()
    ours = scores_of(as_rows(rows), learn(as_rows(rows), labels, 4))
    theirs = LogisticRegression(C=REGULARITY, max_iter=500).fit(rows, labels)
    expected = theirs.predict_proba(rows)
    chances = np.exp(ours) / np.exp(ours).sum(axis=1, keepdims=True)
    assert np.abs(chances - expected).mean() < 0.01
    assert (chances.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.99


def test_the_same_rows_give_the_same_bytes() -> None:
    rows, labels = problem()
    assert learn(rows, labels, 4).tobytes() == learn(rows, labels, 4).tobytes()


def test_a_good_start_changes_little() -> None:
    rows, labels = problem()
    cold = learn(rows, labels, 4)
    warm = learn(rows, labels, 4, cold)
    assert np.abs(scores_of(rows, warm) - scores_of(rows, cold)).max() < 0.2


def test_a_class_without_examples_is_never_the_best() -> None:
    rows, labels = problem()
    scores = scores_of(rows, learn(rows, labels, 5))
    assert not (scores.argmax(axis=1) == 4).any()


def test_one_class_alone_is_learned() -> None:
    rows = RNG.normal(size=(10, 3)).astype(np.float32)
    assert np.isfinite(learn(rows, np.zeros(10, np.intp), 1)).all()
