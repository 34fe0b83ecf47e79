"""Voice networks as earlier systems saved them are taken over with their scores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.settings import ROOT
from core.types import SAMPLE_RATE_HZ
from models.registry import list_versions, open_version
from models.voice.features import WINDOW_SAMPLES
from models.voice.legacy_keras import Features, LegacyKerasVoiceModel
from models.voice.loading import load_voice_model

MAKE = """
import sys, librosa, numpy as np, keras
from pathlib import Path
folder, layers = Path(sys.argv[1]), keras.layers
keras.utils.set_random_seed(5)
near_zero = keras.initializers.RandomNormal(stddev=0.02)
start = [keras.Input((40,)), layers.Dense(8, activation="relu", kernel_initializer=near_zero)]
mean = keras.Sequential([*start, layers.Dense(1, activation="sigmoid")])
mean.save(folder / "mfcc.h5")
small = layers.Conv2D(4, 3, activation="relu", kernel_initializer=near_zero)
frames = keras.Sequential([keras.Input((20, 60, 1)), small, layers.Flatten(), layers.Dense(2, activation="softmax")])
frames.save(folder / "frames.h5")
code = keras.Sequential([keras.Input((40,)), layers.Lambda(lambda x: x * 2), layers.Dense(1, activation="sigmoid")])
code.save(folder / "code.h5")
sounds = np.load(folder / "sounds.npy")
one = np.stack([librosa.feature.mfcc(y=y, sr=22050, n_mfcc=40).T.mean(axis=0) for y in sounds])
np.save(folder / "mean.npy", mean.predict(one, verbose=0)[:, 0])
two = np.stack([np.pad(librosa.feature.mfcc(y=y, sr=22050, n_mfcc=20), ((0, 0), (0, 60)))[:, :60] for y in sounds])
np.save(folder / "frames.npy", frames.predict(two[..., None], verbose=0))
"""


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("legacy-voice")
    np.save(folder / "sounds.npy", sounds())
    command = [sys.executable, "-W", "ignore", "-c", MAKE, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=280)
    return folder


def sounds() -> np.ndarray:
    """Four seconds each: hum with noise of several loudnesses."""
    rng, time_s = np.random.default_rng(2), np.arange(4 * 22_050) / 22_050
    return np.stack(
        [
            np.float32(0.3 * np.sin(2 * np.pi * hz * time_s) + loud * rng.normal(size=len(time_s)))
            for hz, loud in ((120, 0.01), (210, 0.1), (300, 0.001))
        ]
    )


def take_over(network: Path, store: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.import_legacy", "--network", str(network), "--store", str(store), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


def opened(store: Path) -> LegacyKerasVoiceModel:
    model = load_voice_model(open_version(store, "voice"))
    assert isinstance(model, LegacyKerasVoiceModel)
    return model


@pytest.mark.timeout(600)
@pytest.mark.parametrize("genuine", [False, True])
def test_a_network_over_mean_mfcc_scores_as_before(legacy: Path, tmp_path: Path, *, genuine: bool) -> None:
    done = take_over(legacy / "mfcc.h5", tmp_path, "--activate", *(["--genuine"] * genuine))
    assert done.returncode == 0, done.stderr[-2000:]
    version, model = open_version(tmp_path, "voice"), opened(tmp_path)
    original = np.load(legacy / "mean.npy")
    assert np.ptp(original) > 1e-3
    expected = 1.0 - original if genuine else original
    assert np.allclose(model.score(list(sounds())), expected, rtol=0, atol=1e-5)
    assert version.manifest["type"] == "legacy_keras_voice"
    assert version.manifest["features"]["n_mfcc"] == 40

    window = np.float32(np.random.default_rng(0).normal(0.0, 0.1, (2, WINDOW_SAMPLES)))
    assert model.judge(window).logits.shape == (2,)
    assert model.score_windows(np.zeros(SAMPLE_RATE_HZ * 5, np.float32)) == ()


@pytest.mark.timeout(600)
def test_a_network_over_frames_scores_as_before_and_the_last_output_says_altered(legacy: Path, tmp_path: Path) -> None:
    done = take_over(legacy / "frames.h5", tmp_path, "--n-mfcc", "20", "--activate")
    assert done.returncode == 0, done.stderr[-2000:]
    assert np.allclose(opened(tmp_path).score(list(sounds())), np.load(legacy / "frames.npy")[:, 1], rtol=0, atol=1e-5)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("file", "more", "said"),
    [("code.h5", (), "Lambda"), ("frames.h5", (), "does not fit"), ("mean.npy", (), "cannot be read as a Keras")],
)
def test_what_is_code_or_does_not_fit_is_refused(
    legacy: Path, tmp_path: Path, file: str, more: tuple[str, ...], said: str
) -> None:
    done = take_over(legacy / file, tmp_path, *more)
    assert done.returncode == 1
    assert said in done.stderr
    assert list_versions(tmp_path, "voice") == ()


def test_short_sounds_are_filled_and_the_order_of_axes_follows_the_shape() -> None:
    tone = sounds()[0][:11_025]
    wide, tall = (Features(shape, n_mfcc=13).of(tone) for shape in ((13, 60), (1, 60, 13)))
    assert np.array_equal(wide, tall[0].T)
    assert not wide[:, 22:].any()
    assert wide[:, :22].any()
    assert not Features((13, 13), n_mfcc=13).is_clear()
