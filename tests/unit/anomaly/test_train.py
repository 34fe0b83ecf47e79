"""A table becomes versions in the registry."""

import csv
from pathlib import Path

import numpy as np
import pytest

from models.anomaly.loading import load_anomaly_model
from models.anomaly.one_class import OneClass
from models.anomaly.table import Table
from models.anomaly.train import Recipe, take_apart, train
from models.registry import open_version
from models.thresholds import NEGATIVE_METHODS, mean_6_std, percentile_95
from tests.unit.anomaly.tables import broken, genuine

COLUMNS = ("a", "b", "c", "d", "e")


def table(*, anomalies: int = 0) -> Table:
    """200 genuine rows, with known anomalies before the last hundred of them."""
    rows, bad = genuine(200, seed=0), broken(anomalies, seed=9) if anomalies else genuine(0, seed=9)
    values = np.concatenate([rows[:100], bad, rows[100:]])
    flags = np.arange(len(values)) // 100 == 1 if anomalies == 100 else np.zeros(len(values), bool)
    return Table(COLUMNS, values, None, None, flags if anomalies else None, 0)


def test_a_version_holds_thresholds_of_every_method_and_the_residuals_they_came_from(tmp_path: Path) -> None:
    (version,) = train(table(), tmp_path, Recipe(["aakr"]))
    with (version.folder / "residuals.csv").open() as file:
        found = list(csv.DictReader(file))
    residuals = np.array([float(row["residual"]) for row in found])
    assert [int(row["row"]) for row in found] == list(range(160, 200))
    thresholds = version.manifest["thresholds"]
    assert set(NEGATIVE_METHODS) <= set(thresholds)
    assert thresholds["mean_6_std"]["caution"] == pytest.approx(mean_6_std(residuals))
    assert thresholds["percentile_95"]["caution"] == pytest.approx(percentile_95(residuals))
    assert thresholds["min"]["caution"] == pytest.approx(residuals.min())
    assert thresholds["max"]["caution"] == pytest.approx(residuals.max())
    lines = (version.folder / "thresholds.csv").read_text("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == list(thresholds)


def test_a_published_version_scores_raw_rows_as_in_training(tmp_path: Path) -> None:
    (version,) = train(table(), tmp_path, Recipe(["ica"], window=2))
    model = load_anomaly_model(open_version(tmp_path, "anomaly", version.name))
    residuals = model.score(genuine(200, seed=0)[160:])
    assert residuals.mean() == pytest.approx(version.manifest["metrics"]["residual_mean"])
    assert model.columns == COLUMNS
    assert model.thresholds.method == "percentile_95"


def test_the_scaler_and_the_detector_see_training_rows_only(tmp_path: Path) -> None:
    whole = table()
    changed = Table(COLUMNS, np.concatenate([whole.values[:160], whole.values[160:] * 5]), None, None, None, 0)
    (one,), (other,) = (train(rows, tmp_path, Recipe(["aakr"])) for rows in (whole, changed))
    a, b = OneClass.load(one.folder), OneClass.load(other.folder)
    np.testing.assert_array_equal(a.scaler.mean, b.scaler.mean)
    np.testing.assert_array_equal(a.score(whole.values), b.score(whole.values))


def test_known_anomalies_are_never_learned_but_measured(tmp_path: Path) -> None:
    parts = take_apart(table(anomalies=100), Recipe(window=2))
    clean = take_apart(table(), Recipe(window=2))
    np.testing.assert_array_equal(parts.train, clean.train)
    np.testing.assert_array_equal(parts.genuine, clean.genuine)
    assert len(parts.anomalous) == 100
    (version,) = train(table(anomalies=100), tmp_path, Recipe(["aakr"]))
    assert version.manifest["metrics"]["eer"] < 0.2
    assert version.manifest["metrics"]["anomalous_rows"] == 100
