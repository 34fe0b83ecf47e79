"""Figures are those of scikit-learn, and intervals hold what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score

from models.text.evaluation import intervals, metrics

CASES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(1, 4)), min_size=4, max_size=60).filter(
    lambda rows: len({label for label, _, _ in rows}) == 2
)


def arrays(rows):
    labels, scores, weight = (np.array(column) for column in zip(*rows, strict=True))
    return labels, scores / 20.0, weight.astype(float)[None, :]


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_auroc_and_brier_are_those_of_scikit_learn_ties_and_weights_included(rows):
    labels, scores, weight = arrays(rows)
    assert metrics.auroc(weight, labels, scores)[0] == pytest.approx(
        roc_auc_score(labels, scores, sample_weight=weight[0])
    )
    assert metrics.brier(weight, labels, scores)[0] == pytest.approx(
        brier_score_loss(labels, scores, sample_weight=weight[0])
    )


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_a_call_that_counts_twice_is_a_call_that_stands_there_twice(rows):
    labels, scores, weight = arrays(rows)
    times = weight[0].astype(int)
    ones = np.ones((1, times.sum()))
    for figure in (metrics.auroc, metrics.brier):
        twice = figure(ones, np.repeat(labels, times), np.repeat(scores, times))
        assert figure(weight, labels, scores) == pytest.approx(twice)


def test_calibration_error_of_known_bins():
    scores = np.array([0.1] * 10 + [0.9] * 10)
    labels = np.array([1] * 2 + [0] * 8 + [1] * 7 + [0] * 3)
    error = metrics.calibration_error(np.ones((1, 20)), labels, scores, bins=2)[0]
    assert error == pytest.approx((abs(0.1 - 0.2) + abs(0.9 - 0.7)) / 2)


def test_probabilities_that_are_true_have_next_to_no_calibration_error():
    rng = np.random.default_rng(0)
    scores = rng.random(60_000)
    labels = (rng.random(60_000) < scores).astype(int)
    assert metrics.calibration_error(np.ones((1, 60_000)), labels, scores)[0] < 0.01


def test_bins_have_equal_mass_and_keep_equal_scores_together():
    scores = np.linspace(0, 1, 150)
    assert set(np.bincount(metrics.equal_mass_bins(np.ones(150), scores))) == {10}
    assert len(set(metrics.equal_mass_bins(np.ones(40), np.repeat(0.5, 40)))) == 1


def test_both_labels_weigh_the_same():
    labels = np.array([1, 0, 0, 0])
    weight = metrics.both_labels_equal(np.array([[1.0, 1, 1, 1], [2.0, 0, 3, 1]]), labels)
    assert weight[:, labels == 1].sum(axis=1) == pytest.approx(0.5)
    assert weight[:, labels == 0].sum(axis=1) == pytest.approx(0.5)


def test_confusion_counts_and_macro_figures():
    truth, called = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0])
    matrix, figures = metrics.confusion(truth, called)
    assert matrix.tolist() == [[2, 1], [1, 1]]
    assert figures["accuracy"] == pytest.approx(0.6)
    assert figures["f1"] == pytest.approx(f1_score(truth, called, average="macro"))


def test_texts_of_one_call_are_drawn_together():
    drawn = intervals.weights(["a", "a", "b", "c"], np.array([1, 1, 1, 0]), draws=200)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[0] == 1).all()
    assert (drawn[1:, 3] == 1).all()  # the only normal call: no draw is without one
    assert (drawn[1:, 0] + drawn[1:, 2] == 2).all()


def test_the_interval_of_a_rate_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        hits = rng.random(120) < 0.8
        drawn = intervals.weights([str(k) for k in range(120)], np.ones(120, int), draws=300, seed=trial)
        found = intervals.estimate(metrics.rate(drawn, hits))
        assert found.value == pytest.approx(hits.mean())
        covered += found.low <= 0.8 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_calls_drawn_as_pairs_have_wider_intervals_than_lone_ones():
    hits = np.repeat(np.arange(40) % 2 == 0, 2)
    lone, pairs = (
        intervals.estimate(metrics.rate(intervals.weights(groups, np.ones(80, int)), hits))
        for groups in ([str(k) for k in range(80)], [str(k // 2) for k in range(80)])
    )
    assert pairs.high - pairs.low > 1.2 * (lone.high - lone.low)


def test_a_median_of_calls_mostly_never_detected_is_infinite():
    never = np.array([10.0, np.inf, np.inf])
    assert intervals.median_interval(never, np.ones((5, 3))).value == np.inf
    assert intervals.median_interval(np.array([10.0, 30.0, np.inf]), np.ones((5, 3))).value == 30.0


def test_recall_is_read_above_the_twentieth_normal_call():
    scores = np.concatenate([np.linspace(0.0, 0.95, 20), [0.91, 0.5, 0.96]])
    labels = (np.arange(23) >= 20).astype(int)
    found = metrics.recall_at(np.ones((1, 23)), labels, scores)
    assert found == pytest.approx([2 / 3])  # one of twenty normal calls (0.95) may pass; the next stands at 0.90
