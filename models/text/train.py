"""The whole training: hold out, choose the winner, learn from everything, publish."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models import registry
from models.text import data, linear, nb, zoo
from models.text.judge import METHOD, Ruler, by_source, make_ruler, quality, usual_scores
from models.text.loso import Fold, Trainer, hold_out
from models.text.noise import SttNoise
from models.text.samples import make_samples
from models.training.drift import histogram

LIBRARIES = ("numpy", "scikit-learn", "tensorflow", "keras", "onnxruntime")
QUICK_STEP = 8
"""A quick run takes every eighth call of a source (pairs of our corpus stay whole)."""
Table = dict[str, dict[str, float]]
Progress = Callable[[str], Callable[[Sequence[Fold]], Iterable[Fold]]]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run gives: the published version and the held-out tables of every model."""

    version: registry.ModelVersion
    tables: dict[str, Table]
    qualities: dict[str, float]


def train(
    folder: Path,
    store: Path,
    *,
    kinds: Sequence[str] = (linear.TYPE, nb.TYPE),
    checkpoint: Path | None = None,
    quick: bool = False,
    seed: int = 0,
    progress: Progress = lambda _name: iter,
) -> Trained:
    """Train, judge by leaving sources out, publish the winner and make it active.

    ``kinds`` are types of ``models.text.zoo``; ``checkpoint`` is the folder that ``kobert`` starts from.
    """
    files = data.fingerprint(folder)  # of what is read next, not of what lies there an hour later
    calls = data.load_sources(folder) + data.load_corpus()
    if quick:
        calls = [c for i, c in enumerate(calls) if (c.source == data.OWN or i % QUICK_STEP == 0)]
    noise = SttNoise.learned(folder)
    material = zoo.Material(calls, make_samples(calls, noise, seed=seed), quick=quick, checkpoint=checkpoint)
    sentences = data.load_sentences(folder, most=100 if quick else 1000)
    trainers: dict[str, Trainer] = {}
    rulers: dict[str, Ruler] = {}
    tables: dict[str, Table] = {}
    usual: dict[str, list[int]] = {}
    for kind in kinds:
        trainer = trainers[kind] = zoo.kind(kind).trainer(material)
        held = hold_out(trainer, calls, noise, sentences, progress=progress(kind), seed=seed)
        tables[kind], rulers[kind] = by_source(held, calls, seed=seed), make_ruler(held, calls, seed=seed)
        usual[kind] = histogram(usual_scores(held, calls, rulers[kind].calibration, seed=seed))
    qualities = {kind: quality(table) for kind, table in tables.items()}
    winner = max(qualities, key=qualities.__getitem__)
    network = trainers[winner].fit(range(len(calls)), seed=seed)
    manifest = {
        "type": winner,
        "thresholds": rulers[winner].thresholds,
        "threshold_method": METHOD,
        "metrics": {"by_source": tables[winner], "quality": qualities},
        "data": {"files": files, "calls": len(calls), "samples": len(material.samples)},
        "scores": usual[winner],
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "seed": seed,
    }

    def write(folder: Path) -> None:
        zoo.kind(winner).save(folder, trainers[winner], network, material, rulers[winner].calibration)

    version = registry.publish(store, "text", write, manifest=manifest)
    registry.activate(store, "text", version.name)
    return Trained(version, tables, qualities)
