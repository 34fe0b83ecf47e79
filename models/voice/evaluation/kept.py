"""Trials on disk, each named after the clips and the seed it was made with, so that a stopped run goes on."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from models.voice.dataset import by_clip
from models.voice.evaluation.compare import Divided, Trial


def path_of(folder: Path, name: str, divided: Divided, *, seed: int) -> Path:
    """Return where the trial of ``name`` is kept: it changes with every window, with who judges what and the seed."""
    sum_of = seed
    for side in (divided.learned, divided.learned_part, divided.judged, divided.unheard):
        for part in side:
            told = f"{part.attack} {part.family} {part.source} {part.split} {part.line}"
            sum_of = zlib.crc32(part.views["statistics"].tobytes(), zlib.crc32(told.encode(), sum_of))
    return folder / f"{name}-{sum_of:08x}.npz"


def save(path: Path, one: Trial) -> None:
    """Write a trial, in one rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(
            file,
            name=np.array(one.name),
            sort=np.array(one.sort),
            view=np.array(one.view),
            known=np.concatenate(one.known),
            unheard=np.concatenate(one.unheard),
            cost=np.array([one.seconds, one.megabytes, one.milliseconds]),
        )
    part.replace(path)


def load(path: Path, divided: Divided) -> Trial:
    """Read what ``save`` wrote of the same clips."""
    with np.load(path, allow_pickle=False) as stored:
        name, sort, view = (str(stored[field]) for field in ("name", "sort", "view"))
        known, unheard = by_clip(stored["known"], divided.judged), by_clip(stored["unheard"], divided.unheard)
        seconds, size, taken_ms = map(float, stored["cost"])
    return Trial(name, sort, view, known, unheard, seconds, size, taken_ms)
