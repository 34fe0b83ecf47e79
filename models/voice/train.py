"""Train, calibrate, judge and publish the voice model. Every published figure comes from speakers held out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.thresholds import all_methods, equal_error
from models.voice import network
from models.voice.attacks import FAMILIES
from models.voice.calibration import Calibration, platt
from models.voice.codecs import CODECS
from models.voice.dataset import GENUINE, Variant
from models.voice.folds import Scores, families_left_out, held_out, stacked
from models.voice.loading import CALIBRATION, KERAS, NETWORK, TYPE

THRESHOLD_METHOD = "target_fpr"
LIBRARIES = ("keras", "tensorflow", "onnxruntime", "numpy", "librosa", "pyworld", "av")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much work to do."""

    call_s: float
    epochs: int
    seed: int


def train(
    variants: Sequence[Variant],
    korean: Sequence[Variant],
    store: Path,
    *,
    recipe: Recipe,
    data: Mapping[str, Any],
    bar: Callable[..., Any],
) -> registry.ModelVersion:
    """Publish and activate a voice model trained on ``variants``; ``korean`` is only scored."""
    altered = np.array([v.attack != GENUINE for v in variants])
    logits = held_out(variants, epochs=recipe.epochs, seed=recipe.seed, bar=bar)
    calibration = _calibrate(variants, logits, altered)
    scores = _call_scores(calibration, logits)
    thresholds = all_methods(scores[~altered], scores[altered])
    left_out = families_left_out(variants, epochs=recipe.epochs, seed=recipe.seed, bar=bar)
    final = network.fit(*stacked(variants), epochs=recipe.epochs, seed=recipe.seed)
    borders = thresholds[THRESHOLD_METHOD]
    metrics = {
        "held_out_speakers": _summary(scores, altered, borders) | {"call_s": recipe.call_s},
        "eer_by_attack_and_codec": _by_attack(variants, scores),
        "eer_family_left_out": left_out,
        "genuine_korean": _korean(korean, final, calibration, borders) if korean else {},
    }

    def write(folder: Path) -> None:
        network.save(final, keras_path=folder / KERAS, onnx_path=folder / NETWORK)
        (folder / CALIBRATION).write_text(json.dumps(calibration.numbers(), indent=2) + "\n", "utf-8")

    manifest = {
        "type": TYPE,
        "thresholds": thresholds,
        "threshold_method": THRESHOLD_METHOD,
        "metrics": metrics,
        "data": dict(data),
        "recipe": {"call_s": recipe.call_s, "epochs": recipe.epochs, "seed": recipe.seed},
        "libraries": {name: installed(name) for name in LIBRARIES},
    }
    version = registry.publish(store, "voice", write, manifest=manifest)
    registry.activate(store, "voice", version.name)
    return version


def _calibrate(variants: Sequence[Variant], logits: Sequence[Scores], altered: NDArray[np.bool_]) -> Calibration:
    window = platt(np.concatenate(logits), stacked(variants)[1])
    call = platt(np.array([float(np.mean(part)) for part in logits]), altered.astype(np.int64))
    return Calibration(window[0], window[1], call[0], call[1])


def _call_scores(calibration: Calibration, logits: Sequence[Scores]) -> Scores:
    return np.array([calibration.call_score(calibration.window_scores(part).tolist()) for part in logits])


def _summary(scores: Scores, altered: NDArray[np.bool_], borders: Mapping[str, float]) -> dict[str, float]:
    return {
        "genuine_calls": float((~altered).sum()),
        "altered_calls": float(altered.sum()),
        "eer": equal_error(scores[~altered], scores[altered])[1],
        "genuine_grade_2": float(np.mean(scores[~altered] >= borders["danger"])),
        "genuine_grade_1_or_2": float(np.mean(scores[~altered] >= borders["caution"])),
        "altered_grade_2": float(np.mean(scores[altered] >= borders["danger"])),
        "altered_grade_1_or_2": float(np.mean(scores[altered] >= borders["caution"])),
    }


def _by_attack(variants: Sequence[Variant], scores: Scores) -> dict[str, dict[str, float]]:
    """Return {attack: {codec: EER, "all": EER}}; genuine calls through the same codec are the other side."""
    attacks, codecs = (np.array([getattr(v, name) for v in variants]) for name in ("attack", "codec"))
    table: dict[str, dict[str, float]] = {}
    for attack in FAMILIES:
        row = {}
        for codec in ("all", *CODECS):
            heard = np.ones(len(codecs), bool) if codec == "all" else codecs == codec
            negative, positive = scores[heard & (attacks == GENUINE)], scores[heard & (attacks == attack)]
            if len(negative) and len(positive):
                row[codec] = equal_error(negative, positive)[1]
        table[attack] = row
    return table


def _korean(
    korean: Sequence[Variant], final: Any, calibration: Calibration, borders: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Return {codec: shares of genuine 30-s pieces graded 1 and 2}: looked at, never used to choose anything."""
    scores = _call_scores(calibration, [network.predict(final, v.windows) for v in korean])
    codecs = np.array([v.codec for v in korean])
    result = {}
    for codec in ("all", *sorted(set(codecs.tolist()))):
        part = scores if codec == "all" else scores[codecs == codec]
        result[codec] = {
            "pieces": float(len(part)),
            "grade_2": float(np.mean(part >= borders["danger"])),
            "grade_1": float(np.mean((part >= borders["caution"]) & (part < borders["danger"]))),
        }
    return result
