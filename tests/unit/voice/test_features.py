from __future__ import annotations

import numpy as np
import pytest

from models.voice import model
from models.voice.features import (
    FMAX_HZ,
    FMIN_HZ,
    HOP,
    N_FFT,
    N_FRAMES,
    N_MELS,
    N_MFCC,
    WINDOW_SAMPLES,
    features,
    mel_filters,
)


def windows(n: int = 2) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal((n, WINDOW_SAMPLES))).astype(np.float32)


def test_the_first_model_is_served_with_it() -> None:
    assert model.features is features


def test_the_numbers_are_those_of_librosa() -> None:
    import librosa

    window = windows(1)
    mel = librosa.feature.melspectrogram(
        y=window[0], sr=16_000, n_fft=N_FFT, hop_length=HOP, center=False, n_mels=N_MELS, fmin=FMIN_HZ, fmax=FMAX_HZ
    )
    mfcc = librosa.feature.mfcc(S=np.log(mel), n_mfcc=N_MFCC).T
    np.testing.assert_allclose(features(window)[0], mfcc - mfcc.mean(axis=0), atol=2e-3)


def test_every_filter_hears_something_inside_the_telephone_band() -> None:
    bins_hz = np.arange(1 + N_FFT // 2) * 16_000 / N_FFT
    assert (mel_filters().sum(axis=1) > 0).all()
    assert not mel_filters()[:, (bins_hz < FMIN_HZ) | (bins_hz > FMAX_HZ)].any()


def test_level_does_not_matter() -> None:
    np.testing.assert_allclose(features(windows()), features(windows() * np.float32(0.01)), atol=1e-3)


def test_shape_is_windows_by_frames_by_coefficients() -> None:
    assert features(windows(3)).shape == (3, N_FRAMES, N_MFCC)
    assert features(windows(0)).shape == (0, N_FRAMES, N_MFCC)


def test_a_window_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected windows"):
        features(np.zeros((1, 100), np.float32))
