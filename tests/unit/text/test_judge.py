"""Held-out figures never come from the source they describe, and the card says all of them."""

import numpy as np
import pytest

from models.text import card, judge
from models.text.data import Call
from models.text.loso import ONLY_OF_ITS_KIND, Held, folds

TEXT = "가나다라마바사아자차" * 8


def held_out(sources):
    """Scam calls score high, normal ones low, but for a source whose scores are turned round."""
    rng = np.random.default_rng(0)
    calls, held = [], Held()
    for source, upside_down in sources:
        for n in range(60):
            label = n % 2
            calls.append(Call(f"{source}{n}", source, label, TEXT))
            logits = np.array([(2.0 if label != upside_down else -2.0) + rng.normal(0, 0.3)])
            held.clean[len(calls) - 1] = held.noisy[len(calls) - 1] = logits
    return calls, held


def test_a_source_is_judged_by_the_others():
    calls, held = held_out([("a", 0), ("b", 0), ("odd", 1)])
    rows = judge.by_source(held, calls)
    assert rows["odd"]["recall_danger"] == 0.0
    assert rows["odd"]["auroc"] < 0.01


def test_the_usual_scores_are_those_of_the_calls_that_chose_the_borders():
    calls, held = held_out([("a", 0), ("b", 0), (judge.SET_ASIDE[0], 0)])
    ruler = judge.make_ruler(held, calls)
    scores = judge.usual_scores(held, calls, ruler.calibration)
    assert len(scores) == 120
    assert (scores >= ruler.active.caution).mean() == pytest.approx(0.5, abs=0.05)


def test_quality_is_one_for_a_perfect_table():
    calls, held = held_out([("a", 0), ("b", 0), ("c", 0)])
    assert judge.quality(judge.by_source(held, calls)) > 0.98


def test_every_call_is_held_out_whole_once():
    calls = [Call(f"x{n}", source, 0, TEXT) for source in ("a", ONLY_OF_ITS_KIND) for n in range(9)]
    whole = [i for fold in folds(calls) if not fold.name.startswith("part_") for i in fold.held_out]
    assert sorted(whole) == list(range(18))


def test_what_a_source_cannot_tell_is_a_dash():
    assert "| a | 3 | 0 | – |" in card.table({"a": {"scam": 3, "normal": 0}})
