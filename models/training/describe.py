"""An outcome in numbers: what goes into the manifest, and one line for people."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from core.types import Thresholds
from models.training.compare import Labels, Scores
from models.training.outcome import LABELS, Findings, Judged

LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib")
"""What every update needs; those of a type of model are imported when it is opened."""


def figures(
    labels: Labels, scores: Scores, thresholds: Thresholds, names: Sequence[str] = LABELS["text"]
) -> dict[str, Any]:
    """Return counts, recall and false-alarm rate at both borders, AUROC, Brier score and the grades by label.

    ``confusion`` has a row for each label (``names``: what 0 and 1 mean) and a column for each grade 0, 1, 2. What one
    label alone cannot tell is left out.
    """
    grades = np.array([thresholds.grade(float(score)) for score in scores])
    confusion = [[int(((labels == label) & (grades == grade)).sum()) for grade in range(3)] for label in (0, 1)]
    found: dict[str, Any] = {names[0]: sum(confusion[0]), names[1]: sum(confusion[1]), "confusion": confusion}
    for label, rate in ((0, "fpr"), (1, "recall")):
        if (labels == label).any():
            found[f"{rate}_caution"] = float((grades[labels == label] >= 1).mean())
            found[f"{rate}_danger"] = float((grades[labels == label] == 2).mean())
    if len(np.unique(labels)) == 2:
        from sklearn.metrics import roc_auc_score

        found["auroc"] = float(roc_auc_score(labels, scores))
    found["brier"] = float(np.mean((scores - labels) ** 2))
    return found


def by_source(outcome: Findings) -> dict[str, dict[str, Any]]:
    """Return {source: figures of champion and challenger, their difference, whether it decides against}."""
    return {one.source: _row(one, outcome) for one in outcome.judged}


def manifest_of(
    outcome: Findings,
    *,
    reasons: Sequence[str],
    files: Mapping[str, Any],
    rows: Mapping[str, int],
    wanted: Mapping[str, Any],
    read_at: datetime,
    margin: float,
) -> dict[str, Any]:
    """Return the manifest of the challenger; ``files`` tells what it learned from beside stored calls."""
    return {
        "type": outcome.champion.manifest["type"],
        "thresholds": {method: dict(row) for method, row in outcome.table.items()},
        "threshold_method": outcome.method,
        "metrics": {"by_source": by_source(outcome)},
        "data": {
            "files": dict(files),
            "rows": dict(rows),
            "examples": dict(outcome.origins),
            "filter": dict(wanted),
        },
        "scores": outcome.histogram,
        "update": {
            "parent": outcome.champion.name,
            "read_at": read_at.isoformat(),
            "margin": margin,
            "learned_from": outcome.learned,
            "calibrated_anew": outcome.calibrated_anew,
            "drift": {"psi": outcome.drift.index, "calls": outcome.drift.calls, "verdict": outcome.drift.verdict},
            "promotable": not reasons,
            "reasons": list(reasons),
        },
        "libraries": libraries(),
        "seed": 0,
    }


def libraries() -> dict[str, str]:
    """Return the versions of ``LIBRARIES``; asked before an update begins as well, not only when it has learned.

    Raises:
        ModuleNotFoundError: when one is not installed; its name is the package's.
    """
    return {name: importlib.metadata.version(name) for name in LIBRARIES}


def summary_of(outcome: Findings, reasons: Sequence[str]) -> str:
    """Return the decision and the differences in one line."""
    verdict = f"kept as candidate ({'; '.join(reasons)})" if reasons else "promoted"
    gained = ", ".join(f"{one.source} {one.difference.mean:+.3f}" for one in outcome.judged)
    warning = f"; scores {outcome.drift.verdict}" if outcome.drift.verdict.startswith("moved") else ""
    return f"{verdict}; learned from {outcome.learned} calls; credit {gained}{warning}"


def _row(one: Judged, outcome: Findings) -> dict[str, Any]:
    names = LABELS[outcome.champion.kind]
    return {
        "champion": figures(one.labels, one.champion, outcome.champion.thresholds, names),
        "challenger": figures(one.labels, one.challenger, outcome.thresholds, names),
        "difference": asdict(one.difference),
        "worse": one.worse,
    }
