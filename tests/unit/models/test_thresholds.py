"""Every method agrees with a NumPy one-liner on any scores; the table and its file keep what they promise."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import thresholds
from models.thresholds import all_methods, equal_error, max_f1, rates, single_values, target_fpr, write_csv

SCORES = st.integers(1, 60).flatmap(lambda n: arrays(np.float64, n, elements=st.floats(0.0, 1.0, width=32)))
ANY_UNIT = st.integers(1, 60).flatmap(lambda n: arrays(np.float64, n, elements=st.floats(-1e6, 1e6, width=32)))
BOTH = {"mean_6_std", "min", "max", "moving_average", "percentile_95", "target_fpr", "max_f1", "eer"}
ONE_CLASS = BOTH - {"max_f1", "eer"}


def f1(threshold: float, negative: np.ndarray, positive: np.ndarray) -> float:
    hits = (positive >= threshold).sum()
    return float(2 * hits / (hits + (negative >= threshold).sum() + len(positive)))


@given(ANY_UNIT)
def test_the_methods_of_one_class_are_numpy_one_liners(x: np.ndarray) -> None:
    near = [x[max(0, i - min(10, len(x)) // 2) : i + (min(10, len(x)) + 1) // 2] for i in range(len(x))]

    values = single_values(x, fpr=0.03)

    assert set(values) == ONE_CLASS
    assert values["mean_6_std"] == x.mean() + 6 * x.std()
    assert (values["min"], values["max"]) == (x.min(), x.max())
    assert values["percentile_95"] == np.quantile(x, 0.95)
    residual = np.abs(x - [part.mean() for part in near]).max()
    np.testing.assert_allclose(values["moving_average"], x.mean() + residual, atol=1e-6 * (1 + np.abs(x).max()))


@given(ANY_UNIT, st.floats(0.0, 0.999))
def test_target_fpr_is_the_smallest_threshold_that_keeps_the_rate(x: np.ndarray, fpr: float) -> None:
    threshold = target_fpr(x, fpr)
    assert (x >= threshold).mean() <= fpr + 1e-9
    assert (x >= np.nextafter(threshold, -np.inf)).mean() > fpr


def test_target_fpr_counts_whole_calls_without_losing_one_to_rounding() -> None:
    assert (np.arange(100.0) >= target_fpr(np.arange(100.0), 0.29)).sum() == 29
    assert target_fpr(np.arange(100.0), 1.0) == 0.0


@given(SCORES, SCORES)
def test_max_f1_is_the_best_of_all_thresholds(negative: np.ndarray, positive: np.ndarray) -> None:
    every = np.unique([*negative, *positive])
    best = max(f1(threshold, negative, positive) for threshold in every)
    assert max_f1(negative, positive) == max(t for t in every if f1(t, negative, positive) == best)


@given(SCORES, SCORES)
def test_equal_error_is_where_both_rates_are_closest(negative: np.ndarray, positive: np.ndarray) -> None:
    every = np.unique([*negative, *positive])
    gaps = [abs((positive < t).mean() - (negative >= t).mean()) for t in every]
    threshold, rate = equal_error(negative, positive)
    assert abs((positive < threshold).mean() - (negative >= threshold).mean()) <= min(gaps) + 1e-12
    assert rate == pytest.approx(((positive < threshold).mean() + (negative >= threshold).mean()) / 2)


@given(SCORES, SCORES)
def test_borders_are_probabilities_in_order_for_every_method(negative: np.ndarray, positive: np.ndarray) -> None:
    table = all_methods(negative, positive)
    assert set(table) == BOTH
    assert all(0.0 <= row["caution"] <= row["danger"] <= 1.0 for row in table.values())


@given(ANY_UNIT)
def test_scores_of_any_unit_are_not_clipped_when_asked(negative: np.ndarray) -> None:
    table = all_methods(negative, limits=None)
    assert set(table) == ONE_CLASS
    assert table["max"]["caution"] == negative.max()


@given(SCORES, SCORES)
def test_rates_are_the_shares_at_or_above_a_border(negative: np.ndarray, positive: np.ndarray) -> None:
    for row in rates(all_methods(negative, positive), negative, positive).values():
        assert row["fpr_caution"] == (negative >= row["caution"]).mean()
        assert row["recall_danger"] == (positive >= row["danger"]).mean()


def test_scores_that_stay_the_same_have_no_residual_at_the_ends() -> None:
    assert thresholds.moving_average_residual(np.full(30, 0.5)) == pytest.approx(0.5)


@pytest.mark.parametrize("scores", [[], [[0.1]], [np.nan], [0.1, np.inf], 0.5])
def test_what_is_no_list_of_numbers_is_refused(scores: object) -> None:
    with pytest.raises(ValueError, match="finite"):
        all_methods(scores)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="finite"):
        all_methods([0.1], scores)  # type: ignore[arg-type]


@given(negative=SCORES, positive=SCORES)
def test_the_file_gives_back_every_number_whoever_reads_it(
    tmp_path_factory: pytest.TempPathFactory, negative: np.ndarray, positive: np.ndarray
) -> None:
    path: Path = tmp_path_factory.mktemp("csv") / "thresholds.csv"
    table = rates(all_methods(negative, positive), negative, positive)
    write_csv(path, table)

    assert path.read_bytes().startswith(b"\xef\xbb\xbfmethod,caution,danger,fpr_caution")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = {row.pop("method"): {key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)}
    assert lines == table
    guessed = csv.Sniffer().sniff(path.read_text("utf-8-sig"))  # as the import of a spreadsheet program does
    assert (guessed.delimiter, csv.Sniffer().has_header(path.read_text("utf-8-sig"))) == (",", True)
    columns = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8-sig")
    assert columns["danger"].tolist() == [row["danger"] for row in table.values()]
