"""One contract for every detector."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.anomaly import aakr, vae
from models.anomaly.one_class import OneClass
from models.anomaly.zoo import DETECTORS
from models.thresholds import equal_error
from tests.unit.anomaly.tables import broken, genuine


@pytest.fixture(scope="module", params=sorted(DETECTORS))
def fitted(request: pytest.FixtureRequest) -> Iterator[OneClass]:
    if request.param == "annoy":
        pytest.importorskip("annoy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vae, "MAX_EPOCHS", 25)
        yield OneClass.fit(request.param, genuine(600, seed=0), seed=3)


def test_broken_company_is_strange_although_every_column_is_in_range(fitted: OneClass) -> None:
    usual, strange = fitted.score(genuine(200, seed=1)), fitted.score(broken(200, seed=2))
    assert usual.shape == (200,)
    assert usual.min() >= 0.0
    assert equal_error(usual, strange)[1] < 0.15


def test_what_is_far_away_is_stranger_still_and_finite(fitted: OneClass) -> None:
    near, far = fitted.score(np.concatenate([genuine(1, seed=1), genuine(1, seed=1) + 1e6]))
    assert np.isfinite(far)
    assert far > 100.0 * near


def test_a_saved_detector_scores_alike(fitted: OneClass, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    rows = np.concatenate([genuine(30, seed=4), broken(30, seed=5)])
    np.testing.assert_allclose(OneClass.load(tmp_path).score(rows), fitted.score(rows), rtol=1e-6)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npz", ".ann", ".onnx", ".keras"}


def test_one_row_scores_as_it_does_among_others(fitted: OneClass) -> None:
    rows = genuine(10, seed=6)
    np.testing.assert_allclose(fitted.score(rows[3:4]), fitted.score(rows)[3:4], rtol=1e-4)
    assert fitted.score(rows[:0]).shape == (0,)


@pytest.mark.parametrize("rows", [np.ones((3, 4)), np.full((3, 5), np.nan), np.ones(5)])
def test_rows_of_another_shape_or_without_numbers_are_refused(fitted: OneClass, rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="rows"):
        fitted.score(rows)


@pytest.mark.parametrize("name", ["ica", "aakr"])
def test_units_do_not_matter(name: str) -> None:
    rows, other = genuine(200, seed=0), genuine(20, seed=1)
    plain = OneClass.fit(name, rows).score(other)
    np.testing.assert_allclose(OneClass.fit(name, rows * 1024).score(other * 1024), plain, rtol=1e-4)


@pytest.mark.parametrize("name", ["ica", "aakr"])
def test_a_constant_column_is_no_trouble(name: str) -> None:
    rows = np.concatenate([genuine(100, seed=0), np.full((100, 1), 0.1)], axis=1)
    assert np.isfinite(OneClass.fit(name, rows).score(rows)).all()


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        OneClass.fit("aakr", genuine(19, seed=0))


def test_ica_needs_two_columns_that_move() -> None:
    with pytest.raises(ValueError, match="two columns"):
        OneClass.fit("ica", np.linspace([0.0, 0.0], [1.0, 2.0], 50))


def test_aakr_remembers_no_more_than_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aakr, "MEMORY", 50)
    assert len(aakr.fit(genuine(300, seed=0), seed=0).memory) == 50
