import numpy as np
import pytest

from core.types import Thresholds
from models.training.compare import FEWEST, credit, is_worse, paired_bootstrap

BORDERS = Thresholds("fake", caution=0.4, danger=0.6)


def test_credit_is_half_for_each_border() -> None:
    scores, labels = np.array([0.1, 0.5, 0.9, 0.1, 0.5, 0.9]), np.array([0, 0, 0, 1, 1, 1])
    assert credit(scores, labels, BORDERS).tolist() == [1.0, 0.5, 0.0, 0.0, 0.5, 1.0]


def test_the_same_model_is_not_worse_than_itself() -> None:
    earned, labels = np.ones(100), np.arange(100) % 2
    found = paired_bootstrap(earned, earned, labels)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not is_worse(found, 100, 0.0)


def test_the_bounds_agree_with_drawing_calls_one_by_one() -> None:
    rng = np.random.default_rng(5)
    labels = np.array([0] * 60 + [1] * 40)
    champion, challenger = rng.choice([0.0, 0.5, 1.0], 100), rng.choice([0.0, 0.5, 1.0], 100)
    found = paired_bootstrap(champion, challenger, labels, draws=20_000)

    gained, drawn = challenger - champion, []
    for _ in range(20_000):
        calm, scam = rng.choice(gained[:60], 60), rng.choice(gained[60:], 40)
        drawn.append((calm.mean() + scam.mean()) / 2)
    assert found.mean == pytest.approx((gained[:60].mean() + gained[60:].mean()) / 2)
    assert found.low == pytest.approx(np.quantile(drawn, 0.05), abs=0.01)
    assert found.high == pytest.approx(np.quantile(drawn, 0.95), abs=0.01)


def test_a_source_of_one_label_can_be_compared() -> None:
    found = paired_bootstrap(np.zeros(50), np.ones(50), np.ones(50, np.int64))
    assert found.mean == found.low == 1.0


def test_losing_a_tenth_is_worse_and_losing_less_than_the_margin_is_not() -> None:
    labels = np.zeros(200, np.int64)
    champion = np.ones(200)
    lost = champion.copy()
    lost[:20] = 0.0
    assert is_worse(paired_bootstrap(champion, lost, labels), 200, 0.02)
    slightly = champion.copy()
    slightly[0] = 0.5
    assert not is_worse(paired_bootstrap(champion, slightly, labels), 200, 0.02)


def test_what_cannot_be_ruled_out_counts_as_worse_but_a_handful_of_calls_decides_nothing() -> None:
    labels = np.zeros(FEWEST, np.int64)
    challenger = np.ones(FEWEST)
    challenger[0] = 0.0
    found = paired_bootstrap(np.ones(FEWEST), challenger, labels)
    assert is_worse(found, FEWEST, 0.04)
    assert not is_worse(found, FEWEST - 1, 0.04)
