from __future__ import annotations

import numpy as np
import pytest

from models.voice.ensemble import METHODS, accuracy_weights, best_single, combined, error_rates, error_weights


def test_two_members_as_worked_by_hand() -> None:
    # alpha_DE = 1 - 0.1/0.4 = 0.75 and 0.25; alpha_RE = 1 - 0.2/0.25 = 0.2 and 0.8; weights 0.95 and 1.05, of 2
    assert error_weights([0.1, 0.3], [0.2, 0.05]) == pytest.approx([0.475, 0.525])


def test_three_members_as_worked_by_hand() -> None:
    # DE 0.1 0.2 0.1 of 0.4: (1 - share) / 2 = 0.375 0.25 0.375; RE 0 0.1 0.1 of 0.2: 0.5 0.25 0.25; sums of 2
    assert error_weights([0.1, 0.2, 0.1], [0.0, 0.1, 0.1]) == pytest.approx([0.4375, 0.25, 0.3125])


def test_the_same_errors_give_the_same_weights() -> None:
    assert error_weights([0.1] * 4, [0.3] * 4) == pytest.approx([0.25] * 4)


def test_members_without_errors_are_equal() -> None:
    assert error_weights([0.0, 0.0], [0.0, 0.0]) == pytest.approx([0.5, 0.5])


def test_a_single_member_has_the_whole_weight() -> None:
    assert error_weights([0.2], [0.1]).tolist() == [1.0]


def test_accuracy_weights_and_the_best_member() -> None:
    assert accuracy_weights([0.1, 0.4], [0.1, 0.4]) == pytest.approx([0.6, 0.4])
    assert best_single([0.3, 0.1, 0.1], [0.1, 0.1, 0.1]).tolist() == [0.0, 1.0, 0.0]


def test_rates_count_a_score_on_the_threshold_as_altered() -> None:
    assert error_rates([0.5, 0.2, 0.9, 0.1], [1, 1, 0, 0]) == (0.5, 0.5)


def test_rates_of_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="genuine and altered"):
        error_rates([0.1, 0.2], [0, 0])


def test_missing_errors_are_refused() -> None:
    with pytest.raises(ValueError, match="every member"):
        error_weights([0.1, 0.2], [0.1])
    with pytest.raises(ValueError, match="ever right"):
        accuracy_weights([1.0], [1.0])


@pytest.mark.parametrize("method", METHODS)
def test_combination_stays_between_its_members(method: str) -> None:
    weights = METHODS[method]([0.1, 0.3], [0.2, 0.1])
    both = combined(np.array([[1.0, -2.0], [3.0, 0.0]]), weights)
    assert np.all(both >= [1.0, -2.0])
    assert np.all(both <= [3.0, 0.0])
