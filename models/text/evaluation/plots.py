"""Plots of a model's held-out scores as PNG: ROC, DET, reliability, confusion matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from models.text.evaluation import metrics
from models.text.evaluation.heldout import HeldOut
from models.text.evaluation.rows import with_others

DPI = 110


def draw(what: HeldOut, name: str, folder: Path) -> list[Path]:
    """Write all plots of the model ``name`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, Callable[..., None]] = {
        "roc": _roc,
        "det": _det,
        "reliability": _reliability,
        "confusion": _confusion,
    }
    paths = []
    for kind, plot in kinds.items():
        paths.append(folder / f"{name}-{kind}.png")
        with _figure(paths[-1], 2 if kind == "confusion" else 1) as axes:
            plot(what, *axes)
            axes[0].figure.suptitle(f"{name}, sources held out")
    return paths


def decisions(what: HeldOut) -> tuple[metrics.Labels, metrics.Labels]:
    """Return (truth, called danger) of every call, each by the ruler that never saw its source."""
    truth, called = [], []
    for source in what.sources:
        places = what.own(source)
        truth.append(what.labels(places))
        scores = what.scores(source, what.record.held.clean, places)
        called.append((scores >= what.rulers[source].active.danger).astype(np.int64))
    return np.concatenate(truth), np.concatenate(called)


@contextmanager
def _figure(path: Path, columns: int) -> Iterator[list[Any]]:
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0 * columns, 6.0), layout="constrained")
    FigureCanvasAgg(figure)  # no display, no global state
    axes = [figure.add_subplot(1, columns, k + 1) for k in range(columns)]
    for one in axes:
        one.set_prop_cycle(color=colormaps["tab20"](range(20)))  # more sources than the usual ten colours
    yield axes
    for one in axes:
        if sources := one.get_legend_handles_labels()[1]:  # dozens with open data alone: one column would fill the plot
            one.legend(fontsize="small" if len(sources) <= 20 else 4, ncols=1 + len(sources) // 30)
    figure.savefig(path, dpi=DPI)


def _curves(what: HeldOut) -> Iterator[tuple[str, metrics.Labels, metrics.Floats]]:
    for source in what.sources:
        places = with_others(what, source)
        yield source, what.labels(places), what.scores(source, what.record.held.clean, places)


def _roc(what: HeldOut, axes: Any) -> None:
    from sklearn.metrics import RocCurveDisplay

    for source, labels, scores in _curves(what):
        RocCurveDisplay.from_predictions(labels, scores, ax=axes, name=source, curve_kwargs={"linewidth": 1.0})
    axes.set(xlabel="false-alarm rate", ylabel="recall")


def _det(what: HeldOut, axes: Any) -> None:
    from sklearn.metrics import DetCurveDisplay

    for source, labels, scores in _curves(what):
        DetCurveDisplay.from_predictions(labels, scores, ax=axes, name=source, linewidth=1.0)
    axes.set(xlabel="false-alarm rate", ylabel="miss rate")


def _reliability(what: HeldOut, axes: Any) -> None:
    for source, labels, scores in _curves(what):
        weight = metrics.both_labels_equal(np.ones((1, len(labels))), labels)[0]
        place = metrics.equal_mass_bins(weight, scores)
        mass = np.bincount(place, weight)
        filled = mass > 0
        mean, share = (np.bincount(place, weight * values)[filled] / mass[filled] for values in (scores, labels))
        axes.plot(mean, share, marker=".", linewidth=0.8, label=source)
    axes.plot([0, 1], [0, 1], color="black", linestyle=":", linewidth=0.8)
    axes.set(xlabel=f"mean probability of a bin ({metrics.BINS} of equal mass)", ylabel="share of scams")


def _confusion(what: HeldOut, plain: Any, normalised: Any) -> None:
    from sklearn.metrics import ConfusionMatrixDisplay

    truth, called = decisions(what)
    names = ["normal", "scam"]
    for axes, normalise, form in ((plain, None, "d"), (normalised, "true", ".3f")):
        ConfusionMatrixDisplay.from_predictions(
            truth, called, labels=[0, 1], display_labels=names, normalize=normalise, values_format=form, ax=axes
        )
    figures = metrics.confusion(truth, called)[1]
    plain.set_title(f"accuracy {figures['accuracy']:.3f}")
    normalised.set_title(", ".join(f"macro {k} {figures[k]:.3f}" for k in ("precision", "recall", "f1")))
