"""How well held-out scam types are named, by source, and below which probability a type stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN
from models.text.fit_types import Typed
from models.text.scam_types import TYPES, UNNAMED

METHOD = "least_probability"
RIGHT = 0.75
"""Of the calls of our own corpus whose type is told, clean and noisy, this share shall have the right one."""
HEAD = (
    "| held out | calls | types | right | macro-F1 | named, clean | of these right | macro-F1, noisy | named, noisy"
    " | of these right |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)
Figures = dict[str, float]


def least_probability(calls: Sequence[Typed], tables: Sequence[NDArray[np.float64]]) -> float:
    """Return the smallest probability, in steps of 0.01, from which ``RIGHT`` of our own calls are named rightly."""
    own = np.array([call.source == OWN for call in calls])
    truth = np.array([TYPES.index(call.type) for call in calls])[own]
    best = np.concatenate([table[own].max(axis=1) for table in tables])
    right = np.concatenate([table[own].argmax(axis=1) == truth for table in tables])
    for least in np.arange(0.0, 1.0, 0.01):
        if right[best >= least].mean() >= RIGHT:
            return float(round(least, 2))
    return 1.0


def by_source(
    calls: Sequence[Typed], clean: NDArray[np.float64], noisy: NDArray[np.float64], least: float
) -> dict[str, Figures]:
    """Return {source: figures}, clean and ``_noisy``.

    ``right`` and ``macro_f1`` (over the types that occur in the source) take the most likely type always; ``named``
    is the share of calls told a type by ``least``, ``named_right`` the share of these that is right.
    """
    sources = np.array([call.source for call in calls])
    truth = np.array([TYPES.index(call.type) for call in calls])
    return {
        source: {
            "calls": float((sources == source).sum()),
            "types": float(len(set(truth[sources == source].tolist()))),
            **_figures(truth[sources == source], clean[sources == source], least, ""),
            **_figures(truth[sources == source], noisy[sources == source], least, "_noisy"),
        }
        for source in sorted(set(sources.tolist()))
    }


def by_type(calls: Sequence[Typed], table: NDArray[np.float64]) -> dict[str, Figures]:
    """Return {type: calls, precision, recall} on our own corpus, batches held out."""
    own = np.array([call.source == OWN for call in calls])
    truth = np.array([TYPES.index(call.type) for call in calls])[own]
    guess = table[own].argmax(axis=1)
    rows: dict[str, Figures] = {}
    for place, name in enumerate(TYPES):
        right = float(((guess == place) & (truth == place)).sum())
        told, there = float((guess == place).sum()), float((truth == place).sum())
        rows[name] = {"calls": there, "precision": right / max(1.0, told), "recall": right / max(1.0, there)}
    return rows


def markdown(sources: Mapping[str, Figures], types: Mapping[str, Figures]) -> str:
    """Return both tables."""
    lines = [HEAD]
    names = ("right", "macro_f1", "named", "named_right", "macro_f1_noisy", "named_noisy", "named_right_noisy")
    for source, row in sources.items():
        cells = " | ".join(f"{row[name]:.2f}" for name in names)
        lines.append(f"| {source} | {row['calls']:.0f} | {row['types']:.0f} | {cells} |")
    lines += ["", "| type (our corpus, batches held out) | calls | precision | recall |", "|---|--:|--:|--:|"]
    lines += [f"| `{n}` | {r['calls']:.0f} | {r['precision']:.2f} | {r['recall']:.2f} |" for n, r in types.items()]
    return "\n".join(lines)


def _figures(truth: NDArray[np.int64], table: NDArray[np.float64], least: float, suffix: str) -> Figures:
    from sklearn.metrics import f1_score

    guess = table.argmax(axis=1)
    told = (table.max(axis=1) >= least) & (guess != TYPES.index(UNNAMED))
    macro = f1_score(truth, guess, labels=sorted(set(truth.tolist())), average="macro", zero_division=0.0)
    return {
        f"right{suffix}": float((guess == truth).mean()),
        f"macro_f1{suffix}": float(macro),
        f"named{suffix}": float(told.mean()),
        f"named_right{suffix}": float((guess == truth)[told].mean()) if told.any() else 0.0,
    }
