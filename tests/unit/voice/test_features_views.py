from __future__ import annotations

import numpy as np
import pytest

from models.voice import dataset, served
from models.voice.features import N_FRAMES, N_MELS, WINDOW_SAMPLES, features
from models.voice.features_linear import linear_filters
from models.voice.features_residual import ORDER, narrowband, predictor
from models.voice.features_views import (
    IMAGE_BANDS,
    IMAGE_FRAMES,
    N_MFCC_ALL,
    VIEWS,
    log_mel,
    mfcc_deltas,
    mfcc_of,
    slope,
    views,
)
from models.voice.windows import cut, speech_windows
from tests.unit.voice.speech import speech_like


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    sound = speech_like(12.0)
    return cut(sound, speech_windows(sound))


def test_training_and_serving_use_the_same_function() -> None:
    assert dataset.views is served.views is views


def test_shapes(windows: np.ndarray) -> None:
    made = views(windows)
    n = len(windows)
    assert made["mfcc"].shape == (n, N_FRAMES, N_MFCC_ALL)
    assert made["log_mel"].shape == (n, N_FRAMES, N_MELS)
    assert made["image"].shape == (n, IMAGE_BANDS, IMAGE_FRAMES)
    assert made["statistics"].ndim == 2


@pytest.mark.parametrize("name", VIEWS)
def test_no_window_gives_the_shape_without_windows(name: str, windows: np.ndarray) -> None:
    empty = views(np.zeros((0, WINDOW_SAMPLES), np.float32), [name])[name]
    assert empty.shape == (0, *views(windows, [name])[name].shape[1:])


@pytest.mark.parametrize("name", VIEWS)
def test_level_does_not_matter(name: str, windows: np.ndarray) -> None:
    quiet = views(windows * np.float32(0.01), [name])[name]
    rounding = 2e-2 if name == "whisper" else 2e-3  # an encoder of 7-bit integers
    np.testing.assert_allclose(quiet, views(windows, [name])[name], atol=rounding)


@pytest.mark.parametrize("name", VIEWS)
def test_what_lies_outside_the_telephone_band_hardly_matters(name: str, windows: np.ndarray) -> None:
    high = 0.05 * np.sin(2 * np.pi * 5000 * np.arange(WINDOW_SAMPLES) / 16_000).astype(np.float32)
    plain, disturbed = views(windows, [name])[name], views(windows + high, [name])[name]
    assert np.abs(plain - disturbed).mean() < 0.02


@pytest.mark.parametrize("name", VIEWS)
def test_silence_gives_finite_numbers(name: str) -> None:
    assert np.isfinite(views(np.zeros((1, WINDOW_SAMPLES), np.float32), [name])[name]).all()


def test_mfcc_of_the_stored_view_are_those_of_the_first_model(windows: np.ndarray) -> None:
    made = mfcc_deltas(windows)
    np.testing.assert_allclose(made, mfcc_of(log_mel(windows)), atol=1e-5)
    np.testing.assert_allclose(made[:, :, : features(windows).shape[2]], features(windows), atol=1e-3)


def test_the_slope_of_a_line_is_its_slope() -> None:
    line = (0.5 * np.arange(20, dtype=np.float32))[None, :, None]
    np.testing.assert_allclose(slope(line)[0, 2:-2, 0], 0.5, atol=1e-6)


def test_the_predictor_solves_the_normal_equations() -> None:
    from scipy.linalg import solve_toeplitz

    sound = narrowband(speech_like(WINDOW_SAMPLES / 16_000)[None, :])[0, 4000:4256]
    r = np.correlate(sound, sound, "full")[255 : 255 + ORDER + 1].astype(np.float64)
    whitened = r.copy()
    whitened[0] = whitened[0] * 1.001 + 1e-12
    np.testing.assert_allclose(predictor(r)[1:], -solve_toeplitz(whitened[:-1], whitened[1:]), rtol=1e-5, atol=1e-6)


def test_linear_filters_hear_the_telephone_band_only() -> None:
    hz = np.arange(linear_filters().shape[1]) * 16_000 / 512
    assert not linear_filters()[:, (hz < 250) | (hz > 3400)].any()
    assert (linear_filters().sum(axis=1) > 0.99).all()


def test_a_window_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected windows"):
        views(np.zeros((1, 100), np.float32))
