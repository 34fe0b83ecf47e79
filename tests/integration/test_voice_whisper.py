"""The encoder in the repository is Whisper's: compared with the recogniser's library on the packages' weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from core.types import Thresholds
from models.voice import whisper_statistics as ear
from models.voice.calibration import Calibration, logit
from models.voice.features_views import views
from models.voice.members.kernel import KernelProbe
from models.voice.members.protocol import Kind
from models.voice.members.served import open_member
from models.voice.members.whisper import FittedProbe, WhisperProbe
from models.voice.served import ALL_UP_TO, EnsembleVoiceModel, Part
from models.voice.whisper_graph import pooled, states
from models.voice.whisper_mel import N_FRAMES, whisper_mel
from models.voice.whisper_weights import Weights, encoder_weights
from models.voice.windows import cut, speech_windows
from pipeline.stt.weights import base_weights
from tests.unit.voice.speech import speech_like

PLACES = 1500  # 30 s, what the recogniser always encodes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def weights(folder: Path) -> Weights:
    return encoder_weights(folder / "model.bin")


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    sound = speech_like(20.0, seed=5)
    return cut(sound, speech_windows(sound))


def test_the_graph_of_all_layers_equals_the_recognisers_encoder(folder: Path, weights: Weights) -> None:
    import ctranslate2

    mel = np.random.default_rng(0).normal(0.0, 0.3, (1, 2 * PLACES, 80)).astype(np.float32)
    recogniser = ctranslate2.models.Whisper(str(folder), compute_type="float32", intra_threads=1)
    given = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel.transpose(0, 2, 1)))
    expected = np.array(recogniser.encode(given))
    session = onnxruntime.InferenceSession(states(weights, positions=PLACES).SerializeToString())
    np.testing.assert_allclose(session.run(None, {"mel": mel})[0], expected, atol=5e-3)


def test_the_kept_encoder_is_that_of_the_packages_but_for_its_integers(weights: Weights, windows: np.ndarray) -> None:
    exact = onnxruntime.InferenceSession(
        pooled(weights, layers=ear.LAYERS, positions=N_FRAMES // 2).SerializeToString()
    ).run(None, {"mel": whisper_mel(windows)})[0]
    kept = ear.whisper_statistics(windows)
    for layer in range(ear.LAYERS):
        part = slice(1536 * layer, 1536 * (layer + 1))
        assert np.corrcoef(kept[:, part].ravel(), exact[:, part].ravel())[0, 1] > 0.99
    assert ear.ENCODER.stat().st_size < 20e6


@pytest.mark.parametrize("kind", [WhisperProbe(softness=0.1), KernelProbe(softness=10.0)])
def test_a_probe_learns_what_the_ear_hears(kind: Kind, windows: np.ndarray, tmp_path: Path) -> None:
    trembling = 1.0 + 0.9 * np.sin(2.0 * np.pi * 50.0 * np.arange(windows.shape[1]) / 16_000)
    heard = ear.whisper_statistics(np.concatenate((windows, (windows * trembling).astype(np.float32))))
    labels = np.repeat([0, 1], len(windows))
    learn = np.arange(len(heard)) % 2 == 0
    fitted = kind.fit(heard[learn], labels[learn], np.ones(int(learn.sum())), seed=0)
    assert np.mean((fitted.logits(heard[~learn]) > 0) == labels[~learn]) > 0.9
    fitted.export(tmp_path / "whisper.onnx")
    np.testing.assert_allclose(open_member(tmp_path / "whisper.onnx").logits(heard), fitted.logits(heard), atol=1e-3)


def test_serving_listens_to_all_of_a_short_passage_and_to_every_second_window_of_a_long_one(tmp_path: Path) -> None:
    width = 3 * 512 * ear.LAYERS
    slopes = np.random.default_rng(3).normal(0.0, 0.02, width).astype(np.float32)
    FittedProbe(slopes, 0.5).export(tmp_path / "whisper.onnx")
    parts, members = [Part("whisper", "whisper", 2.0, 0.25, 1.0)], [open_member(tmp_path / "whisper.onnx")]
    model = EnsembleVoiceModel("v", Thresholds("max", 0.5, 0.9), Calibration(1.0, 0.0, 1.0, 0.0), parts, members)
    sound = speech_like(90.0, seed=8)
    many = cut(sound, speech_windows(sound))[: ALL_UP_TO + 2]
    few = many[:ALL_UP_TO]
    exact = 2.0 * (views(few, ["whisper"])["whisper"] @ slopes + 0.5) + 0.25
    np.testing.assert_allclose(model.judge(few).logits, exact, atol=2e-3)
    thinned = model.judge(many).logits
    assert len(thinned) == len(many)
    np.testing.assert_allclose(thinned[1:-2:2], (thinned[:-3:2] + thinned[2:-1:2]) / 2, atol=1e-6)
    assert np.abs(thinned[:ALL_UP_TO:2] - exact[::2]).max() < 0.5 * exact.std()


def test_a_call_tells_what_each_member_says_of_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    parts, members = [], []
    for name, slope, offset in (("whisper", 2.0, 0.25), ("kernel", 1.0, -0.5)):
        slopes = rng.normal(0.0, 0.02, 3 * 512 * ear.LAYERS).astype(np.float32)
        FittedProbe(slopes, 0.5).export(tmp_path / f"{name}.onnx")
        parts.append(Part(name, "whisper", slope, offset, 0.5))
        members.append(open_member(tmp_path / f"{name}.onnx"))
    model = EnsembleVoiceModel("v", Thresholds("max", 0.5, 0.9), Calibration(1.0, 0.0, 1.0, 0.0), parts, members)
    windows = model.score_windows(speech_like(20.0, seed=8))
    by_member = model.member_scores(windows)
    assert list(by_member) == ["whisper", "kernel"]
    # Weights are equal and nothing is calibrated twice: the call lies half way between its members, as logits.
    half_way = np.mean([logit(score) for score in by_member.values()])
    assert logit(model.score_call(windows)) == pytest.approx(half_way, abs=1e-3)
    assert by_member["whisper"] != pytest.approx(by_member["kernel"], abs=1e-3)
