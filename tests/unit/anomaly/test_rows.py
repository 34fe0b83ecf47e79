"""Splits, windows and the scaler."""

import numpy as np
import pytest

from models.anomaly.scaler import Scaler
from models.anomaly.split import split
from models.anomaly.windows import stack

DATES = np.array(["2026-01-01T08", "2026-01-01T20", "2026-01-02", "2026-01-04", "2026-01-09"], "datetime64[s]")


def test_the_first_days_are_learned_when_rows_carry_dates() -> None:
    parts = split(5, dates=DATES, train_days=2)
    assert parts.train.tolist() == [0, 1, 2]
    assert parts.test.tolist() == [3, 4]


def test_four_fifths_of_the_days_are_learned_by_default() -> None:
    assert split(5, dates=DATES).train.tolist() == [0, 1, 2, 3]


def test_without_dates_the_first_four_fifths_are_learned() -> None:
    parts = split(10)
    assert parts.train.tolist() == list(range(8))
    assert parts.test.tolist() == [8, 9]


def test_a_group_is_never_on_both_sides() -> None:
    groups = ["a", "b", "a", "c", "b", "c", "c", "d", "e", "a"]
    parts = split(10, groups=groups)
    assert {groups[i] for i in parts.train} == {"a", "b", "c"}
    assert {groups[i] for i in parts.test} == {"d", "e"}


def test_the_last_group_is_held_out_however_large_it_is() -> None:
    assert split(10, groups=["a"] + ["b"] * 9).test.tolist() == list(range(1, 10))


@pytest.mark.parametrize("parts", [{"dates": DATES[:2]}, {"groups": ["a", "a"]}, {"dates": DATES, "train_days": 4}])
def test_a_split_with_an_empty_side_is_refused(parts: dict) -> None:
    with pytest.raises(ValueError, match="empty"):
        split(len(next(iter(parts.values()))), **parts)


def test_windows_reach_back_within_their_group_only() -> None:
    rows = np.arange(5, dtype=np.float32)[:, None]
    assert stack(rows, 3).tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert stack(rows, 2, groups=["a", "b", "a", "b", "a"]).tolist() == [[0, 0], [1, 1], [0, 2], [1, 3], [2, 4]]


def test_a_window_of_one_row_is_the_row() -> None:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert stack(rows, 1).tolist() == rows.tolist()
    with pytest.raises(ValueError, match="at least one"):
        stack(rows, 0)


def test_the_scaler_gives_zero_mean_and_unit_spread_and_leaves_constants() -> None:
    rows = np.array([[1.0, 7.0], [3.0, 7.0], [5.0, 7.0]], np.float32)
    scaled = Scaler.fit(rows).apply(rows)
    assert scaled.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert scaled.std(axis=0) == pytest.approx([1.0, 0.0], abs=1e-6)
