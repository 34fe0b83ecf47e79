from __future__ import annotations

import numpy as np
import pytest

from models.voice.features import WINDOW_SAMPLES
from models.voice.windows import cut, speech_windows
from tests.unit.voice.speech import speech_like

SECONDS = np.arange(20 * 16_000) / 16_000
RING = 0.2 * (np.sin(2 * np.pi * 440 * SECONDS) + np.sin(2 * np.pi * 480 * SECONDS)) * (SECONDS % 3 < 2)
NOISE = np.random.default_rng(0).standard_normal(len(SECONDS))
NOT_SPEECH = {
    "silence": np.zeros_like(SECONDS),
    "white noise": 0.1 * NOISE,
    "noise in bursts": 0.1 * NOISE * (SECONDS % 1 < 0.6),
    "pure tone": 0.3 * np.sin(2 * np.pi * 1_000 * SECONDS),
    "ringing tone": RING,
    "ringing tone on a noisy line": RING + 0.002 * NOISE,
}


@pytest.mark.parametrize("sound", NOT_SPEECH)
def test_what_is_not_speech_gives_no_window(sound: str) -> None:
    assert speech_windows(NOT_SPEECH[sound].astype(np.float32)) == []


def test_speech_gives_windows_that_do_not_overlap() -> None:
    starts = speech_windows(speech_like(20.0))
    assert len(starts) >= 4
    assert min(np.diff(starts)) >= WINDOW_SAMPLES - 512


def test_quiet_speech_gives_as_many_windows_as_loud_speech() -> None:
    speech = speech_like(12.0)
    assert len(speech_windows(speech * np.float32(0.1))) == len(speech_windows(speech)) > 0


def test_less_than_one_window_gives_none() -> None:
    assert speech_windows(speech_like(2.9)) == []
    assert cut(speech_like(2.9), []).shape == (0, WINDOW_SAMPLES)
