"""What an update of any kind of model found: the same tables, reasons and drift for texts and for voices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.types import Thresholds
from models.registry import ModelVersion
from models.training import drift
from models.training.compare import Difference, Labels, Scores, credit, is_worse, paired_bootstrap
from models.training.evidence import is_far

LABELS = {"text": ("normal", "scam"), "voice": ("genuine", "altered")}
"""What 0 and 1 mean, by kind of model."""
DOUBTFUL_AUROC, FEWEST_DOUBTED = 0.4, 30
"""New labels that rank below chance by the active model are more likely flipped than right."""
EXCHANGED, FEWEST_ASKED = 0.1, 10
"""Share of the new labels, and fewest calls of each label, that the active model must deny."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Calls of one source with the scores (0..1) of both models, shape (n,)."""

    source: str
    labels: Labels
    champion: Scores
    challenger: Scores
    difference: Difference
    worse: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """How the active model's scores moved since its version was made; ``index`` None when nothing was noted then."""

    index: float | None
    calls: int

    @property
    def verdict(self) -> str:
        """In a word."""
        return "unknown" if self.index is None else drift.verdict(self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an update found; it is promoted when there is no reason against it."""

    champion: ModelVersion
    table: Mapping[str, Mapping[str, float]]
    method: str
    calibrated_anew: bool
    judged: tuple[Judged, ...]
    reasons: tuple[str, ...]
    drift: Drift
    histogram: list[int]
    learned: int
    origins: Mapping[str, int] = field(default_factory=dict)

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders of the challenger."""
        return Thresholds(self.method, **self.table[self.method])

    def certain_and_wrong(self, source: str) -> tuple[float, float]:
        """Return the shares of both labels of a source that the champion is certain about, and wrong."""
        (one,) = (judged for judged in self.judged if judged.source == source)
        return certain_and_wrong(one.champion, one.labels, self.champion.thresholds)


def judge(
    source: str,
    labels: Labels,
    scores: tuple[Scores, Scores],
    borders: tuple[Thresholds, Thresholds],
    margin: float,
) -> Judged:
    """Compare what champion and challenger say of the calls of one source, each by its own borders."""
    before, now = (credit(own, labels, thresholds) for own, thresholds in zip(scores, borders, strict=True))
    difference = paired_bootstrap(before, now, labels)
    return Judged(source, labels, *scores, difference, is_worse(difference, len(labels), margin))


def certain_and_wrong(scores: Scores, labels: Labels, borders: Thresholds) -> tuple[float, float]:
    """Return the shares of calls labelled 0 and 1 whose score is far on the other side; 0 where only one label is."""
    if len(np.unique(labels)) < 2:
        return 0.0, 0.0
    far = np.array([is_far(score, 2 - 2 * label, borders) for score, label in zip(scores, labels, strict=True)])
    return float(far[labels == 0].mean()), float(far[labels == 1].mean())


def against(judged: Sequence[Judged], margin: float) -> tuple[str, ...]:
    """Say on which sources the challenger is worse."""
    return tuple(
        f"worse on {one.source}: {one.difference.mean:+.3f}, at least {one.difference.low:+.3f}, margin {margin:.3f}"
        for one in judged
        if one.worse
    )


def doubts(scores: Scores, labels: Labels) -> tuple[str, ...]:
    """Say when new labels contradict the active model's scores so much that they are more likely flipped."""
    if min((labels == 0).sum(), (labels == 1).sum()) < FEWEST_DOUBTED:
        return ()
    from sklearn.metrics import roc_auc_score

    auroc = float(roc_auc_score(labels, scores))
    if auroc >= DOUBTFUL_AUROC:
        return ()
    return (f"the new labels contradict the active model (AUROC {auroc:.2f}): were they exchanged?",)


def exchanged(kind: str, asked: int, shares: Sequence[float], usual: Sequence[float]) -> tuple[str, ...]:
    """Say when the active model is certain that new labels of both kinds are wrong.

    A new kind of scam or of false alarm makes it wrong about one label; exchanged labels make it look wrong about
    both. A model that is as wrong about known labels is no witness.

    Args:
        kind: of model, which gives the labels their names.
        asked: how many calls of the rarer new label it was asked about.
        shares: those of each new label about which it is certain and wrong, 0..1.
        usual: the same of calls whose labels are known.
    """
    if asked < FEWEST_ASKED or min(np.subtract(shares, usual)) <= EXCHANGED:
        return ()
    zero, one = (f"{share:.0%} of {name}" for share, name in zip(shares, LABELS[kind], strict=True))
    return (f"the active model is certain that {zero} and {one} labels are wrong",)
