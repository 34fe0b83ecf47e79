"""What was held out, and the ruler of each source: calibration and thresholds that never saw it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN, SENTENCE, Call, fold_of_corpus
from models.text.evaluation.witness import OPEN, Record, balanced
from models.text.judge import SET_ASIDE, Ruler, make_ruler, probabilities
from models.text.loso import Held, Logits

_SIDE = re.compile(r"-(reference|whisper)$")
"""The noise pairs hold one call twice, typed by hand and as recognised."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Calls, what was said about them, and who may judge whom.

    ``rulers`` by source, each without that source; ``single`` is the ruler of the published model, one for all.
    ``choosers`` are the calls that calibrate and choose thresholds.
    """

    calls: Sequence[Call]
    record: Record
    rulers: Mapping[str, Ruler]
    single: Ruler
    choosers: frozenset[int]

    @property
    def sources(self) -> list[str]:
        """Names of all sources."""
        return sorted(self.rulers)

    def own(self, source: str) -> list[int]:
        """Return the indices of the calls of a source."""
        return [i for i in self.record.held.clean if self.calls[i].source == source]

    def others(self, source: str, label: int, *, seed: int = 0) -> list[int]:
        """Return calls of a label from the sources that judge this one, each source with about the same number."""
        places = (i for i in sorted(self.choosers) if self.calls[i].source != source and self.calls[i].label == label)
        return balanced(places, self.calls, seed=seed)

    def scores(self, source: str, table: Mapping[int, Logits], places: Sequence[int]) -> NDArray[np.float64]:
        """Return probabilities by the source's ruler, shape (len(places),)."""
        return probabilities(self.rulers[source].calibration, [table[i] for i in places])

    def labels(self, places: Sequence[int]) -> NDArray[np.int64]:
        """Return the labels, shape (len(places),)."""
        return np.array([self.calls[i].label for i in places], np.int64)

    def groups(self, places: Sequence[int]) -> list[str]:
        """Return a name of the call that each text belongs to."""
        return [f"{self.calls[i].source}/{_SIDE.sub('', self.calls[i].id)}" for i in places]


def judge(calls: Sequence[Call], record: Record, *, open_only: bool = False, seed: int = 0) -> HeldOut:
    """Make the ruler of every source from the held-out scores of the others.

    With ``open_only`` thresholds and calibration, too, come from openly licensed calls alone. Nothing else of these
    holds scams, so each fold of our corpus is then a source of its own and is judged by the other folds.
    """
    held = _only(record.held, calls, OPEN) if open_only else record.held
    named = [_fold(call) for call in calls] if open_only else calls
    sources = sorted({named[i].source for i in record.held.clean})
    rulers = {source: make_ruler(held, named, without=source, seed=seed) for source in sources}
    choosers = frozenset(i for i in held.clean if named[i].source not in SET_ASIDE and len(named[i].text) >= SENTENCE)
    return HeldOut(named, record, rulers, make_ruler(held, named, seed=seed), choosers)


def _fold(call: Call) -> Call:
    return replace(call, source=f"{OWN}_{fold_of_corpus(call.id)}") if call.source == OWN else call


def _only(held: Held, calls: Sequence[Call], sources: Sequence[str]) -> Held:
    kept = [i for i in held.clean if calls[i].source in sources]
    return Held(clean={i: held.clean[i] for i in kept}, noisy={i: held.noisy[i] for i in kept}, dropped=held.dropped)
