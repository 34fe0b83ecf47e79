"""Champion against challenger for voices: learn, calibrate, choose borders, judge, decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.thresholds.table import CAUTION_FPR, DANGER_FPR
from models.training import calibrate, drift
from models.training.compare import Labels, Scores
from models.training.evidence import TEST, TRAIN, TUNE, is_far
from models.training.learner import Step
from models.training.outcome import Drift, Findings, Judged, against, certain_and_wrong, doubts, exchanged, judge
from models.training.voice.calls import FROZEN, PERSON, VoiceBank
from models.training.voice.learner import Ensemble, VoiceLearner
from models.voice.calibration import Calibration

NEW = "new calls"
FEWEST = 10
"""Calls of each label without which nothing is learned."""
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
    learner.learn(partial(bank.read, TRAIN), scratch=scratch, step=step)
    scored = [
        _Scored(c.source, c.part, c.label, c.origin, c.fresh, own, learner.ensemble.logits(c.views))
        for c, own in zip(bank.read(), before, strict=True)
    ]
    calibration, table, anew = _ruler(champion, learner.calibration, [one for one in scored if one.part == TUNE])
    borders = calibrate.chosen(champion.thresholds, table)
    held = [one for one in scored if one.part in ({FROZEN, TEST} if anew else {FROZEN, TEST, TUNE})]
    judged = list[Judged]()
    for source in sorted({one.source for one in held}):
        own = [one for one in held if one.source == source]
        was, labels = _before(own)
        becomes = np.array([score(calibration, one.logits) for one in own])
        judged.append(judge(source, labels, (was, becomes), (champion.thresholds, borders), margin))
    fresh = [one for one in scored if one.fresh]
    told = champion.manifest.get("scores")
    now = drift.histogram([one.champion for one in fresh])
    frozen = [one for one in held if one.source != NEW]
    asked = [one for one in fresh if one.origin == PERSON]
    reasons = against(judged, margin) + _doubts(champion, asked, frozen) + (() if frozen else (UNJUDGED,))
    return VoiceOutcome(
        champion=champion,
        learner=learner,
        calibration=calibration,
        table=table,
        method=borders.method,
        calibrated_anew=anew,
        judged=tuple(judged),
        reasons=reasons,
        drift=Drift(drift.psi(told, now) if told and fresh else None, len(fresh)),
        histogram=drift.histogram([score(calibration, one.logits) for one in fresh]),
        learned=bank.tally[TRAIN, 0] + bank.tally[TRAIN, 1],
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


def _doubts(champion: ModelVersion, asked: Sequence[_Scored], frozen: Sequence[_Scored]) -> tuple[str, ...]:
    """Say when people's new labels look exchanged: ranked below chance, or certainly wrong about both kinds."""
    scores, labels = _before(asked)
    shares, usual = (certain_and_wrong(*_before(calls), champion.thresholds) for calls in (asked, frozen))
    return doubts(scores, labels) + exchanged("voice", int(np.bincount(labels, minlength=2).min()), shares, usual)


def _before(calls: Sequence[_Scored]) -> tuple[Scores, Labels]:
    """Return what the champion says of calls, and their labels."""
    return np.array([one.champion for one in calls], np.float64), np.array([one.label for one in calls], np.int64)
