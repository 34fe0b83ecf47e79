import numpy as np
import pytest

from models.text.calibration import Calibration
from models.thresholds import all_methods
from models.training.calibrate import CAUTION_FPR, DANGER_FPR, ENOUGH, MANY, borders, enough, refit

CHAMPION = Calibration(0.5, 0.5, 0.0)


def held_out(calls: int, *, shift: float = 0.0) -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(4)
    labels = np.arange(calls) % 2
    return [rng.normal(2.0 * label - 1.0 + shift, 1.0, 3) for label in labels], labels


def test_many_calls_decide_and_a_few_leave_the_champion_be() -> None:
    """Logits that all came out 3 higher: with many calls the bias takes it back, with two it hardly moves."""
    many, few = (refit(CHAMPION, *held_out(calls, shift=3.0)) for calls in (2000, 2))
    assert many.probability(np.array([3.5, 3.0, 2.5])) == pytest.approx(0.5, abs=0.2)
    assert CHAMPION.probability(np.array([3.5, 3.0, 2.5])) > 0.9
    assert few.top == pytest.approx(CHAMPION.top, abs=0.2)


def test_slopes_never_become_negative_even_for_exchanged_labels() -> None:
    logits, labels = held_out(400)
    found = refit(CHAMPION, logits, 1 - labels)
    assert found.top >= 0
    assert found.mean >= 0


@pytest.mark.parametrize(
    ("normal", "scam", "said"), [(ENOUGH, ENOUGH, True), (ENOUGH - 1, 500, False), (500, 0, False)]
)
def test_both_labels_are_needed(normal: int, scam: int, said: bool) -> None:
    assert enough(np.array([0] * normal + [1] * scam)) is said


def test_with_few_normal_calls_the_borders_of_the_champion_stay() -> None:
    labels = np.array([0] * (MANY - 1) + [1] * 100)
    champion = {"target_fpr": {"caution": 0.8, "danger": 0.9}}
    assert borders(champion, labels * 0.5, labels) is champion


def test_with_many_normal_calls_borders_are_raised_where_needed_and_never_lowered() -> None:
    rng = np.random.default_rng(1)
    labels = np.array([0] * MANY + [1] * 100)
    scores = np.where(labels == 1, rng.uniform(0.5, 1.0, len(labels)), rng.uniform(0.0, 0.3, len(labels)))
    expected = all_methods(scores[labels == 0], scores[labels == 1], caution_fpr=CAUTION_FPR, danger_fpr=DANGER_FPR)
    low = {"target_fpr": {"caution": 0.1, "danger": 0.2}}
    assert borders(low, scores, labels) == expected
    easy = borders({"target_fpr": {"caution": 0.8, "danger": 0.9}}, scores, labels)
    assert easy == expected | {"target_fpr": {"caution": 0.8, "danger": 0.9}}
    caution = expected["target_fpr"]["caution"]
    mixed = borders({"target_fpr": {"caution": 0.0, "danger": 0.9}}, scores, labels)
    assert mixed["target_fpr"] == {"caution": caution, "danger": 0.9}
