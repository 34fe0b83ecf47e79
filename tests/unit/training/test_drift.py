import numpy as np
import pytest

from models.training.drift import EDGES, histogram, psi, verdict


def test_every_score_falls_in_one_bin_and_borders_belong_to_the_upper_one() -> None:
    assert histogram([0.0, 0.01, 0.5, 1.0]) == [1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert len(histogram([])) == len(EDGES) + 1


def test_psi_is_the_textbook_sum() -> None:
    before, now = np.array([30, 70, 100]), np.array([60, 60, 80])
    p, q = (before + 0.5) / 201.5, (now + 0.5) / 201.5
    assert psi(before.tolist(), now.tolist()) == pytest.approx(sum((q - p) * np.log(q / p)))


def test_the_same_distribution_is_stable_and_another_has_moved_far() -> None:
    rng = np.random.default_rng(1)
    before = histogram(rng.beta(0.5, 4.0, 3000))
    assert verdict(psi(before, histogram(rng.beta(0.5, 4.0, 1000)))) == "stable"
    assert verdict(psi(before, histogram(rng.beta(2.0, 2.0, 1000)))) == "moved far"
    assert psi(before, before) == 0.0


def test_a_bin_that_was_empty_costs_something_finite() -> None:
    assert 0 < psi([0, 10], [10, 0]) < 100
