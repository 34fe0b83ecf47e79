"""What surrounds a voice before any telephone: the room, the microphone, other sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]

NOISES = ("steady", "hum", "street", "clatter", "music", "babble")
"""``babble`` needs other people's genuine speech; without it, it is ``street``."""

EQ_TAPS = 512  # 32 ms: resolves bumps of 60 Hz
_TALKERS = (3, 9)


def room(samples: Samples, reverb_s: float, rng: np.random.Generator) -> Samples:
    """Return ``samples`` (n,) as heard in a room: direct sound, 4 to 16 early echoes and a late tail.

    ``reverb_s`` is the 60-dB decay time; high frequencies die sooner, as walls and air make them.
    """
    length = max(round(reverb_s * SAMPLE_RATE_HZ), 256)
    time = np.arange(length) / length
    bright, dull = rng.standard_normal((2, length))
    dull = np.convolve(dull, np.ones(6) / np.sqrt(6.0), mode="same")
    tail = 0.5 * bright * np.exp(-6.9 * time / rng.uniform(0.35, 0.8)) + dull * np.exp(-6.9 * time)
    tail[: round(rng.uniform(0.002, 0.02) * SAMPLE_RATE_HZ)] = 0.0  # nothing comes back before the nearest wall
    tail *= rng.uniform(0.1, 0.9) / (np.sqrt(np.sum(tail**2)) + 1e-9)
    for delay_s in rng.uniform(0.0015, 0.05, int(rng.integers(4, 17))):
        at = min(round(delay_s * SAMPLE_RATE_HZ), length - 1)
        tail[at] += rng.uniform(-0.6, 0.6) * np.exp(-delay_s / 0.025)
    tail[0] += 1.0
    return filtered(samples, tail)


def microphone(samples: Samples, tilt_db: float, rng: np.random.Generator) -> Samples:
    """Return ``samples`` through a handset: a tilt in dB per decade, bumps and dips, and the ends of its band."""
    hz = np.fft.rfftfreq(EQ_TAPS, 1.0 / SAMPLE_RATE_HZ)
    decades = np.log10(np.maximum(hz, 40.0) / 1000.0)
    gain_db = tilt_db * decades
    for _ in range(int(rng.integers(1, 7))):
        centre, width = rng.uniform(-1.0, 0.9), rng.uniform(0.03, 0.3)
        gain_db = gain_db + rng.uniform(-9.0, 9.0) * np.exp(-0.5 * ((decades - centre) / width) ** 2)
    low, high = np.log10(rng.uniform(40.0, 350.0) / 1000.0), np.log10(rng.uniform(2800.0, 7800.0) / 1000.0)
    gain_db = gain_db - 60.0 * np.maximum(low - decades, 0.0) - 120.0 * np.maximum(decades - high, 0.0)
    return filtered(samples, _minimum_phase(gain_db))


def noise(kind: str, length: int, rng: np.random.Generator, background: Sequence[Samples] = ()) -> NDArray[np.float64]:
    """Return ``length`` samples of a kind of NOISES with unit power.

    Raises:
        ValueError: when there is no such kind.
    """
    if kind not in NOISES:
        raise ValueError(f"no such noise: {kind}")
    if kind == "babble" and background:
        made = _babble(length, rng, background)
    elif kind == "hum":
        made = _hum(length, rng)
    elif kind == "clatter":
        made = _clatter(length, rng)
    elif kind == "music":
        made = _music(length, rng)
    else:
        made = _coloured(length, float(rng.uniform(0.0, 2.0)), rng)
        if kind != "steady":
            made = made * _swell(length, rng)
    return np.asarray(made / (made.std() + 1e-12))


def filtered(samples: Samples, response: NDArray[np.float64]) -> Samples:
    """Convolve with an impulse response; the length stays."""
    size = 1 << (len(samples) + len(response) - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return np.asarray(wet[: len(samples)], dtype=np.float32)


def _minimum_phase(gain_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the impulse response with these gains that delays least, as analogue parts do (folded cepstrum)."""
    cepstrum = np.fft.irfft(np.maximum(gain_db, -80.0) * np.log(10.0) / 20.0)
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2.0
    cepstrum[half + 1 :] = 0.0
    return np.asarray(np.fft.irfft(np.exp(np.fft.rfft(cepstrum))))


def _coloured(length: int, slope: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return noise whose power falls with frequency to the ``slope``: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 40.0 * length / SAMPLE_RATE_HZ) ** (slope / 2.0)
    return np.asarray(np.fft.irfft(spectrum, length))


def _swell(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a gain that wanders by some 12 dB within seconds: passing cars, turning heads."""
    points = max(length // SAMPLE_RATE_HZ, 1) + 2
    return np.asarray(
        10.0 ** (np.interp(np.linspace(0, points - 1, length), range(points), rng.normal(0, 6, points)) / 20)
    )


def _hum(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return mains hum of 50 or 60 Hz with harmonics, over some steady noise."""
    base_hz, time = float(rng.choice((50.0, 60.0))), np.arange(length) / SAMPLE_RATE_HZ
    made = _coloured(length, 1.0, rng)
    made = 0.4 * made / (made.std() + 1e-12)
    for harmonic in range(1, 16):
        made = made + rng.uniform(0.0, 1.0) / harmonic**0.7 * np.sin(
            2.0 * np.pi * (base_hz * harmonic * time + rng.random())
        )
    return np.asarray(made)


def _clatter(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return keys, dishes and clicks: short ringing knocks over faint noise."""
    made = 0.02 * rng.standard_normal(length)
    for _ in range(max(1, round(length / SAMPLE_RATE_HZ * rng.uniform(0.5, 4.0)))):
        size = round(rng.uniform(0.01, 0.12) * SAMPLE_RATE_HZ)
        at, time = int(rng.integers(length)), np.arange(size) / SAMPLE_RATE_HZ
        ring = np.sin(2.0 * np.pi * rng.uniform(300.0, 5000.0) * time) + rng.standard_normal(size)
        knock = ring * np.exp(-5.0 * np.arange(size) / size) * rng.uniform(0.2, 1.0)
        made[at : at + size] += knock[: length - at]
    return made


def _music(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return plucked notes of one scale, as music on hold or a radio."""
    made, beat = np.zeros(length), round(rng.uniform(0.12, 0.5) * SAMPLE_RATE_HZ)
    scale = 110.0 * 2.0 ** ((np.array((0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24)) + rng.integers(12)) / 12.0)
    for at in range(0, length, beat):
        for hz in rng.choice(scale, int(rng.integers(1, 4))):
            size = min(3 * beat, length - at)
            time = np.arange(size) / SAMPLE_RATE_HZ
            note = sum(np.sin(2.0 * np.pi * hz * k * time) / k**1.5 for k in range(1, 6))
            made[at : at + size] += note * np.exp(-3.0 * time) * rng.uniform(0.3, 1.0)
    return made


def _babble(length: int, rng: np.random.Generator, background: Sequence[Samples]) -> NDArray[np.float64]:
    """Return several other people talking at once."""
    made = np.zeros(length)
    for _ in range(int(rng.integers(*_TALKERS))):
        voice = background[int(rng.integers(len(background)))].astype(np.float64)
        voice = np.resize(np.roll(voice, int(rng.integers(len(voice)))), length)
        made += rng.uniform(0.3, 1.0) * voice / (voice.std() + 1e-9)
    return made
