from __future__ import annotations

import numpy as np
import pytest

from models.voice.calibration import Calibration, logit, sigmoid


def test_a_call_score_rises_with_its_windows() -> None:
    calibration = Calibration(1.5, -0.2, 2.0, 0.1)
    low, high = (calibration.call_score(calibration.window_scores([x, x + 1]).tolist()) for x in (-2.0, 2.0))
    assert 0.0 < low < high < 1.0


def test_numbers_survive_the_round_trip() -> None:
    calibration = Calibration(1.5, -0.2, 2.0, 0.1)
    assert Calibration.read(calibration.numbers()) == calibration


def test_sigmoid_undoes_logit() -> None:
    assert sigmoid(logit([0.1, 0.9])).tolist() == pytest.approx([0.1, 0.9])


def test_certainty_is_never_complete() -> None:
    assert 0.0 < sigmoid(np.array([-1e9]))[0] < sigmoid(np.array([1e9]))[0] < 1.0
