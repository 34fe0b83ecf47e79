"""Boosted trees over TF-IDF (LightGBM). Served from LightGBM's own text format."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from core.types import Thresholds
from models.text.artefacts import read_calibration, read_vocabulary, write_calibration, write_vocabulary
from models.text.calibration import Calibration
from models.text.counts import tfidf
from models.text.ngrams import Lookup, packed
from models.text.served import ServedTextModel

TYPE = "lgbm"
TREES, SCALES = "trees.txt", "scales.npz"


@dataclass(frozen=True, slots=True)
class Network:
    """A ``lightgbm.Booster`` over the TF-IDF of ``index``, n-grams in the order of columns (``idf`` float32)."""

    booster: Any
    index: Mapping[str, int]
    idf: NDArray[np.float32]
    floor: float
    lookup: Lookup = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Pack the n-grams for quick look-up."""
        object.__setattr__(self, "lookup", Lookup(packed(self.index)))

    def matrix(self, parts: Sequence[str]) -> Any:
        """Return the TF-IDF rows of normalised windows, CSR float32."""
        return tfidf(self.lookup.matrix(parts), self.idf, self.floor)

    def logits(self, matrix: Any) -> NDArray[np.float64]:
        """Return the score of each row before calibration, shape (n,)."""
        return np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1), np.float64)


class LgbmTextModel(ServedTextModel):
    """Published boosted trees. LightGBM's prediction may be called from any thread."""

    def __init__(self, network: Network, calibration: Calibration, version: str, thresholds: Thresholds) -> None:
        super().__init__(calibration, version, thresholds)
        self._network = network
        self._ngrams = list(network.index)

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logit of each window, shape (n,)."""
        return self._network.logits(self._network.matrix(parts))

    def contributions(self, parts: Sequence[str]) -> Mapping[str, float]:
        """Return the SHAP values of the n-grams that stand in the windows, summed over the windows."""
        matrix = self._network.matrix(parts)
        shap = self._network.booster.predict(matrix, pred_contrib=True, num_threads=1)[:, :-1].tocoo()
        total: Counter[str] = Counter()
        present = matrix.astype(bool)
        for row, column, value in zip(shap.row, shap.col, shap.data, strict=True):
            if present[row, column]:
                total[self._ngrams[column]] += float(value)  # type: ignore[assignment]
        return total


def save(folder: Path, network: Network, df: Mapping[str, int], calibration: Calibration) -> None:
    """Write the artefact: n-grams with their call frequencies, trees as text, scales, calibration."""
    write_vocabulary(folder, list(network.index), df)
    (folder / TREES).write_text(network.booster.model_to_string(), "utf-8")
    np.savez_compressed(folder / SCALES, idf=network.idf, floor=np.float64(network.floor))
    write_calibration(folder, calibration)


def load(folder: Path, version: str, thresholds: Thresholds) -> LgbmTextModel:
    """Read an artefact that ``save`` wrote.

    Raises:
        ModelRefused: when LightGBM is not installed.
    """
    if importlib.util.find_spec("lightgbm") is None:
        raise ModelRefused("this model needs LightGBM: pip install -r requirements-lgbm.txt", version=version)
    import lightgbm

    booster = lightgbm.Booster(model_str=(folder / TREES).read_text("utf-8"))
    with np.load(folder / SCALES, allow_pickle=False) as arrays:
        network = Network(booster, read_vocabulary(folder), arrays["idf"], float(arrays["floor"]))
    return LgbmTextModel(network, read_calibration(folder), version, thresholds)
