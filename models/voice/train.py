"""Train, weigh, calibrate and publish the voice ensemble. Every published figure comes from voices held out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.voice import folds
from models.voice.blending import Blend, blend, blended, calibrated, thresholds
from models.voice.calibration import Calibration, sigmoid
from models.voice.dataset import Heard
from models.voice.judging import Scores, calls, cost, eer
from models.voice.loading import CALIBRATION, ENSEMBLE, ENSEMBLE_TYPE, member_file
from models.voice.members.protocol import Kind

THRESHOLD_METHOD = "target_fpr"
LENGTHS_S = (3.0, 10.0, 30.0)
LIBRARIES = ("keras", "tensorflow", "lightgbm", "onnxruntime", "numpy")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Window logits of each clip, by member: speaker never heard, source never heard, {family: family never heard}."""

    speakers: dict[str, list[Scores]]
    sources: dict[str, list[Scores]]
    families: dict[str, dict[str, list[Scores | None]]]


def held_out(heard: Sequence[Heard], kinds: Mapping[str, Kind], *, seed: int, bar: folds.Bar) -> HeldOut:
    """Train every member as often as it takes to have judged each clip unheard, in three ways."""
    speakers, sources, families = {}, {}, {}
    for name, kind in kinds.items():
        speakers[name] = folds.held_out(kind, heard, seed=seed, bar=bar)
        sources[name] = folds.sources_left_out(kind, heard, seed=seed, bar=bar)
        families[name] = folds.families_left_out(kind, heard, seed=seed, bar=bar)
    return HeldOut(speakers, sources, families)


def train(
    heard: Sequence[Heard],
    korean: Sequence[Heard],
    store: Path,
    *,
    kinds: Mapping[str, Kind],
    seed: int,
    data: Mapping[str, Any],
    bar: folds.Bar,
    known: HeldOut | None = None,
) -> registry.ModelVersion:
    """Publish an ensemble of ``kinds`` trained on ``heard``, not yet active; ``korean`` is only scored.

    ``known`` is what ``held_out`` gives for the same clips, members and seed, when it was asked already.
    """
    known = known or held_out(heard, kinds, seed=seed, bar=bar)
    mixture = blend(heard, known.speakers, kinds)
    ours = [scores for scores in blended(mixture.parts, known.speakers) if scores is not None]
    calibration = calibrated(heard, ours)
    unheard = [scores for scores in blended(mixture.parts, known.sources) if scores is not None]
    borders = thresholds(heard, unheard, calibration)
    final = {name: folds.fit(kind, heard, seed=seed) for name, kind in bar(kinds.items(), desc="final members")}
    korean_logits = {name: folds.score(final[name], kind, korean) for name, kind in kinds.items()} if korean else {}
    metrics = {
        "members": {name: {"DE": rates[0], "RE": rates[1]} for name, rates in mixture.rates.items()},
        "weighting": weighting(heard, known.speakers, kinds),
        "held_out_speakers": by_attack(heard, ours),
        "eer_family_left_out": left_out(heard, known, mixture),
        "genuine_source_left_out": grades(heard, unheard, calibration, borders[THRESHOLD_METHOD], by="source"),
        "genuine_korean": grades(
            korean, blended(mixture.parts, korean_logits), calibration, borders[THRESHOLD_METHOD], by="codec"
        )
        if korean
        else {},
    }

    def write(folder: Path) -> None:
        for name, member in final.items():
            member.export(folder / member_file(name))
        stored = {"method": mixture.method, "members": [part.plain() for part in mixture.parts]}
        (folder / ENSEMBLE).write_text(json.dumps(stored, indent=2) + "\n", "utf-8")
        (folder / CALIBRATION).write_text(json.dumps(calibration.numbers(), indent=2) + "\n", "utf-8")

    manifest = {
        "type": ENSEMBLE_TYPE,
        "thresholds": borders,
        "threshold_method": THRESHOLD_METHOD,
        "metrics": metrics,
        "data": dict(data),
        "recipe": {"seed": seed, "members": list(kinds)},
        "libraries": {name: installed(name) for name in LIBRARIES},
    }
    return registry.publish(store, "voice", write, manifest=manifest)


def weighting(
    heard: Sequence[Heard], logits: Mapping[str, list[Scores]], kinds: Mapping[str, Kind]
) -> dict[str, float]:
    """Return the EER at 10 s of each member and of each way to weigh them."""
    table = {name: eer(calls(heard, list(own), length_s=10.0)) for name, own in logits.items()}
    for method in ("error_rates", "accuracy", "best_single"):
        parts = blend(heard, logits, kinds, method=method).parts
        table[f"ensemble: {method}"] = eer(calls(heard, blended(parts, logits), length_s=10.0))
    return table


def by_attack(heard: Sequence[Heard], logits: Sequence[Scores]) -> dict[str, dict[str, float]]:
    """Return {attack: {length: EER}} and the cost of all, against all genuine calls of that length."""
    table: dict[str, dict[str, float]] = {}
    for length_s in LENGTHS_S:
        found = calls(heard, list(logits), length_s=length_s)
        table.setdefault("all", {})[f"{length_s:g} s"] = eer(found)
        table["all"][f"cost {length_s:g} s"] = cost(found)
        for attack in sorted({c.attack for c in found if c.altered}):
            of_it = [c for c in found if not c.altered or c.attack == attack]
            table.setdefault(attack, {})[f"{length_s:g} s"] = eer(of_it)
    return table


def left_out(heard: Sequence[Heard], known: HeldOut, mixture: Blend) -> dict[str, dict[str, float]]:
    """Return {family: {length: EER}} by members that never heard the family."""
    families = next(iter(known.families.values())).keys()
    table = {}
    for family in families:
        ours = blended(mixture.parts, {name: own[family] for name, own in known.families.items()})
        table[family] = {f"{s:g} s": eer(calls(heard, ours, length_s=s)) for s in LENGTHS_S}
    return table


def grades(
    heard: Sequence[Heard],
    logits: Sequence[Scores | None],
    calibration: Calibration,
    borders: Mapping[str, float],
    *,
    by: str,
) -> dict[str, dict[str, float]]:
    """Return {source or codec: shares of genuine clips graded 1 and 2}, each clip or piece a call."""
    judged = [(part, own) for part, own in zip(heard, logits, strict=True) if own is not None and not part.altered]
    raw = np.array([float(np.mean(own)) for _, own in judged])
    scores = sigmoid(calibration.call_slope * raw + calibration.call_offset)
    keys = np.array([getattr(part, by) for part, _ in judged])
    table = {}
    for key in ("all", *sorted(set(keys.tolist()))):
        own = scores if key == "all" else scores[keys == key]
        table[key] = {
            "pieces": float(len(own)),
            "grade_2": float(np.mean(own >= borders["danger"])),
            "grade_1": float(np.mean((own >= borders["caution"]) & (own < borders["danger"]))),
        }
    return table
