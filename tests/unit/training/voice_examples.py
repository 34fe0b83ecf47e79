"""A small published voice ensemble of trees and small calls to learn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.registry import ModelVersion
from models.thresholds import all_methods
from models.training.voice.calls import VoiceCall
from models.training.voice.members import PARAMETERS
from models.voice.calibration import Calibration
from models.voice.loading import CALIBRATION, ENSEMBLE, ENSEMBLE_TYPE, member_file
from models.voice.members.boosting import FittedTrees
from models.voice.served import Part

VIEW, WIDTH, WINDOWS = "statistics", 6, 4
OLD, NEW = 0, 1
"""Features that tell an old and a new kind of altered voice."""


def call(
    number: int, label: int, *, kind: int = OLD, part: str = "train", source: str = "new calls", **more: Any
) -> VoiceCall:
    """Return a call whose altered windows stand out by one feature."""
    rows = np.random.default_rng(number).normal(size=(WINDOWS, WIDTH)).astype(np.float32)
    rows[:, kind] += 2.5 * label
    return VoiceCall(source, label, more.pop("origin", "person"), part, {VIEW: rows}, **more)


def base() -> Any:
    """Return trees that know the old kind only."""
    import lightgbm

    calls = [call(number, number % 2) for number in range(400)]
    rows = np.concatenate([one.views[VIEW] for one in calls])
    data = lightgbm.Dataset(rows, np.repeat([one.label for one in calls], WINDOWS), free_raw_data=False)
    return lightgbm.train({**PARAMETERS, "feature_fraction": 1.0}, data, 40)


def publish_small(store: Path, booster: Any = None) -> ModelVersion:
    """Publish and activate an ensemble of these trees alone."""
    booster = booster or base()

    def write(folder: Path) -> None:
        FittedTrees(booster, WIDTH).export(folder / member_file("trees"))
        parts = {"method": "error_rates", "members": [Part("trees", VIEW, 1.0, 0.0, 1.0).plain()]}
        (folder / ENSEMBLE).write_text(json.dumps(parts), "utf-8")
        (folder / CALIBRATION).write_text(json.dumps(Calibration(1.0, 0.0, 1.0, 0.0).numbers()), "utf-8")

    table = all_methods(np.linspace(0.0, 0.5, 100), np.linspace(0.5, 1.0, 100))
    manifest = {"type": ENSEMBLE_TYPE, "thresholds": table, "threshold_method": "target_fpr", "metrics": {}, "data": {}}
    version = registry.publish(store, "voice", write, manifest=manifest)
    registry.activate(store, "voice", version.name)
    return version
