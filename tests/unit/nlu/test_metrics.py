"""Figures against sums that are done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlu.evaluation.metrics import (
    auroc,
    calibration_error,
    caught_at,
    f1,
    mean_f1,
    precision_recall,
    quantile,
    share,
)

NONE = np.array([])
Scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12).map(np.array)


def test_shares() -> None:
    assert share(1, 3) == 0.3333
    assert share(0, 0) is None


def test_precision_recall_and_their_mean() -> None:
    expected, got = ["a", "a", "a", "b", "c"], ["a", "a", "b", "b", "b"]
    assert precision_recall("a", expected, got) == (1.0, 0.6667)
    assert precision_recall("b", expected, got) == (0.3333, 1.0)
    assert precision_recall("c", expected, got) == (None, 0.0)
    assert f1(1.0, 0.5) == 0.6667
    assert f1(None, 0.0) == 0.0
    assert mean_f1(expected, got) == pytest.approx((0.8 + 0.5 + 0) / 3, abs=0.001)
    assert mean_f1([], []) is None


def test_auroc() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert auroc(np.array([0.0]), np.array([1.0])) == 0.0
    assert auroc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5
    assert auroc(np.array([0.0, 2.0]), np.array([1.0])) == 0.5
    assert auroc(NONE, np.array([1.0])) is None
    assert auroc(np.array([1.0]), NONE) is None


@given(Scores, Scores)
def test_auroc_is_the_share_of_pairs_in_order(inside: np.ndarray, outside: np.ndarray) -> None:
    pairs = [(a > b) + (a == b) / 2 for a in inside for b in outside]
    assert auroc(inside, outside) == pytest.approx(sum(pairs) / len(pairs), abs=1e-4)


@given(Scores, Scores, st.sampled_from([0.0, 0.05, 0.3]))
def test_no_more_inside_is_refused_than_said(
    inside: np.ndarray, outside: np.ndarray, rejected: float
) -> None:
    caught = caught_at(inside, outside, rejected)
    bounds = [b for b in {*inside, *outside, 9.0} if (inside < b).mean() <= rejected]
    assert caught is not None
    assert any(caught == pytest.approx(float((outside < b).mean()), abs=1e-4) for b in bounds)


def test_what_is_caught() -> None:
    inside = np.arange(100, dtype=float)
    assert caught_at(inside, np.array([-1.0, 4.5, 5.0, 50.0]), 0.05) == 0.5
    assert caught_at(inside, np.array([-1.0, 0.0]), 0.0) == 0.5
    assert caught_at(inside, NONE, 0.05) is None


def test_calibration() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.45, 0.45])
    right = np.array([True, True, True, False, True, False])
    assert calibration_error(confidence, right) == pytest.approx((4 * 0.2 + 2 * 0.05) / 6, abs=1e-4)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0
    assert calibration_error(NONE, np.array([], bool)) is None


def test_quantiles() -> None:
    assert quantile([1.0, 2.0, 3.0], 0.5) == 2.0
    assert quantile([], 0.5) is None
