"""Calibration, thresholds and by-source figures from held-out logits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.text.calibration import Calibration, fit
from models.text.data import SENTENCE, Call
from models.text.loso import Held
from models.thresholds import all_methods

METHOD = "target_fpr"
CAUTION_FPR, DANGER_FPR = 0.05, 0.02
"""Shares of held-out ordinary calls (clean and noisy, sources balanced) that may be called caution and danger. Held out
means of a source never heard: of calls like those of the training far fewer are."""
PER_SOURCE = 250
"""Calls of one source and label that may speak when thresholds are chosen, so that none drowns another."""
SET_ASIDE = ("vpda_v25",)
"""Morpheme-split text does not look like any call the service will see; it is judged, but chooses nothing."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """How held-out logits become probabilities and grades."""

    calibration: Calibration
    thresholds: Mapping[str, Mapping[str, float]]

    @property
    def active(self) -> Thresholds:
        """Grade borders of the active method."""
        return Thresholds(METHOD, **self.thresholds[METHOD])


def make_ruler(held: Held, calls: Sequence[Call], *, without: str | None = None, seed: int = 0) -> Ruler:
    """Calibrate and choose thresholds from held-out calls, clean and noisy, of all sources but ``without``."""
    chosen = _balanced([i for i in held.clean if _may_choose(calls[i], without)], calls, seed)
    pairs = [held.choosing.get(i) or (held.clean[i], held.noisy[i]) for i in chosen]
    logits = [clean for clean, _ in pairs] + [noisy for _, noisy in pairs]
    labels = np.array([calls[i].label for i in chosen] * 2)
    weight = np.where(labels == 1, 0.5 / max(1, labels.sum()), 0.5 / max(1, (1 - labels).sum())) * len(labels)
    calibration = fit(logits, labels, weight)
    scores = probabilities(calibration, logits)
    normal, scam = scores[labels == 0], scores[labels == 1]
    return Ruler(calibration, all_methods(normal, scam, caution_fpr=CAUTION_FPR, danger_fpr=DANGER_FPR))


def usual_scores(held: Held, calls: Sequence[Call], calibration: Calibration, *, seed: int = 0) -> NDArray[np.float64]:
    """Return the held-out scores of the calls that chose the borders: what drift is measured from, shape (n,), 0..1."""
    chosen = _balanced([i for i in held.clean if _may_choose(calls[i], None)], calls, seed)
    return probabilities(calibration, [held.clean[i] for i in chosen])


def probabilities(calibration: Calibration, logits: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the probability of each call from its window logits, shape (n,)."""
    return np.array([calibration.probability(values) for values in logits], np.float64)


def by_source(held: Held, calls: Sequence[Call], *, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return {source: figures}; calibration and thresholds of a row never saw that source's scores.

    ``scam``/``normal`` are counts; recall and false-alarm rate (fpr) at both grades, also on noisy copies;
    AUROC against the other label of every source, each source equally represented.
    """
    table: dict[str, dict[str, float]] = {}
    for source in sorted({calls[i].source for i in held.clean}):
        ruler = make_ruler(held, calls, without=source, seed=seed)
        own = [i for i in held.clean if calls[i].source == source]
        row: dict[str, float] = {}
        for label, rate, count in ((1, "recall", "scam"), (0, "fpr", "normal")):
            places = [i for i in own if calls[i].label == label]
            row[count] = len(places)
            for suffix, logits in (("", held.clean), ("_noisy", held.noisy)):
                row |= _rates(ruler, [logits[i] for i in places], rate, suffix)
        if source in held.sentences:
            row["sentences"] = len(held.sentences[source])
            row |= _rates(ruler, held.sentences[source], "fpr", "_sentence")
        row["auroc"] = _auroc(held, calls, source, ruler.calibration, seed)
        row["duplicates_dropped"] = sum(n for name, n in held.dropped.items() if name.startswith(source))
        table[source] = row
    return table


def quality(table: Mapping[str, Mapping[str, float]]) -> float:
    """Return the figure that chooses the winner, 0..1.

    Mean of (mean recall over scam sources) and (mean of 1 - false alarms over normal sources), both at the
    danger threshold, clean and noisy copies alike, every source counting once whatever its size.
    """
    rows = [row for source, row in table.items() if source not in SET_ASIDE]
    scam = [row[f"recall_danger{s}"] for row in rows if row["scam"] for s in ("", "_noisy")]
    calm = [1.0 - row[f"fpr_danger{s}"] for row in rows if row["normal"] for s in ("", "_noisy")]
    return float((np.mean(scam) + np.mean(calm)) / 2)


def _rates(ruler: Ruler, logits: Sequence[NDArray[np.float64]], rate: str, suffix: str) -> dict[str, float]:
    if not logits:
        return {}
    scores, borders = probabilities(ruler.calibration, logits), ruler.active
    return {
        f"{rate}_caution{suffix}": float(np.mean(scores >= borders.caution)),
        f"{rate}_danger{suffix}": float(np.mean(scores >= borders.danger)),
    }


def _auroc(held: Held, calls: Sequence[Call], source: str, calibration: Calibration, seed: int) -> float:
    from sklearn.metrics import roc_auc_score

    own = [i for i in held.clean if calls[i].source == source]
    labels = {calls[i].label for i in own}
    others = [i for i in held.clean if _may_choose(calls[i], source) and calls[i].label not in labels]
    places = own if len(labels) == 2 else own + _balanced(others, calls, seed)
    scores = probabilities(calibration, [held.clean[i] for i in places])
    return float(roc_auc_score([calls[i].label for i in places], scores))


def _may_choose(call: Call, without: str | None) -> bool:
    return call.source != without and call.source not in SET_ASIDE and len(call.text) >= SENTENCE


def _balanced(places: Sequence[int], calls: Sequence[Call], seed: int) -> list[int]:
    """Return at most ``PER_SOURCE`` of each (source, label)."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, int], list[int]] = {}
    for i in places:
        groups.setdefault((calls[i].source, calls[i].label), []).append(i)
    return [
        int(i)
        for _, group in sorted(groups.items())
        for i in (group if len(group) <= PER_SOURCE else rng.choice(group, PER_SOURCE, replace=False))
    ]
