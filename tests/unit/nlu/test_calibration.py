"""Chances that mean what they say, and thresholds that keep a merchant's promise."""

import numpy as np
import pytest

from services.nlu.understanding.calibration import Calibration, calibrate, mix

RNG = np.random.default_rng(7)
CLASSES = 6


def judged(count: int, skill: float, loudness: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of a judge of some skill, who is too sure of himself, and the true topics."""
    labels = RNG.integers(0, CLASSES, count)
    scores = RNG.normal(size=(count, CLASSES))
    scores[np.arange(count), labels] += skill
    return (loudness * scores).astype(np.float32), labels


def error_of(chances: np.ndarray, labels: np.ndarray) -> float:
    """The expected calibration error over 15 bins."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == labels
    bins = np.minimum((sure * 15).astype(int), 14)
    parts = (
        abs(right[bins == one].mean() - sure[bins == one].mean()) * (bins == one).mean()
        for one in np.unique(bins)
    )
    return float(sum(parts))


def test_a_judge_who_shouts_is_calibrated_on_lines_not_seen_before() -> None:
    scores, labels = judged(4000, 2.0, loudness=9.0)
    everybody = np.ones(CLASSES, np.bool_)
    learned = mix((scores[:2000],), labels[:2000], everybody)
    reading = learned.read((scores[2000:],))
    assert error_of(reading.chances, labels[2000:]) < 0.03
    assert np.allclose(reading.chances.sum(axis=1), 1)


def test_a_judge_who_guesses_gets_no_share() -> None:
    scores, labels = judged(3000, 2.0, loudness=1.0)
    noise = RNG.normal(size=scores.shape).astype(np.float32)
    able, guessing = mix((scores, noise), labels, np.ones(CLASSES, np.bool_)).shares
    assert guessing < 0.1 < able


def some(count: int = 2000) -> Calibration:
    """A calibration where one in five lines is taken for something else, mostly the unsure ones."""
    sureness = RNG.normal(size=count)
    right = RNG.random(count) < 1 / (1 + np.exp(-2 * sureness - 1.5))
    everything = np.ones(count, np.bool_)
    return Calibration(sureness, right, everything, everything, np.full(count, 1 / count))


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.1, 0.2])
def test_the_chosen_threshold_keeps_the_rate_and_answers_all_it_may(rate: float) -> None:
    calibration = some()
    point = calibration.choose(rate)
    assert point.wrong <= rate + 1e-4
    looser = calibration.point(point.threshold - 0.15)
    assert looser.wrong > rate or point.coverage > 0.9


def test_a_stricter_merchant_is_answered_less() -> None:
    calibration = some()
    coverages = [calibration.choose(rate).coverage for rate in (0.02, 0.05, 0.1)]
    assert coverages == sorted(coverages)


def test_the_least_sure_are_refused_however_right_the_examples_were() -> None:
    calibration = some()
    perfect = Calibration(
        calibration.sureness, np.ones(2000, np.bool_), calibration.answerable, calibration.known,
        calibration.weights,
    )  # fmt: skip
    assert 0.96 <= perfect.choose(0.05).coverage <= 0.98


def test_the_curve_falls_in_coverage_as_the_threshold_rises() -> None:
    curve = some().curve()
    coverages = [point.coverage for point in curve]
    assert coverages == sorted(coverages, reverse=True)
    assert curve[0].coverage == 1


def test_an_answer_to_what_is_out_of_scope_is_wrong() -> None:
    scores = np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0], [0.0, 9.0]], np.float32)
    labels = np.array([0, 1, 1, 1])
    open_topics = np.array([True, False])
    reading = mix((scores,), labels, open_topics).read((scores,))
    point = calibrate(reading, labels, open_topics).point(-99)
    assert (point.coverage, point.wrong) == (1.0, 0.5)


def test_nothing_tried_is_no_error() -> None:
    nothing = np.zeros((0, CLASSES), np.float32)
    labels, everybody = np.zeros(0, np.intp), np.ones(CLASSES, np.bool_)
    learned = mix((nothing,), labels, everybody)
    point = calibrate(learned.read((nothing,)), labels, everybody).choose(0.05)
    assert (point.coverage, point.wrong) == (0, 0)
