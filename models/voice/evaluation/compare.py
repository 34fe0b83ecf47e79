"""Every member on the same clips: taught once with all families of attacks, once without a third of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from models.measuring import median_ms, megabytes
from models.voice import folds
from models.voice.blending import CALL_S, Blend, blend, blended
from models.voice.dataset import GENUINE, Heard, stacked
from models.voice.evaluation.contenders import ONE_CLASS, Contender
from models.voice.judging import Scores, calls, eer

EVERY = 3  # of the sorted families one in so many is left out
TIMED = 64  # windows


@dataclass(frozen=True, slots=True)
class Divided:
    """Clips by what they are for; no speaker of ``learned`` is in ``judged``.

    ``learned_part`` is ``learned`` without every clip that one of the families ``left_out`` had a part in; ``unheard``
    are clips of those families and genuine ones of speakers that nothing heard.
    """

    learned: list[Heard]
    learned_part: list[Heard]
    judged: list[Heard]
    unheard: list[Heard]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What one member said, and what it took.

    ``known`` has the window logits of ``Divided.judged`` by the member that heard all families, ``unheard`` those of
    ``Divided.unheard`` by the one that did not. ``seconds`` of processor time for the first training, megabytes (10^6
    bytes) of what is served, milliseconds of processor time a window, its view given.
    """

    name: str
    sort: str
    view: str
    known: list[Scores]
    unheard: list[Scores]
    seconds: float
    megabytes: float
    milliseconds: float


def divide(heard: Sequence[Heard]) -> Divided:
    """Split clips by speaker and by family: fold 0 judges, the others teach; every third family is left out once.

    Raises:
        ValueError: when genuine or altered clips are missing on any side.
    """
    left_out = tuple(sorted({name for part in heard for name in part.families} - {GENUINE})[::EVERY])
    learned = [part for part in heard if folds.speaker_fold(part)]
    learned_part = [part for part in learned if part.families.isdisjoint(left_out)]
    judged = [part for part in heard if not folds.speaker_fold(part)]
    unheard = [part for part in heard if folds.tells_of(part, left_out)]
    for what, side in {
        "to learn from": learned,
        "to learn from without the families left out": learned_part,
        "to judge by": judged,
        "to judge by of the families left out": unheard,
    }.items():
        if len({part.altered for part in side}) < 2:
            raise ValueError(f"genuine and altered clips are needed {what}: more clips, or more speakers")
    return Divided(learned, learned_part, judged, unheard, left_out)


def trial(name: str, contender: Contender, divided: Divided, *, seed: int) -> Trial:
    """Teach a member, judge, export and time it. A one-class detector hears no attacks: it is taught once.

    Raises:
        ImportError: when its library is missing.
        ModelRefused: when the export does not equal what was trained.
    """
    started = time.process_time()
    whole = contender.learn(divided.learned, seed=seed)
    seconds = time.process_time() - started
    known = folds.score(whole, contender, divided.judged)
    part = whole if contender.sort == ONE_CLASS else contender.learn(divided.learned_part, seed=seed)
    unheard = folds.score(part, contender, divided.unheard)
    windows = stacked(divided.judged[:TIMED], contender.view)[:TIMED]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        whole.export(path)
        served = contender.opened(path)
        taken_ms = median_ms(lambda: served.logits(windows)) / len(windows)
        size = megabytes(Path(folder))
    return Trial(name, contender.sort, contender.view, known, unheard, seconds, size, taken_ms)


@dataclass(frozen=True, slots=True)
class Together:
    """An ensemble of trials: its members with weights, and its window logits as a trial has them."""

    blend: Blend
    known: Sequence[Scores | None]
    unheard: Sequence[Scores | None]


def together(divided: Divided, trials: Sequence[Trial]) -> Together | None:
    """Weigh members by their errors on the judged calls themselves; None when those lack a class at ``CALL_S``."""
    if not trials or np.isnan(eer(calls(divided.judged, trials[0].known, length_s=CALL_S))):
        return None
    known: Mapping[str, list[Scores]] = {one.name: one.known for one in trials}
    mixture = blend(divided.judged, known, {one.name: one for one in trials})
    unheard = {one.name: one.unheard for one in trials}
    return Together(mixture, blended(mixture.parts, known), blended(mixture.parts, unheard))
