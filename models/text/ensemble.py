"""Several models as one: the weighted mean of what each says of a call, in log odds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from core.types import Evidence, Thresholds
from models.protocols import TextModel
from models.text.artefacts import read_calibration, write_calibration
from models.text.calibration import Calibration
from models.text.served import strongest

TYPE = "ensemble"
MEMBERS = "members.json"
MEMBER_BORDERS = Thresholds("none", 1.0, 1.0)
"""Members give probabilities; the grades are the ensemble's."""
Loader = Callable[[Path, str, Thresholds], TextModel]


class EnsembleTextModel:
    """A published ensemble behind ``models.protocols.TextModel``."""

    def __init__(
        self,
        members: Sequence[TextModel],
        weights: Sequence[float],
        calibration: Calibration,
        version: str,
        thresholds: Thresholds,
    ) -> None:
        self._members, self._weights = tuple(members), np.asarray(weights, np.float64)
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
        scores = np.array([log_odds(member.predict_proba(texts)) for member in self._members])
        return np.array([self._calibration.probability(np.array([value])) for value in self._weights @ scores])

    def explain(self, text: str, *, top: int = 8) -> tuple[Evidence, ...]:
        """Return what moved the members, each member's strongest piece counting as much as its weight."""
        total: Counter[str] = Counter()
        for member, weight in zip(self._members, self._weights, strict=True):
            evidence = member.explain(text, top=top)
            for piece in evidence:
                total[piece.text] += float(weight) * piece.weight / abs(evidence[0].weight)  # type: ignore[assignment]
        return strongest(total, top)


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logit of each probability (never quite 0 or 1)."""
    return np.asarray(np.log(probabilities) - np.log1p(-probabilities), np.float64)


def save(
    folder: Path,
    writers: Mapping[str, Callable[[Path], None]],
    weights: Sequence[float],
    calibration: Calibration,
) -> None:
    """Write the artefact: each member in a folder named after its type, the weights, the calibration."""
    for name, write in writers.items():
        (folder / name).mkdir()
        write(folder / name)
    (folder / MEMBERS).write_text(json.dumps(dict(zip(writers, map(float, weights), strict=True))) + "\n", "utf-8")
    write_calibration(folder, calibration)


def load(folder: Path, version: str, thresholds: Thresholds, *, loaders: Mapping[str, Loader]) -> EnsembleTextModel:
    """Read an artefact that ``save`` wrote.

    Raises:
        ModelRefused: when a member is of an unknown type, is an ensemble itself, or needs what is not installed.
    """
    weights: dict[str, float] = json.loads((folder / MEMBERS).read_text("utf-8"))
    if unknown := sorted(set(weights) - (set(loaders) - {TYPE})):
        raise ModelRefused("a member of this ensemble cannot be loaded", version=version, types=unknown)
    members = [loaders[name](folder / name, version, MEMBER_BORDERS) for name in weights]
    return EnsembleTextModel(members, list(weights.values()), read_calibration(folder), version, thresholds)
