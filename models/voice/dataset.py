"""Genuine speech in, labelled feature windows out. Training only; a call is the unit of splitting and scoring."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks import FAMILIES, alter
from models.voice.channel import carry, draw_line
from models.voice.codecs import through
from models.voice.features import features
from models.voice.windows import cut, speech_windows

GENUINE = "genuine"
CROWD_BLOCK = 10  # clips that one unnamed speaker spoke, in file order
TRAIN_STEP_S = 2.0
KOREAN_CODECS = ("mulaw", "aac8", "amr")
KOREAN_CALL_S = 30.0
WORLD_ATTACKS = tuple(name for name, family in FAMILIES.items() if family == "world")
OTHER_ATTACKS = ("phase_vocoder", "phase_vocoder", "griffin_lim", "griffin_lim_mel")
SPEED_RANGE = (0.92, 1.08)


@dataclass(frozen=True, slots=True)
class Source:
    """Clips of one speaker, up to one call's length. ``speaker`` decides the fold."""

    corpus: str
    speaker: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One version of a call: windows (n, N_FRAMES, N_MFCC) float32, ``attack`` is ``genuine`` or a name of FAMILIES."""

    corpus: str
    speaker: str
    attack: str
    codec: str
    windows: NDArray[np.float32]


def sources(voice: Path, corpus: str, *, call_s: float) -> list[Source]:
    """Return the calls of ``genuine_en``, ``genuine_crowd`` or ``genuine_ko`` under ``voice``, speakers kept apart."""
    paths = sorted((voice / corpus).rglob("*.flac"))
    if corpus == "genuine_crowd":
        speakers = [f"block{i // CROWD_BLOCK:03d}" for i in range(len(paths))]
    elif corpus == "genuine_ko":
        speakers = [path.relative_to(voice / corpus).parts[1] for path in paths]
    else:
        speakers = [path.name.split("_")[0] for path in paths]
    found = []
    for speaker, group in groupby(zip(speakers, paths, strict=True), key=lambda pair: pair[0]):
        found += [Source(corpus, speaker, part) for part in _calls([path for _, path in group], call_s)]
    return found


def make_variants(source: Source, seed: int, call_s: float) -> list[Variant]:
    """Return a call twice as it is, once through WORLD and once through another attack, each on its own line.

    The speaking speed is changed a little for every second call before anything else, for both
    classes, so that an unusual voice is not taken for an altered one.
    """
    rng = np.random.default_rng(seed)
    samples = _read(source, call_s)
    if rng.random() < 0.5:
        samples = _resample(samples, float(rng.uniform(*SPEED_RANGE)))
    voices = [(GENUINE, samples), (GENUINE, samples)]
    name = str(rng.choice(WORLD_ATTACKS))
    voices.append((name, alter(name, samples, rng).samples))
    name = str(rng.choice(OTHER_ATTACKS))
    voices.append((name, alter(name, samples, rng).samples))
    variants = []
    for attack, voice in voices:
        line = draw_line(rng)
        variants.append(_variant(source, attack, line.codec, carry(line, voice), TRAIN_STEP_S))
    return variants


def korean_variants(source: Source) -> list[Variant]:
    """Return a genuine Korean call as heard through telephone codecs: scored in memory, never altered or kept."""
    samples = _read(source, KOREAN_CALL_S)
    return [_variant(source, GENUINE, codec, through(codec, samples), None) for codec in KOREAN_CODECS]


def fingerprint(found: Iterable[Source]) -> str:
    """Return a SHA-256 over names and sizes of the files used."""
    lines = sorted(f"{s.corpus}/{path.name}:{path.stat().st_size}" for s in found for path in s.paths)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def work_quietly() -> None:
    """Start-up of a worker process: one thread each, behind everything else on the machine."""
    os.nice(5)


def _calls(paths: Sequence[Path], call_s: float) -> Iterator[tuple[Path, ...]]:
    import soundfile

    part: list[Path] = []
    length_s = 0.0
    for path in paths:
        part.append(path)
        length_s += soundfile.info(path).duration
        if length_s >= call_s:
            yield tuple(part)
            part, length_s = [], 0.0
    if length_s >= 4.0:
        yield tuple(part)


def _read(source: Source, call_s: float) -> NDArray[np.float32]:
    import soundfile

    clips = [soundfile.read(path, dtype="float32")[0] for path in source.paths]
    return np.asarray(np.concatenate(clips)[: round(call_s * SAMPLE_RATE_HZ)], dtype=np.float32)


def _resample(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    positions = np.arange(0.0, len(samples) - 1, speed)
    return np.asarray(np.interp(positions, np.arange(len(samples)), samples), np.float32)


def _variant(source: Source, attack: str, codec: str, heard: NDArray[np.float32], step_s: float | None) -> Variant:
    windows = features(cut(heard, speech_windows(heard, step_s=step_s)))
    return Variant(source.corpus, source.speaker, attack, codec, windows)
