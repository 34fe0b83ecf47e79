"""How early a scam is heard: the score of what has been said so far, at each checkpoint of a call.

Thresholds of a source come from the normal calls of the other sources, at the same checkpoint and with the same
share of false alarms allowed. "Ever" is the running score: one threshold for all checkpoints of a call, chosen
so that no more of the other sources' normal calls pass it at any of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.text.evaluation import intervals, metrics
from models.text.evaluation.heldout import HeldOut
from models.text.evaluation.intervals import Estimate
from models.text.evaluation.metrics import Floats
from models.text.evaluation.rows import ALL, RATES, Draws
from models.text.evaluation.views import CHARACTERS_PER_SYLLABLE, SYLLABLES_PER_S, checkpoints
from models.text.judge import SET_ASIDE
from models.text.loso import Logits
from models.thresholds import target_fpr

FPR = 0.02
END = "end"
"""The last checkpoint: the whole call, whatever its length."""


def by_source(what: HeldOut, *, seed: int = 0) -> tuple[dict[str, Draws], dict[str, dict[str, Estimate]]]:
    """Return ({source: rates}, {source: times}).

    Rates: ``recall_CHECKPOINT``, ``fpr_CHECKPOINT``, and at the running score ``recall_ever``, ``fpr_ever``.
    Times: median ``characters`` and ``seconds`` until the running score of a scam call passes; infinite when fewer
    than half of them ever do.
    """
    rates: dict[str, Draws] = {}
    times: dict[str, dict[str, Estimate]] = {}
    for source in what.sources:
        rates[source], found = _source(what, source, seed)
        if found is not None:
            times[source] = found
    counting = [row for source, row in rates.items() if source not in SET_ASIDE]
    names = sorted({name for row in counting for name in row})
    rates[ALL] = {name: np.mean([row[name] for row in counting if name in row], axis=0) for name in names}
    return rates, times


def names() -> list[str]:
    """Return the checkpoints in the order of time."""
    return [*checkpoints(), END]


def running(what: HeldOut, source: str, places: Sequence[int], *, choosing: bool = False) -> Floats:
    """Return the probability of each call at each checkpoint, shape (calls, checkpoints).

    With ``choosing``, calls that were also held out by parts of their source speak as they did there.
    """
    columns = [what.scores(source, _table(what, name, places, choosing), places) for name in names()]
    return np.stack(columns, axis=1)


def heard_syllables(what: HeldOut, places: Sequence[int]) -> Floats:
    """Return how many syllables of each call have been heard at each checkpoint, shape (calls, checkpoints)."""
    lengths = np.array([len(what.calls[i].text) for i in places], np.float64)
    marks = np.array([*checkpoints().values(), np.inf])
    return np.asarray(np.minimum(lengths[:, None], marks[None, :]))


def _source(what: HeldOut, source: str, seed: int) -> tuple[Draws, dict[str, Estimate] | None]:
    sampled = what.record.views[names()[0]]
    normal = [i for i in sampled if i in what.choosers and what.calls[i].source != source and not what.calls[i].label]
    calm = running(what, source, normal, choosing=True)
    borders = np.array([target_fpr(column, FPR) for column in calm.T])
    ever = target_fpr(calm.max(axis=1), FPR)
    row: Draws = {}
    times = None
    for label, rate in RATES.items():
        places = [i for i in what.own(source) if what.calls[i].label == label and i in sampled]
        if not places:
            continue
        drawn = intervals.weights(what.groups(places), what.labels(places), seed=seed)
        scores = running(what, source, places)
        row |= {f"{rate}_{n}": metrics.rate(drawn, scores[:, k] >= borders[k]) for k, n in enumerate(names())}
        row[f"{rate}_ever"] = metrics.rate(drawn, scores.max(axis=1) >= ever)
        if label == 1:
            times = _times(scores >= ever, heard_syllables(what, places), drawn)
    return row, times


def _times(passed: np.ndarray, heard: Floats, drawn: Floats) -> dict[str, Estimate]:
    first = np.where(passed.any(axis=1), heard[np.arange(len(heard)), passed.argmax(axis=1)], np.inf)
    return {
        "characters": intervals.median_interval(first * CHARACTERS_PER_SYLLABLE, drawn),
        "seconds": intervals.median_interval(first / SYLLABLES_PER_S, drawn),
    }


def _table(what: HeldOut, name: str, places: Sequence[int], choosing: bool) -> dict[int, Logits]:
    record = what.record
    if name == END:
        parts = {i: clean for i, (clean, _) in record.held.choosing.items()}
        whole = record.held.clean
    else:
        parts, whole = record.choosing.get(name, {}), record.views[name]
    return {i: parts[i] if choosing and i in parts else whole[i] for i in places}
