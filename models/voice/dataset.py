"""Clips of the attack manifest → feature windows on disk. Training only; a clip is carried over a line when it is read.

A clip's windows are one ``.npz`` of numbers, moved into place whole, so that a killed run goes on where it was. Both
classes draw their lines from the same distribution.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.manifest import Row
from models.voice.channel import Line, carry, draw_line
from models.voice.features_views import mfcc_of, views
from models.voice.whisper_mel import narrowed
from models.voice.windows import cut, speech_windows

GENUINE = "genuine"
STORED = ("log_mel", "image", "statistics", "whisper")  # "mfcc" follows from log_mel
LINES = ("wide", "codec alone")  # of even and odd variants
TALKERS = 24  # clips that babble is mixed from


@dataclass(frozen=True, slots=True)
class Clip:
    """One version of a row of the manifest. ``variant`` numbers the lines it was carried over.

    Odd variants pass a codec and nothing else: wide lines alone would teach that a quiet one is unusual.
    """

    row: Row
    variant: int

    @property
    def name(self) -> str:
        """File name of its windows."""
        return f"{self.row.path.replace('/', '-').removesuffix('.flac')}.{self.variant}.npz"


@dataclass(frozen=True, slots=True)
class Heard:
    """Windows of one clip or piece: ``views`` name → (n, …) float16 or float32, n >= 1."""

    attack: str
    family: str
    source: str
    split: str
    codec: str
    views: dict[str, NDArray[np.floating]]
    line: str = ""
    """One of ``LINES``, or empty: a piece that was not drawn a line."""

    @property
    def altered(self) -> bool:
        """Whether the voice is altered or synthetic."""
        return self.attack != GENUINE

    @property
    def families(self) -> frozenset[str]:
        """All families that had a part in it."""
        return frozenset(self.family.split("+"))

    def __len__(self) -> int:
        return len(self.views["statistics"])


def make(clip: Clip, attacks: Path, bank: Path, *, clip_s: float, seed: int) -> bool:
    """Write the windows of ``clip`` under ``bank`` unless they are there; False when no speech was left."""
    target = bank / clip.name
    if not target.exists():
        rng = np.random.default_rng([seed, clip.variant, zlib.crc32(clip.row.path.encode())])
        samples = _read(attacks / clip.row.path, clip_s)
        line = draw_line(rng)
        if clip.variant % 2:
            line = Line(codecs=line.codecs[-1:], peak=line.peak)
        heard = carry(line, samples, _talkers(attacks))
        store(target, cut(heard, speech_windows(heard)), line.codec)
    with np.load(target) as file:
        return len(file["statistics"]) > 0


def store(target: Path, windows: NDArray[np.float32], codec: str) -> None:
    """Write the views of windows (n, WINDOW_SAMPLES) and the name of their codec.

    In every second file (by its name) ``whisper`` hears a line without the lowest frequencies: it alone hears them,
    and a member that got used to them would take their absence for an alteration.
    """
    made = views(windows, STORED)
    if zlib.crc32(target.name.encode()) % 2:
        made |= views(narrowed(windows), ["whisper"])
    part = target.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(
            file,
            codec=np.array(codec),
            log_mel=made["log_mel"].astype(np.float16),
            image=made["image"].astype(np.float16),
            statistics=made["statistics"],
            whisper=made["whisper"].astype(np.float16),
        )
    part.replace(target)


def read(clips: Iterable[Clip], bank: Path) -> list[Heard]:
    """Return the clips that are finished and hold speech, in the order given."""
    found = []
    for clip in clips:
        path = bank / clip.name
        if not path.exists():
            continue
        with np.load(path) as file:
            stored = {name: file[name] for name in STORED}
            codec = str(file["codec"])
        if len(stored["statistics"]):
            row = clip.row
            line = LINES[clip.variant % len(LINES)]
            found.append(Heard(row.attack, row.family, row.source, row.split, codec, stored, line))
    return found


def stacked(heard: Sequence[Heard], view: str) -> NDArray[np.float32]:
    """Return one view of all windows, (n, …) float32."""
    stored = "log_mel" if view == "mfcc" else view
    whole = np.concatenate([part.views[stored] for part in heard]).astype(np.float32)
    return mfcc_of(whole) if view == "mfcc" else whole


def by_clip(logits: NDArray[np.float64], heard: Sequence[Heard]) -> list[NDArray[np.float64]]:
    """Return the logits (n,) of stacked windows as one array for each clip."""
    return list(np.split(logits, np.cumsum([len(part) for part in heard])[:-1]))


def labels(heard: Sequence[Heard]) -> NDArray[np.int64]:
    """Return 1 for windows of altered clips, (n,)."""
    return np.repeat([int(part.altered) for part in heard], [len(part) for part in heard]).astype(np.int64)


_TALKERS_OF: dict[Path, list[NDArray[np.float32]]] = {}


def _talkers(attacks: Path) -> list[NDArray[np.float32]]:
    """Return genuine clips for babble, read once per process."""
    if attacks not in _TALKERS_OF:
        paths = sorted((attacks / GENUINE).glob("*.flac"))
        _TALKERS_OF[attacks] = [_read(path, 6.0) for path in paths[:: max(1, len(paths) // TALKERS)][:TALKERS]]
    return _TALKERS_OF[attacks]


def _read(path: Path, clip_s: float) -> NDArray[np.float32]:
    import soundfile

    samples, _ = soundfile.read(path, dtype="float32", frames=round(clip_s * SAMPLE_RATE_HZ))
    return np.asarray(samples, np.float32)
