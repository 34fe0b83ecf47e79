from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from models.voice import folds
from models.voice.dataset import Heard
from tests.unit.voice.heard import clips


class Recorder:
    """Remembers what it was trained on; scores by the first statistic."""

    view = "statistics"

    def __init__(self) -> None:
        self.seen: list[int] = []

    def fit(self, view: np.ndarray, labels: np.ndarray, weights: np.ndarray, *, seed: int) -> Any:
        assert len(view) == len(labels) == len(weights)
        self.seen.append(len(view))
        return self

    def logits(self, view: np.ndarray) -> np.ndarray:
        return view[:, 0].astype(np.float64)


def bar(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items


def windows(heard: Iterable[Heard]) -> int:
    return sum(len(part) for part in heard)


def test_every_clip_is_judged_by_a_member_that_never_heard_its_speaker() -> None:
    heard, kind = clips(), Recorder()
    scores = folds.held_out(kind, heard, seed=0, bar=bar)
    assert [len(own) for own in scores] == [len(part) for part in heard]
    assert scores[7] == pytest.approx(heard[7].views["statistics"][:, 0])
    expected = [windows(p for p in heard if folds.speaker_fold(p) != fold) for fold in range(folds.FOLDS)]
    assert kind.seen == expected


def test_a_source_is_judged_by_a_member_that_never_heard_it() -> None:
    heard, kind = clips(), Recorder()
    folds.sources_left_out(kind, heard, seed=0, bar=bar)
    assert sorted(kind.seen) == sorted(
        windows(p for p in heard if p.source != name) for name in {p.source for p in heard}
    )


def test_a_family_is_judged_by_a_member_that_never_heard_it_nor_the_speakers() -> None:
    heard, kind = clips(), Recorder()
    scores = folds.families_left_out(kind, heard, seed=0, bar=bar)
    assert list(scores) == ["lpc", "world"]
    for part, own in zip(heard, scores["world"], strict=True):
        judged = folds.speaker_fold(part) == 0 and part.families <= {"genuine", "world"}
        assert (own is not None) == judged
    assert kind.seen[1] == windows(p for p in heard if folds.speaker_fold(p) and "world" not in p.families)


def test_classes_weigh_the_same_and_rare_families_more() -> None:
    heard = clips()[:20]
    weights = folds.balance(heard)
    altered = np.repeat([part.altered for part in heard], [len(part) for part in heard])
    assert weights.mean() == pytest.approx(1.0)
    assert weights[altered].sum() == pytest.approx(weights[~altered].sum())
