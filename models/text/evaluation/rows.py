"""One row of figures per source, clean and noisy, each with its bootstrap draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.text.evaluation import intervals, metrics
from models.text.evaluation.heldout import HeldOut
from models.text.evaluation.metrics import Floats
from models.text.judge import SET_ASIDE
from models.text.loso import Logits

Draws = dict[str, Floats]
"""{figure: its value and its bootstrap draws, shape (1 + draws,)}."""
ALL = "all"
"""The row over all sources, each counting once; text that is no spoken Korean is set aside as in training."""
SYLLABLES = "syllable20"
"""The noisy copies that also choose thresholds: 20 % of the syllables wrong, worse than 30 % of the words."""
RATES = {1: "recall", 0: "fpr"}


def by_source(what: HeldOut, *, seed: int = 0) -> dict[str, Draws]:
    """Return {source: figures}, and the row ``ALL``.

    ``recall`` and ``fpr`` at danger, ``…_caution``, ``…_single`` (at the one threshold of the published model),
    ``…_VIEW`` on noisy copies and ``…_change_VIEW`` against the clean text of the same calls; ``auroc``, ``brier``
    and ``ece`` with both labels weighing the same. A source of one label borrows the other from its judges.
    """
    rows = {source: _row(what, source, seed) for source in what.sources}
    counting = [row for source, row in rows.items() if source not in SET_ASIDE]
    names = sorted({name for row in counting for name in row})
    means = {name: np.mean([row[name] for row in counting if name in row], axis=0) for name in names}
    return {**rows, ALL: means | _pooled(what, seed)}


def noises(what: HeldOut) -> dict[str, Mapping[int, Logits]]:
    """Return the held-out logits of each noisy view."""
    seen = {name: table for name, table in what.record.views.items() if name.startswith("wer")}
    return {**seen, SYLLABLES: what.record.held.noisy}


def with_others(what: HeldOut, source: str, *, seed: int = 0) -> list[int]:
    """Return the calls of a source and, when it has one label only, calls of the other label from its judges."""
    own = what.own(source)
    labels = {what.calls[i].label for i in own}
    return own + [i for label in {0, 1} - labels for i in what.others(source, label, seed=seed)]


def _row(what: HeldOut, source: str, seed: int) -> Draws:
    row: Draws = {}
    for label, rate in RATES.items():
        places = [i for i in what.own(source) if what.calls[i].label == label]
        if places:
            row |= _rates(what, source, places, rate, seed)
    places = with_others(what, source, seed=seed)
    labels, scores = what.labels(places), what.scores(source, what.record.held.clean, places)
    drawn = intervals.weights(what.groups(places), labels, seed=seed)
    return row | _probabilistic(metrics.both_labels_equal(drawn, labels), labels, scores)


def _rates(what: HeldOut, source: str, places: Sequence[int], rate: str, seed: int) -> Draws:
    held, borders, single = what.record.held, what.rulers[source].active, what.single.active
    drawn = intervals.weights(what.groups(places), what.labels(places), seed=seed)
    scores = what.scores(source, held.clean, places)
    published = np.array([what.single.calibration.probability(held.clean[i]) for i in places])
    row = {
        rate: metrics.rate(drawn, scores >= borders.danger),
        f"{rate}_caution": metrics.rate(drawn, scores >= borders.caution),
        f"{rate}_single": metrics.rate(drawn, published >= single.danger),
    }
    for view, table in noises(what).items():
        here = [k for k, i in enumerate(places) if i in table]
        copies = what.scores(source, table, [places[k] for k in here]) >= borders.danger
        row[f"{rate}_{view}"] = metrics.rate(drawn[:, here], copies)
        row[f"{rate}_change_{view}"] = row[f"{rate}_{view}"] - metrics.rate(
            drawn[:, here], scores[here] >= borders.danger
        )
    return row


def _probabilistic(weight: Floats, labels: metrics.Labels, scores: Floats) -> Draws:
    return {
        "auroc": metrics.auroc(weight, labels, scores),
        "brier": metrics.brier(weight, labels, scores),
        "ece": metrics.calibration_error(weight, labels, scores),
    }


def _pooled(what: HeldOut, seed: int) -> Draws:
    """Return AUROC, Brier and ECE over the own calls of all sources, each source and label with the same mass."""
    parts, labels, scores = [], [], []
    for source in what.sources:
        for label in RATES:
            places = [i for i in what.own(source) if what.calls[i].label == label]
            if places and source not in SET_ASIDE:
                drawn = intervals.weights(what.groups(places), what.labels(places), seed=seed)
                parts.append(drawn / drawn.sum(axis=1, keepdims=True))
                labels.append(what.labels(places))
                scores.append(what.scores(source, what.record.held.clean, places))
    truth = np.concatenate(labels)
    weight = metrics.both_labels_equal(np.concatenate(parts, axis=1), truth)
    return _probabilistic(weight, truth, np.concatenate(scores))
