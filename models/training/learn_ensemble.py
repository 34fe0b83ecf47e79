"""An ensemble goes on learning: each member by itself, their weights as they were."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.text import ensemble
from models.text.artefacts import read_calibration
from models.text.calibration import Calibration
from models.training.learner import Examples, Learner, Step, open_learner


class EnsembleLearner:
    """The learners of its members; what they say of a call is mixed as in serving."""

    def __init__(self, version: ModelVersion) -> None:
        """Open every member.

        Raises:
            ModelRefused: when one of them is of a type that cannot go on learning.
        """
        self._weights: dict[str, float] = json.loads((version.folder / ensemble.MEMBERS).read_text("utf-8"))
        self._members: dict[str, Learner] = {
            name: open_learner(ModelVersion("text", version.name, version.folder / name, {"type": name}))
            for name in self._weights
        }
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Let the members learn one after the other."""
        size = 0
        for member in self._members.values():
            size = member.learn(examples, scratch=scratch, step=step, seed=seed)
        return size

    def logits(self, text: str) -> NDArray[np.float64]:
        """Return the one logit of a normalised text: the weighted mean of the members' log odds, shape (1,)."""
        scores = np.array([m.calibration.probability(m.logits(text)) for m in self._members.values()])
        return np.array([np.array(list(self._weights.values())) @ ensemble.log_odds(scores)])

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact; members keep their calibrations."""
        writers = {name: partial(m.save, calibration=m.calibration) for name, m in self._members.items()}
        ensemble.save(folder, writers, list(self._weights.values()), calibration)
