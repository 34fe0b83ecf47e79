"""DET curves and score histograms as PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.voice.evaluation.run import Judged
from models.voice.judging import Scores, calls, split_scores
from models.voice.train import LENGTHS_S

DET_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)


def draw(judged: Judged, out: Path) -> None:
    """Write ``det.png`` and ``scores.png`` into ``out``."""
    from matplotlib.figure import Figure
    from scipy.stats import norm

    det = Figure(figsize=(5, 5), layout="constrained")
    curve = det.add_subplot(title="DET, speaker unheard", xlabel="false alarms", ylabel="misses")
    for length_s in LENGTHS_S:
        genuine, altered = split_scores(calls(judged.heard, judged.speakers, length_s=length_s))
        if len(genuine) and len(altered):
            alarm, miss = errors(genuine, altered)
            curve.plot(norm.ppf(alarm), norm.ppf(miss), label=f"{length_s:g} s")
    for axis in (curve.xaxis, curve.yaxis):
        axis.set_ticks(norm.ppf(DET_TICKS), [f"{tick:g}" for tick in DET_TICKS])
    curve.legend()
    det.savefig(out / "det.png")

    figure = Figure(figsize=(6, 4), layout="constrained")
    bars = figure.add_subplot(title="10 s of speech, speaker unheard", xlabel="mean logit", ylabel="calls")
    both = split_scores(calls(judged.heard, judged.speakers, length_s=10.0))
    bars.hist(both, bins=40, label=("genuine", "altered"), histtype="step")
    bars.legend()
    figure.savefig(out / "scores.png")


def errors(genuine: Scores, altered: Scores) -> tuple[Scores, Scores]:
    """Return false-alarm and miss rates at every threshold between two scores, clipped so that a probit exists."""
    borders = np.unique(np.concatenate((genuine, altered)))
    alarm = 1.0 - np.searchsorted(np.sort(genuine), borders, side="left") / len(genuine)
    miss = np.searchsorted(np.sort(altered), borders, side="left") / len(altered)
    return np.clip(alarm, 1e-3, 1 - 1e-3), np.clip(miss, 1e-3, 1 - 1e-3)
