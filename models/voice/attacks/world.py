"""WORLD: a voice taken apart into pitch, envelope and breath, and put together again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.kinds import Altered, Samples, signed

SEMITONES = (1.5, 6.5)
RATIOS = (0.78, 0.93, 1.08, 1.28)  # formants down between the first two, up between the last two


@dataclass(frozen=True, slots=True)
class WorldParts:
    """WORLD's analysis of a voice: pitch (frames,), envelope and aperiodicity (frames, bins), float64."""

    f0: NDArray[np.float64]
    envelope: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]


def resynthesis(samples: Samples, rng: np.random.Generator) -> Altered:
    """Change nothing but the instrument; the pitch tracker is drawn."""
    tracker = str(rng.choice(("dio", "harvest"), p=(0.75, 0.25)))
    return Altered(synthesis(analysis(samples, tracker)), {"tracker": tracker})


def pitch(samples: Samples, rng: np.random.Generator) -> Altered:
    """Move the pitch and leave the formants."""
    semitones = signed(rng, *SEMITONES)
    return Altered(synthesis(analysis(samples), semitones=semitones), {"semitones": semitones})


def formant(samples: Samples, rng: np.random.Generator) -> Altered:
    """Move the formants and leave the pitch."""
    ratio = _ratio(rng)
    return Altered(synthesis(analysis(samples), formant_ratio=ratio), {"formant_ratio": ratio})


def pitch_formant(samples: Samples, rng: np.random.Generator) -> Altered:
    """Move both the same way, as one who wants to sound like another sex or age."""
    ratio = _ratio(rng)
    semitones = round(float(rng.uniform(2.0, 7.0)) * (1.0 if ratio > 1.0 else -1.0), 2)
    made = synthesis(analysis(samples), semitones=semitones, formant_ratio=ratio)
    return Altered(made, {"semitones": semitones, "formant_ratio": ratio})


def monotone(samples: Samples, rng: np.random.Generator) -> Altered:
    """Flatten the melody of the voice towards one pitch."""
    parts = analysis(samples)
    voiced = parts.f0 > 0.0
    flat = round(float(rng.uniform(0.5, 1.0)), 2)
    if voiced.any():
        middle = float(np.median(parts.f0[voiced]))
        f0 = np.where(voiced, parts.f0 ** (1.0 - flat) * middle**flat, 0.0)
        parts = WorldParts(f0, parts.envelope, parts.aperiodicity)
    return Altered(synthesis(parts), {"flatness": flat})


def analysis(samples: Samples, tracker: str = "dio") -> WorldParts:
    """Take a voice apart with DIO or Harvest, StoneMask, CheapTrick and D4C."""
    import pyworld

    signal = samples.astype(np.float64)
    coarse, times = getattr(pyworld, tracker)(signal, SAMPLE_RATE_HZ)
    f0 = pyworld.stonemask(signal, coarse, times, SAMPLE_RATE_HZ)
    envelope = pyworld.cheaptrick(signal, f0, times, SAMPLE_RATE_HZ)
    return WorldParts(f0, envelope, pyworld.d4c(signal, f0, times, SAMPLE_RATE_HZ))


def synthesis(parts: WorldParts, *, semitones: float = 0.0, formant_ratio: float = 1.0) -> Samples:
    """Put a voice together again: pitch moved by ``semitones``, formants multiplied by ``formant_ratio``."""
    import pyworld

    envelope = parts.envelope if formant_ratio == 1.0 else _warp(parts.envelope, formant_ratio)
    signal = pyworld.synthesize(parts.f0 * 2.0 ** (semitones / 12.0), envelope, parts.aperiodicity, SAMPLE_RATE_HZ)
    return np.asarray(signal, dtype=np.float32)


def _warp(envelope: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Stretch every spectral envelope along frequency by ``ratio``."""
    bins = envelope.shape[1]
    source = np.clip(np.arange(bins) / ratio, 0.0, bins - 1.0)
    low = np.minimum(source.astype(np.int64), bins - 2)
    part = source - low
    return np.ascontiguousarray(envelope[:, low] * (1.0 - part) + envelope[:, low + 1] * part)


def _ratio(rng: np.random.Generator) -> float:
    low, high = RATIOS[:2] if rng.random() < 0.5 else RATIOS[2:]
    return round(float(rng.uniform(low, high)), 3)
