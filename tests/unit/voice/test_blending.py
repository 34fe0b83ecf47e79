from __future__ import annotations

import numpy as np
import pytest

from models.voice.blending import blend, blended, calibrated, thresholds
from models.voice.calibration import sigmoid
from models.voice.judging import calls
from models.voice.members.boosting import Boosting
from tests.unit.voice.heard import clips

KINDS = {"good": Boosting(), "blind": Boosting()}


def logits(strength: float, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [strength * (1.0 if part.altered else -1.0) + rng.normal(size=len(part)) for part in clips()]


@pytest.fixture(scope="module")
def members() -> dict[str, list[np.ndarray]]:
    return {"good": logits(1.5, 1), "blind": logits(0.0, 2)}


def test_the_better_member_weighs_more(members: dict[str, list[np.ndarray]]) -> None:
    mixture = blend(clips(), members, KINDS)
    weights = {part.name: part.weight for part in mixture.parts}
    assert weights["good"] > 0.8
    assert sum(weights.values()) == pytest.approx(1.0)


def test_a_clip_no_member_judged_stays_unjudged(members: dict[str, list[np.ndarray]]) -> None:
    parts = blend(clips(), members, KINDS).parts
    partial = {name: [None, *own[1:]] for name, own in members.items()}
    assert blended(parts, partial)[0] is None
    by_hand = sum(part.weight * (part.slope * members[part.name][3] + part.offset) for part in parts)
    assert blended(parts, partial)[3] == pytest.approx(by_hand)


def test_the_threshold_stays_silent_on_the_worst_source(members: dict[str, list[np.ndarray]]) -> None:
    heard = clips()
    louder = [2.0 * (part.source == "genuine_crowd" and not part.altered) for part in heard]
    own = [scores + more for scores, more in zip(members["good"], louder, strict=True)]
    calibration = calibrated(heard, own)
    border = thresholds(heard, own, calibration)["target_fpr"]
    assert border["caution"] <= border["danger"]
    found = [c for c in calls(heard, own, length_s=10.0) if not c.altered]
    scores = sigmoid(calibration.call_slope * np.array([c.logit for c in found]) + calibration.call_offset)
    loud = np.array([c.source == "genuine_crowd" for c in found])
    for name, every, worst in (("danger", 0.01, 0.03), ("caution", 0.03, 0.08)):
        assert np.mean(scores >= border[name]) <= every
        assert np.mean(scores[loud] >= border[name]) <= worst
