"""Champion against challenger: learn, calibrate, choose borders, judge, decide. Values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from models.protocols import TextModel
from models.registry import ModelVersion
from models.text.calibration import Calibration
from models.text.data import Call
from models.training import calibrate, drift
from models.training.evidence import PERSON, TEST, TRAIN, TUNE, Example, is_far
from models.training.learner import Learner, Step
from models.training.outcome import Drift, Findings, Judged, against, doubts, judge
from models.training.spool import Spool

NEW = "new calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Findings):
    """What an update of the text model found, and what it learned."""

    learner: Learner
    calibration: Calibration


def run(
    champion: ModelVersion,
    model: TextModel,
    learner: Learner,
    spool: Spool,
    *,
    frozen: Sequence[Call],
    recent: Sequence[str],
    margin: float,
    scratch: Path,
    step: Step,
    seed: int = 0,
) -> Outcome:
    """Let the learner learn and judge it against the version it started from.

    Args:
        champion: the version that is active now.
        model: the same, loaded.
        learner: opened from it.
        spool: what the stored calls teach, with the parts that are held out.
        frozen: the frozen evaluation set, of one or more sources.
        recent: normalised texts of calls since the champion was made, labelled or not, to look for drift.
        margin: mean credit (0..1) by which the challenger may fall behind in no source.
        scratch: a folder for files without a name.
        step: told about every step of learning.
        seed: of whatever is drawn.
    """
    learned = learner.learn(partial(spool.read, TRAIN), scratch=scratch, step=step, seed=seed)
    tune, test = (list(spool.read(part)) for part in (TUNE, TEST))
    calibration, table, anew = _ruler(model, champion, learner, tune)
    borders = calibrate.chosen(champion.thresholds, table)
    # What was not needed to calibrate with may judge.
    new = [Call(e.id, NEW, e.label, e.text) for e in (test if anew else tune + test)]
    calls = [*frozen, *new]
    judged = list[Judged]()
    for source in sorted({call.source for call in calls}):
        own = [call for call in calls if call.source == source]
        was = model.predict_proba([call.text for call in own])
        becomes = np.array([probability(learner, calibration, call.text) for call in own])
        labels = np.array([call.label for call in own], np.int64)
        judged.append(judge(source, labels, (was, becomes), (champion.thresholds, borders), margin))
    now = model.predict_proba(recent)
    before = champion.manifest.get("scores")
    moved = Drift(drift.psi(before, drift.histogram(now)) if before and len(now) else None, len(now))
    people = [e for e in tune + test if e.origin == PERSON]
    doubted = doubts(model.predict_proba([e.text for e in people]), np.array([e.label for e in people], np.int64))
    return Outcome(
        champion=champion,
        learner=learner,
        calibration=calibration,
        table=table,
        method=borders.method,
        calibrated_anew=anew,
        judged=tuple(judged),
        reasons=against(judged, margin) + doubted,
        drift=moved,
        histogram=drift.histogram([probability(learner, calibration, text) for text in recent]),
        learned=learned,
        origins=dict(sorted(Counter(f"{e.origin} {e.label} {e.part}" for e in spool.read()).items())),
    )


def probability(learner: Learner, calibration: Calibration, text: str) -> float:
    """Return the challenger's score of a normalised text, 0..1."""
    return calibration.probability(learner.logits(text))


def _ruler(
    model: TextModel, champion: ModelVersion, learner: Learner, tune: Sequence[Example]
) -> tuple[Calibration, Mapping[str, Mapping[str, float]], bool]:
    # A few wrong labels would flatten the calibration and drive the borders to the top.
    before = model.predict_proba([example.text for example in tune])
    clear = [e for e, score in zip(tune, before, strict=True) if not is_far(score, 2 - 2 * e.label, model.thresholds)]
    labels = np.array([example.label for example in clear], np.int64)
    if not calibrate.enough(labels):
        return learner.calibration, champion.manifest["thresholds"], False
    logits = [learner.logits(example.text) for example in clear]
    calibration = calibrate.refit(learner.calibration, logits, labels)
    scores = np.array([calibration.probability(values) for values in logits])
    return calibration, calibrate.borders(champion.manifest["thresholds"], scores, labels), True
