"""The way a voice takes to the recording: room, microphone, other sounds, clean-up, level, packets, codecs.

Genuine and altered speech draw from the same distribution, otherwise a model learns the line instead of
the voice. The draw is wide on purpose: what is not varied here will be mistaken for an alteration later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.voice.acoustics import NOISES, Samples, microphone, noise, room
from models.voice.codecs import CODECS, through
from models.voice.transport import ODD_RATES_HZ, cleaned, detoured, levelled, lossy, overdriven, scaled

PRIOR_CODECS = ("aac16", "mp3", "mp3_low", "opus", "opus_low", "vorbis", "g722", "aac8", "amr", "gsm", "mulaw")
"""What a voice may have passed before the last line: a recorder, a messenger, a video platform, another network."""

NOISE_SHARES = (0.45, 0.1, 0.15, 0.08, 0.07, 0.15)
CARRIED_BY = (0.45, 0.38, 0.17)  # one, two or three codecs one after the other


@dataclass(frozen=True, slots=True)
class Line:
    """One draw of everything between mouth and file. Zero, one or None: that part is not there."""

    codecs: tuple[str, ...]
    reverb_s: float = 0.0
    tilt_db: float = 0.0
    handset: bool = False
    noise: str = "steady"
    snr_db: float = 60.0
    cleaned_db: float = 0.0
    agc: float = 0.0
    agc_s: float = 0.5
    drive: float = 0.0
    soft: bool = True
    detour_hz: int = 0
    loss: float = 0.0
    peak: float = 0.5
    seed: int = 0

    @property
    def codec(self) -> str:
        """The last codec: the one the recording came through."""
        return self.codecs[-1]


def draw_line(rng: np.random.Generator, codec: str | None = None) -> Line:
    """Draw a line; ``codec`` fixes the last codec."""

    def sometimes(share: float, value: float) -> float:
        return value if rng.random() < share else 0.0

    last = codec or str(rng.choice(list(CODECS)))
    prior = [str(rng.choice(PRIOR_CODECS)) for _ in range(int(rng.choice(len(CARRIED_BY), p=CARRIED_BY)))]
    return Line(
        codecs=(*prior, last),
        reverb_s=sometimes(0.6, float(rng.uniform(0.05, 1.1))),
        tilt_db=float(rng.uniform(-12.0, 12.0)),
        handset=bool(rng.random() < 0.7),
        noise=str(rng.choice(NOISES, p=NOISE_SHARES)),
        snr_db=float(rng.uniform(5.0, 45.0)),
        cleaned_db=sometimes(0.2, float(rng.uniform(4.0, 18.0))),
        agc=sometimes(0.3, float(rng.uniform(0.2, 0.9))),
        agc_s=float(10.0 ** rng.uniform(-1.5, 0.3)),
        drive=sometimes(0.15, float(rng.uniform(1.0, 4.0))),
        soft=bool(rng.random() < 0.5),
        detour_hz=round(sometimes(0.25, float(rng.choice(ODD_RATES_HZ)))),
        loss=sometimes(0.2, float(rng.uniform(0.005, 0.08))),
        peak=float(10.0 ** rng.uniform(-1.5, -0.03)),
        seed=int(rng.integers(2**31)),
    )


def carry(line: Line, samples: Samples, background: Sequence[Samples] = ()) -> Samples:
    """Return ``samples`` (mono, 16 kHz, float32) as they arrive over ``line``; the length may change a little.

    ``background`` is genuine speech of other people, for babble.
    """
    rng = np.random.default_rng(line.seed)
    signal = room(samples, line.reverb_s, rng) if line.reverb_s else samples
    if line.handset:
        signal = microphone(signal, line.tilt_db, rng)
    power = float(np.mean(signal**2)) + 1e-12
    around = noise(line.noise, len(signal), rng, background) * np.sqrt(power * 10.0 ** (-line.snr_db / 10.0))
    signal = np.asarray(signal + around, dtype=np.float32)
    if line.cleaned_db:
        signal = cleaned(signal, line.cleaned_db)
    if line.agc:
        signal = levelled(signal, line.agc, line.agc_s)
    if line.drive:
        signal = overdriven(signal, line.drive, soft=line.soft)
    if line.detour_hz:
        signal = detoured(signal, line.detour_hz)
    for codec in line.codecs[:-1]:
        signal = through(codec, scaled(signal, 0.7))
    if line.loss:
        signal = lossy(signal, line.loss, rng)
    return through(line.codec, scaled(signal, line.peak))


def channelled(
    samples: Samples, rng: np.random.Generator, *, codec: str | None = None, background: Sequence[Samples] = ()
) -> tuple[Samples, Line]:
    """Return ``samples`` over a line drawn from ``rng``, and the line: the one way for both classes."""
    line = draw_line(rng, codec)
    return carry(line, samples, background), line
