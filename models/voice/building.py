"""Make all variants on every core, with a progress bar."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from models.voice.dataset import (
    KOREAN_CALL_S,
    Source,
    Variant,
    korean_variants,
    make_variants,
    sources,
    work_quietly,
)

TRAINING = ("genuine_en", "genuine_crowd")


def training_sources(voice: Path, *, call_s: float, every: int = 1) -> list[Source]:
    """Return the calls to train on; ``every`` keeps one in so many."""
    return [source for corpus in TRAINING for source in sources(voice, corpus, call_s=call_s)][::every]


def build_training(found: Sequence[Source], *, call_s: float, seed: int, workers: int) -> list[Variant]:
    """Return genuine and altered variants of all ``found`` calls, in a fixed order."""
    jobs = [(make_variants, source, seed * 1_000_003 + i, call_s) for i, source in enumerate(found)]
    return _run(jobs, workers, "altering")


def build_korean(voice: Path, *, workers: int, every: int = 1) -> list[Variant]:
    """Return genuine Korean calls through telephone codecs; evaluation only."""
    found = sources(voice, "genuine_ko", call_s=KOREAN_CALL_S)[::every]
    return _run([(korean_variants, source) for source in found], workers, "korean")


def _run(jobs: Sequence[tuple[Any, ...]], workers: int, title: str) -> list[Variant]:
    from tqdm import tqdm

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=work_quietly) as pool:
        futures = [pool.submit(*job) for job in jobs]
        variants = [variant for future in tqdm(futures, desc=title) for variant in future.result()]
    return [variant for variant in variants if len(variant.windows)]
