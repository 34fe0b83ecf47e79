"""What a model type must be able to do to be updated, and which types are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.registry import ModelVersion
from models.text.calibration import Calibration
from models.training.evidence import Example

Examples = Callable[[], Iterator[Example]]
Step = Callable[[int], None]
"""Told how many steps of learning are done."""


class Learner(Protocol):
    """A published version that goes on learning; the version itself is not changed."""

    calibration: Calibration
    """Of the version it started from."""

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Learn from ``examples``, which may be read again and again; return how many there were.

        ``scratch`` is a folder for files without a name. Memory must not grow with the number of examples.
        """
        ...

    def logits(self, text: str) -> NDArray[np.float64]:
        """Return the window logits of a normalised text, shape (windows,), at least one."""
        ...

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact of its type, as ``models.text.loading`` reads it."""
        ...


TYPES = {
    "linear": "models.training.learn_linear:LinearLearner",
    "lgbm": "models.training.learn_lgbm:LgbmLearner",
    "nb": "models.training.learn_nb:NbLearner",
    "ensemble": "models.training.learn_ensemble:EnsembleLearner",
    "cnn_bilstm": "models.training.learn_cnn:CnnLearner",
}
"""Model type → module:class; imported when a version of that type is updated."""


def open_learner(version: ModelVersion) -> Learner:
    """Return the learner that goes on from a version.

    Raises:
        ModelRefused: when versions of its type cannot be updated.
    """
    place = TYPES.get(str(version.manifest["type"]))
    if place is None:
        raise ModelRefused(
            "models of this type cannot go on learning; train one anew with scripts.train_text",
            type=version.manifest["type"],
        )
    module, _, name = place.partition(":")
    learner: Learner = getattr(import_module(module), name)(version)
    return learner
