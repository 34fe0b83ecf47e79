from __future__ import annotations

import numpy as np
import pytest

from models.voice.judging import calls, cost, eer
from tests.unit.voice.heard import clip


def test_a_clip_is_a_call_when_no_length_is_wanted() -> None:
    heard = [clip("genuine", "genuine", "genuine_en", "genuine_en/a"), clip("w", "world", "genuine_en", "genuine_en/a")]
    found = calls(heard, [np.array([1.0, 3.0, 0.0, 0.0]), np.array([5.0] * 4)], length_s=None)
    assert [(c.altered, c.logit) for c in found] == [(False, 1.0), (True, 5.0)]


def test_short_clips_of_one_voice_are_laid_end_to_end() -> None:
    heard = [clip("genuine", "genuine", "genuine_en", "genuine_en/a", codec=name) for name in ("mulaw", "amr")]
    found = calls(heard, [np.array([1.0, 2.0, 3.0, 4.0]), np.array([5.0, 6.0, 7.0, 8.0])], length_s=10.0)
    assert [c.logit for c in found] == [2.0, 5.0]  # three windows each; the last two are too few
    assert found[1].codecs == {"mulaw", "amr"}


def test_voices_and_attacks_are_never_mixed() -> None:
    heard = [clip(f"a{i % 2}", "world", "genuine_en", f"genuine_en/{i // 2}", n=2) for i in range(4)]
    assert calls(heard, [np.zeros(2)] * 4, length_s=10.0) == []


def test_clips_without_scores_are_left_out() -> None:
    heard = [clip("genuine", "genuine", "genuine_en", "genuine_en/a")] * 2
    assert len(calls(heard, [None, np.zeros(4)], length_s=None)) == 1


def test_errors_of_separated_and_of_mixed_calls() -> None:
    heard = [clip("genuine", "genuine", "s", "s/a"), clip("w", "world", "s", "s/a")]
    apart = calls(heard, [np.array([-1.0]), np.array([1.0])], length_s=None)
    assert (eer(apart), cost(apart)) == (0.0, 0.0)
    wrong = calls(heard, [np.array([1.0]), np.array([-1.0])], length_s=None)
    assert eer(wrong) == 1.0
    assert cost(wrong) == pytest.approx(1.0)  # never alarm: as good as saying "genuine" always


def test_a_missing_class_has_no_error_rate() -> None:
    found = calls([clip("genuine", "genuine", "s", "s/a")], [np.zeros(4)], length_s=None)
    assert np.isnan(eer(found))
    assert np.isnan(cost(found))
