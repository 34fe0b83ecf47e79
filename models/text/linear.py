"""The linear model: TF-IDF over character n-grams, one weight each. Served with NumPy alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Evidence, Thresholds
from models.text.calibration import Calibration
from models.text.ngrams import Lookup, weigh
from models.text.normalise import normalise
from models.text.windows import windows

TYPE = "linear"
VOCABULARY, WEIGHTS, CALIBRATION = "vocabulary.json", "weights.npz", "calibration.json"


@dataclass(frozen=True, slots=True)
class Network:
    """What training found: ``idf`` and ``coef`` (float32, one per n-gram), ``bias``, and the length floor.

    A text whose TF-IDF vector is shorter than ``floor`` is divided by ``floor``: a few syllables
    are little evidence.
    """

    index: Mapping[str, int]
    idf: NDArray[np.float32]
    coef: NDArray[np.float32]
    bias: float
    floor: float
    lookup: Lookup = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Pack the n-grams for quick look-up."""
        object.__setattr__(self, "lookup", Lookup(self.index))

    def contributions(self, compact: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the columns of the known n-grams of a normalised text and what each adds to the logit."""
        columns, counts = self.lookup.count(compact)
        values = weigh(counts, self.idf[columns])
        length = max(float(np.linalg.norm(values)), self.floor)
        return columns, (values / length * self.coef[columns]).astype(np.float64)

    def logit(self, compact: str) -> float:
        """Return the score of one normalised window before calibration."""
        return float(self.contributions(compact)[1].sum()) + self.bias


class LinearTextModel:
    """A published linear model behind ``models.protocols.TextModel``. Holds no state, so any thread may call it."""

    def __init__(self, network: Network, calibration: Calibration, version: str, thresholds: Thresholds) -> None:
        self._network = network
        self._order = sorted(network.index, key=network.index.__getitem__)
        self._calibration = calibration
        self._version = version
        self._thresholds = thresholds

    @property
    def version(self) -> str:
        """Version name in the registry."""
        return self._version

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders chosen on held-out sources."""
        return self._thresholds

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the calibrated scam probability of each text (call or sentence), shape (n,), 0..1."""
        return np.array([self._probability(text) for text in texts], np.float64)

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return the n-grams that moved the score most, strongest first, signed; overlapping ones once."""
        total = np.zeros(len(self._order))
        for part in windows(normalise(text)):
            columns, added = self._network.contributions(part)
            total[columns] += added
        chosen: list[Evidence] = []
        seen = np.flatnonzero(total)
        for column in seen[np.argsort(-np.abs(total[seen]), kind="stable")]:
            gram, weight = self._order[column], total[column]
            if len(chosen) == top:
                break
            if not any(gram in other.text or other.text in gram for other in chosen):
                chosen.append(Evidence(gram, float(weight)))
        return tuple(chosen)

    def _probability(self, text: str) -> float:
        parts = windows(normalise(text)) or [""]
        return self._calibration.probability(np.array([self._network.logit(part) for part in parts]))


def save(folder: Path, network: Network, df: Mapping[str, int], calibration: Calibration) -> None:
    """Write the artefact: n-grams with their call frequencies, weights, calibration. No pickle."""
    order = sorted(network.index, key=network.index.__getitem__)
    vocabulary = {"ngrams": order, "df": [df[gram] for gram in order]}
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    scalars = np.array([network.bias, network.floor], np.float64)
    np.savez_compressed(folder / WEIGHTS, idf=network.idf, coef=network.coef, scalars=scalars)
    (folder / CALIBRATION).write_text(json.dumps(calibration.as_dict()) + "\n", "utf-8")


def load(folder: Path, version: str, thresholds: Thresholds) -> LinearTextModel:
    """Read an artefact that ``save`` wrote."""
    vocabulary: dict[str, Any] = json.loads((folder / VOCABULARY).read_text("utf-8"))
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        idf, coef, (bias, floor) = arrays["idf"], arrays["coef"], arrays["scalars"]
    index = {gram: place for place, gram in enumerate(vocabulary["ngrams"])}
    network = Network(index, idf, coef, float(bias), float(floor))
    calibration = Calibration.from_dict(json.loads((folder / CALIBRATION).read_text("utf-8")))
    return LinearTextModel(network, calibration, version, thresholds)
