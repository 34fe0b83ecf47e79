"""From members' held-out logits to the ensemble: calibration of each, weights by errors, calibration of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.thresholds import Table, all_methods, target_fpr
from models.thresholds.table import CAUTION_FPR, DANGER_FPR
from models.voice.calibration import Calibration, platt, sigmoid
from models.voice.dataset import Heard
from models.voice.ensemble import METHODS, combined, error_rates
from models.voice.judging import Scores, calls
from models.voice.members.protocol import Looks
from models.voice.served import Part

WORST_CAUTION_FPR, WORST_DANGER_FPR = 0.08, 0.03  # what a single source of genuine speech may have above a border
CALL_S = 10.0  # errors and thresholds are those of 10 s of speech: what a short call holds


@dataclass(frozen=True, slots=True)
class Blend:
    """The ensemble without its networks; ``rates`` has each member's (DE, RE) at its calibrated 0.5."""

    parts: tuple[Part, ...]
    rates: Mapping[str, tuple[float, float]]
    method: str


def blend(
    heard: Sequence[Heard],
    logits: Mapping[str, Sequence[Scores]],
    kinds: Mapping[str, Looks],
    *,
    method: str = "error_rates",
) -> Blend:
    """Weigh members by their errors on held-out calls of ``CALL_S``."""
    lines, rates = {}, {}
    for name, own in logits.items():
        found = calls(heard, list(own), length_s=CALL_S)
        scores, altered = np.array([c.logit for c in found]), np.array([int(c.altered) for c in found])
        slope, offset = lines[name] = platt(scores, altered)
        rates[name] = error_rates(slope * scores + offset, altered, 0.0)
    weights = METHODS[method]([rates[name][0] for name in logits], [rates[name][1] for name in logits])
    parts = tuple(
        Part(name, kinds[name].view, *lines[name], float(weight)) for name, weight in zip(logits, weights, strict=True)
    )
    return Blend(parts, rates, method)


def blended(parts: Sequence[Part], logits: Mapping[str, Sequence[Scores | None]]) -> list[Scores | None]:
    """Return the ensemble's window logits of each clip; None where the members have none."""
    made: list[Scores | None] = []
    for own in zip(*(logits[part.name] for part in parts), strict=True):
        known = [scores for scores in own if scores is not None]
        lines = [part.slope * scores + part.offset for part, scores in zip(parts, known, strict=False)]
        made.append(combined(lines, [part.weight for part in parts]) if len(known) == len(parts) else None)
    return made


def calibrated(heard: Sequence[Heard], logits: Sequence[Scores]) -> Calibration:
    """Return the two lines from the ensemble's held-out logits to probabilities of windows and of calls."""
    altered = np.concatenate([np.full(len(own), int(part.altered)) for part, own in zip(heard, logits, strict=True)])
    window = platt(np.concatenate(logits), altered.astype(np.int64))
    found = calls(heard, list(logits), length_s=CALL_S)
    call = platt(np.array([c.logit for c in found]), np.array([int(c.altered) for c in found], np.int64))
    return Calibration(*window, *call)


def thresholds(heard: Sequence[Heard], logits: Sequence[Scores], calibration: Calibration) -> Table:
    """Return the borders of every method from calls whose source of genuine speech was never heard in training.

    ``target_fpr`` keeps the usual shares over all of them, and in none of them more than ``WORST_CAUTION_FPR`` and
    ``WORST_DANGER_FPR``: a line or a language nobody trained on must stay silent too.
    """
    found = calls(heard, list(logits), length_s=CALL_S)
    scores = sigmoid(calibration.call_slope * np.array([c.logit for c in found]) + calibration.call_offset)
    altered = np.array([c.altered for c in found])
    sources = np.array([c.source for c in found])
    table = all_methods(scores[~altered], scores[altered])
    each = [scores[~altered & (sources == name)] for name in sorted(set(sources[~altered].tolist()))]
    table["target_fpr"] = {
        "caution": _border(scores[~altered], each, CAUTION_FPR, WORST_CAUTION_FPR),
        "danger": _border(scores[~altered], each, DANGER_FPR, WORST_DANGER_FPR),
    }
    return table


def _border(every: NDArray[np.float64], each: Sequence[NDArray[np.float64]], share: float, worst: float) -> float:
    """Return the border that keeps ``share`` of ``every`` and ``worst`` of any of ``each``, at most one."""
    return min(max(target_fpr(every, share), *(target_fpr(own, worst) for own in each)), 1.0)
