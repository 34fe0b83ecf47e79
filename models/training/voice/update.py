"""Champion against challenger for voices: learn, calibrate, choose borders, judge, decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.registry import ModelVersion
from models.thresholds.table import CAUTION_FPR, DANGER_FPR
from models.training import calibrate, drift
from models.training.compare import Labels, Scores, credit, is_worse, paired_bootstrap
from models.training.evidence import TEST, TRAIN, TUNE, is_far
from models.training.learner import Step
from models.training.outcome import Drift, Findings, Judged, against, certain_and_wrong, doubts
from models.training.voice.calls import FROZEN, PERSON, VoiceBank
from models.training.voice.learner import Ensemble, VoiceLearner
from models.voice.calibration import Calibration

NEW = "new calls"
FEWEST = 10
"""Calls of each label without which nothing is learned."""
EXCHANGED, FEWEST_ASKED = 0.1, 10
UNJUDGED = "no frozen voices to judge by: set MOKSORI_UPDATE_VOICES or give --data"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceOutcome(Findings):
    """What an update of the voice model found, and what it learned."""

    learner: VoiceLearner
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class _Scored:
    """Every call of the bank without its windows' features."""

    source: str
    part: str
    label: int
    origin: str
    fresh: bool
    champion: float
    logits: NDArray[np.float64]


def run(
    champion: ModelVersion, learner: VoiceLearner, bank: VoiceBank, *, margin: float, scratch: Path, step: Step
) -> VoiceOutcome:
    """Let the learner learn and judge it against the version it started from.

    Args:
        champion: the version that is active now.
        learner: opened from it.
        bank: what labelled calls teach, with the parts that are held out and the frozen set.
        margin: mean credit (0..1) by which the challenger may fall behind in no source.
        scratch: a folder for files without a name.
        step: told about every step of learning.
    """
    old = Ensemble(champion)
    before = [score(learner.calibration, old.logits(call.views)) for call in bank.read()]
    learned = learner.learn(partial(bank.read, TRAIN), scratch=scratch, step=step)
    scored = [
        _Scored(c.source, c.part, c.label, c.origin, c.fresh, own, learner.ensemble.logits(c.views))
        for c, own in zip(bank.read(), before, strict=True)
    ]
    calibration, table, anew = _ruler(champion, learner.calibration, [one for one in scored if one.part == TUNE])
    method = champion.thresholds.method if champion.thresholds.method in table else calibrate.METHOD
    borders = Thresholds(method, **table[method])
    held = [one for one in scored if one.part in ({FROZEN, TEST} if anew else {FROZEN, TEST, TUNE})]
    judged = tuple(
        _judge([one for one in held if one.source == source], champion, calibration, borders, margin)
        for source in sorted({one.source for one in held})
    )
    fresh = [one for one in scored if one.fresh]
    told = champion.manifest.get("scores")
    now = drift.histogram([one.champion for one in fresh])
    frozen = [one for one in judged if one.source != NEW]
    reasons = against(judged, margin) + _doubts(champion, fresh, frozen) + (() if frozen else (UNJUDGED,))
    return VoiceOutcome(
        champion=champion,
        learner=learner,
        calibration=calibration,
        table=table,
        method=method,
        calibrated_anew=anew,
        judged=judged,
        reasons=reasons,
        drift=Drift(drift.psi(told, now) if told and fresh else None, len(fresh)),
        histogram=drift.histogram([score(calibration, one.logits) for one in fresh]),
        learned=learned,
        origins=dict(sorted(Counter(f"{one.origin} {one.label} {one.part}" for one in scored).items())),
    )


def score(calibration: Calibration, logits: NDArray[np.float64]) -> float:
    """Return the score of a call, 0..1, from the logits of its windows, by the served arithmetic."""
    return calibration.call_score([float(value) for value in calibration.window_scores(logits)])


def _ruler(
    champion: ModelVersion, calibration: Calibration, tune: Sequence[_Scored]
) -> tuple[Calibration, Mapping[str, Mapping[str, float]], bool]:
    table = champion.manifest["thresholds"]
    clear = [one for one in tune if not is_far(one.champion, 2 - 2 * one.label, champion.thresholds)]
    labels = np.array([one.label for one in clear], np.int64)
    if not calibrate.enough(labels):
        return calibration, table, False
    logits = [one.logits for one in clear]
    start = (calibration.window_slope, calibration.window_offset, calibration.call_slope, calibration.call_offset)
    per_window = np.repeat(labels, [len(own) for own in logits])
    window = calibrate.pulled_line(start[:2], np.concatenate(logits), per_window)
    found = Calibration(*window, *calibrate.pulled_line(start[2:], np.array([own.mean() for own in logits]), labels))
    scores = np.array([score(found, own) for own in logits])
    rates = {"caution_fpr": CAUTION_FPR, "danger_fpr": DANGER_FPR}
    return found, calibrate.borders(table, scores, labels, **rates), True


def _judge(
    calls: Sequence[_Scored], champion: ModelVersion, calibration: Calibration, borders: Thresholds, margin: float
) -> Judged:
    labels: Labels = np.array([one.label for one in calls], np.int64)
    old: Scores = np.array([one.champion for one in calls])
    new: Scores = np.array([score(calibration, one.logits) for one in calls])
    difference = paired_bootstrap(credit(old, labels, champion.thresholds), credit(new, labels, borders), labels)
    return Judged(calls[0].source, labels, old, new, difference, is_worse(difference, len(calls), margin))


def _doubts(champion: ModelVersion, fresh: Sequence[_Scored], frozen: Sequence[Judged]) -> tuple[str, ...]:
    """Say when people's new labels look exchanged: ranked below chance, or certainly wrong about both kinds."""
    asked = [one for one in fresh if one.origin == PERSON]
    labels = np.array([one.label for one in asked], np.int64)
    scores = np.array([one.champion for one in asked])
    found = doubts(scores, labels)
    if min((labels == 0).sum(), (labels == 1).sum()) < FEWEST_ASKED:
        return found
    shares, usual = np.array(certain_and_wrong(scores, labels, champion.thresholds)), np.zeros(2)
    known = np.concatenate([one.labels for one in frozen] or [np.zeros(0, np.int64)])
    if len(np.unique(known)) == 2:
        everything = np.concatenate([one.champion for one in frozen])
        usual = np.array(certain_and_wrong(everything, known, champion.thresholds))
    if min(shares - usual) <= EXCHANGED:
        return found
    genuine, altered = (f"{share:.0%}" for share in shares)
    return (*found, f"the active model is certain that {genuine} of genuine and {altered} of altered labels are wrong")
