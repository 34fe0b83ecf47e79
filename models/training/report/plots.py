"""Curves of champion and challenger as SVG text, to stand inside an HTML page."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from models.training.compare import Labels, Scores

Curves = Mapping[str, Scores]
BINS = 10


def roc(labels: Labels, scores: Curves, names: Sequence[str]) -> str:
    """Return recall over the false-alarm rate."""
    del names

    def draw(axes: Any) -> None:
        from sklearn.metrics import roc_auc_score, roc_curve

        for name, values in scores.items():
            alarm, hit, _ = roc_curve(labels, values)
            axes.plot(alarm, hit, label=f"{name} (AUROC {roc_auc_score(labels, values):.3f})")
        _name(axes, "ROC", "false-alarm rate", "recall")

    return _svg(draw)


def det(labels: Labels, scores: Curves, names: Sequence[str]) -> str:
    """Return misses over false alarms, both on the normal-deviate scale."""
    del names

    def draw(axes: Any) -> None:
        from scipy.stats import norm
        from sklearn.metrics import det_curve

        ticks = np.array([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4])
        for name, values in scores.items():
            alarm, miss, _ = det_curve(labels, values)
            axes.plot(*(norm.ppf(np.clip(rate, 1e-3, 1 - 1e-3)) for rate in (alarm, miss)), label=name)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks(norm.ppf(ticks), [f"{tick:.1%}" for tick in ticks])
        _name(axes, "DET", "false-alarm rate", "miss rate")

    return _svg(draw)


def reliability(labels: Labels, scores: Curves, names: Sequence[str]) -> str:
    """Return the share of label 1 among calls of about the same score, in bins of as many calls each."""

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        for name, values in scores.items():
            bins = [part for part in np.array_split(np.argsort(values), BINS) if len(part)]
            axes.plot([values[b].mean() for b in bins], [labels[b].mean() for b in bins], marker="o", label=name)
        _name(axes, "Reliability", "mean score", f"share of {names[1]} calls")

    return _svg(draw)


def distribution(labels: Labels, scores: Curves, names: Sequence[str]) -> str:
    """Return histograms of the scores by label."""

    def draw(axes: Any) -> None:
        for name, values in scores.items():
            for label, style in ((0, "--"), (1, "-")):
                counts, edges = np.histogram(values[labels == label], bins=20, range=(0.0, 1.0))
                axes.stairs(counts, edges, linestyle=style, label=f"{name}, {names[label]}")
        _name(axes, "Scores", "score", "calls")

    return _svg(draw)


def _name(axes: Any, title: str, x: str, y: str) -> None:
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _svg(draw: Callable[[Any], None]) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    out = io.StringIO()
    with rc_context({"svg.hashsalt": "moksori", "svg.fonttype": "none"}):
        figure = Figure(figsize=(5.2, 4.2), layout="constrained")
        FigureCanvasSVG(figure)  # no display, no global state
        draw(figure.add_subplot())
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
