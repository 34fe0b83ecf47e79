"""Fill the bank of feature windows on several cores, with a progress bar; genuine Korean speech in memory only."""

from __future__ import annotations

import multiprocessing
import os
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.manifest import load
from models.voice.codecs import through
from models.voice.dataset import GENUINE, STORED, Clip, Heard, make
from models.voice.features_views import views
from models.voice.windows import cut, speech_windows

KOREAN_CODECS = ("mulaw", "aac8", "amr")
KOREAN_PIECE_S = 30.0


def clips(attacks: Path, *, variants: int) -> list[Clip]:
    """Return every clip of the manifest ``variants`` times, in an order that mixes all attacks."""
    rows = sorted(load(attacks), key=lambda row: zlib.crc32(row.path.encode()))
    return [Clip(row, variant) for row in rows for variant in range(variants)]


def fill(
    wanted: Sequence[Clip],
    attacks: Path,
    bank: Path,
    *,
    clip_s: float,
    seed: int,
    workers: int,
    bar: Callable[..., Any],
) -> int:
    """Make what is missing under ``bank``; return how many of ``wanted`` hold speech."""
    bank.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_work_quietly) as pool:
        futures = [pool.submit(make, clip, attacks, bank, clip_s=clip_s, seed=seed) for clip in wanted]
        return sum(future.result() for future in bar(futures, desc="features", unit="clip"))


def korean(voice: Path, *, bar: Callable[..., Any], every: int = 1) -> list[Heard]:
    """Return genuine Korean pieces through telephone codecs: scored, never altered, kept or trained on."""
    import soundfile

    folder = voice / "genuine_ko"
    by_speaker: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.flac")):
        by_speaker.setdefault(path.relative_to(folder).parts[1], []).append(path)
    heard = []
    size = round(KOREAN_PIECE_S * SAMPLE_RATE_HZ)
    for speaker, paths in bar(sorted(by_speaker.items()), desc="korean", unit="speaker"):
        talk = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])
        for start in range(0, len(talk) - size + 1, every * size):
            for codec in KOREAN_CODECS:
                signal = through(codec, talk[start : start + size])
                found = views(cut(signal, speech_windows(signal)), STORED)
                if len(found["statistics"]):
                    heard.append(Heard(GENUINE, GENUINE, "genuine_ko", f"genuine_ko/{speaker}", codec, dict(found)))
    return heard


def _work_quietly() -> None:
    """Start-up of a worker process: one thread each, behind everything else on the machine."""
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.nice(5)
