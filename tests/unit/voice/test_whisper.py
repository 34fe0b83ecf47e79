from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from models.voice import whisper_statistics as ear
from models.voice.features import FMAX_HZ, WINDOW_SAMPLES
from models.voice.whisper_mel import N_FRAMES, N_MELS, heard_bands, narrowed, whisper_mel
from models.voice.whisper_weights import encoder_weights
from models.voice.windows import cut, speech_windows
from tests.unit.voice.speech import speech_like


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    sound = speech_like(12.0)
    return cut(sound, speech_windows(sound))


def test_the_spectrogram_is_the_recognisers_up_to_its_level(windows: np.ndarray) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    ours = whisper_mel(windows[:1])[0, :, : heard_bands()]
    theirs = FeatureExtractor()(windows[0], padding=0).T[:, : heard_bands()]
    assert ours.shape == (N_FRAMES, heard_bands())
    np.testing.assert_allclose(ours - ours.max(), theirs - theirs.max(), atol=1e-4)


def test_bands_above_the_telephone_are_silent(windows: np.ndarray) -> None:
    high = 0.5 * np.sin(2 * np.pi * (FMAX_HZ + 400.0) * np.arange(WINDOW_SAMPLES) / 16_000).astype(np.float32)
    made = whisper_mel(windows + high)
    assert made.shape == (len(windows), N_FRAMES, N_MELS)
    assert np.unique(made[:, :, heard_bands() :]).size == 1


def test_a_narrow_line_loses_only_what_lies_below_it(windows: np.ndarray) -> None:
    before, after = (np.abs(np.fft.rfft(w, axis=1)) for w in (windows, narrowed(windows)))
    edge = int(300.0 * WINDOW_SAMPLES / 16_000)
    assert after[:, : edge - 1].max() < 1e-3 * before.max()
    np.testing.assert_allclose(after[:, edge + 2 :], before[:, edge + 2 :], atol=1e-2)


def test_statistics_do_not_depend_on_the_company_of_other_windows(windows: np.ndarray) -> None:
    together = ear.whisper_statistics(windows)
    alone = ear.whisper_statistics(windows[1:2])
    assert together.shape == (len(windows), 3 * 512 * ear.LAYERS)
    assert np.median(np.abs(together[1] - alone[0]) / (together.std(axis=0) + 1e-6)) < 0.3


def test_another_encoder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, windows: np.ndarray) -> None:
    other = tmp_path / "whisper.onnx"
    other.write_bytes(ear.ENCODER.read_bytes()[:-1] + b"\0")
    monkeypatch.setattr(ear, "ENCODER", other)
    with pytest.raises(ModelRefused, match="not the encoder"):
        ear.whisper_statistics(windows)
    monkeypatch.setattr(ear, "ENCODER", tmp_path / "none.onnx")
    with pytest.raises(ModelRefused, match="not the encoder"):
        ear.whisper_statistics(windows)


def model_file(path: Path, variables: dict[str, np.ndarray], *, name: str = "WhisperSpec", version: int = 6) -> Path:
    """Write a file as CTranslate2 does."""

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    kinds = {"float32": 0, "int8": 1, "int16": 2, "float16": 4}
    whole = struct.pack("<I", version) + text(name) + struct.pack("<II", 3, len(variables))
    for key, values in variables.items():
        whole += text(key) + struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        whole += struct.pack("<BI", kinds[str(values.dtype)], values.nbytes) + values.tobytes()
    path.write_bytes(whole)
    return path


def test_weights_come_as_floats_and_integers_are_multiplied_out(tmp_path: Path) -> None:
    given: dict[str, np.ndarray] = {
        "decoder/x": np.ones((2, 2), np.float16),
        "encoder/a": np.array([[1.5, 2.0]], np.float16),
        "encoder/w": np.array([[127, -64], [10, 20]], np.int8),
        "encoder/w_scale": np.array([127.0, 10.0], np.float32),
        "encoder/num_heads": np.array(8, np.int16),
    }
    found = encoder_weights(model_file(tmp_path / "model.bin", given))
    assert set(found) == {"a", "w", "num_heads"}
    assert all(values.dtype == np.float32 for values in found.values())
    np.testing.assert_allclose(found["w"], [[1.0, -64 / 127], [1.0, 2.0]], rtol=1e-6)
    assert int(found["num_heads"]) == 8


def test_anything_else_is_refused(tmp_path: Path) -> None:
    whole = model_file(tmp_path / "model.bin", {"encoder/a": np.ones((3, 3), np.float32)})
    cut_short = tmp_path / "short.bin"
    cut_short.write_bytes(whole.read_bytes()[:-5])
    other = model_file(tmp_path / "other.bin", {}, name="TransformerSpec")
    newer = model_file(tmp_path / "newer.bin", {}, version=7)
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(0).bytes(4000))
    for path in (cut_short, other, newer, tmp_path / "noise.bin"):
        with pytest.raises(ModelRefused, match="not a Whisper model"):
            encoder_weights(path)
