"""Calls as the voice model sees them, on disk without a name: gone with the process, kill -9 too."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from models.training.evidence import HELD_OUT, TEST, TRAIN, TUNE

PERSON, REHEARSAL = "person", "data"
FROZEN = "frozen"
MOST_WINDOWS = 60
"""Windows of a call, evenly spread, that are learned from and judged: three minutes of speech."""
Views = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class VoiceCall:
    """One call or clip: the views of its speech windows, each (n, …) float32, n >= 1.

    ``label`` is 1 for an altered voice. ``fresh`` is what was labelled since the last update read the database.
    """

    source: str
    label: int
    origin: str
    part: str
    views: Views
    fresh: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.views.values())))


class VoiceBank:
    """Calls that can be read again and again; memory does not grow with their number."""

    def __init__(self, folder: Path) -> None:
        """Open the file; ``folder`` must have room for the features, about 1 kB a window of statistics."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self.tally: Counter[tuple[str, int]] = Counter()
        """How many calls there are of each part and label."""

    def add(self, call: VoiceCall) -> None:
        """Append one."""
        self._file.seek(0, 2)
        told = [call.source, call.label, call.origin, call.part, call.fresh, list(call.views)]
        np.save(self._file, np.frombuffer(json.dumps(told).encode(), np.uint8), allow_pickle=False)
        for view in call.views.values():
            np.save(self._file, view, allow_pickle=False)
        self.tally[call.part, call.label] += 1

    def read(self, *parts: str) -> Iterator[VoiceCall]:
        """Yield the calls of these parts (default: of all), in order. One reader at a time."""
        self._file.flush()
        self._file.seek(0)
        for _ in range(self.tally.total()):
            told = json.loads(np.load(self._file, allow_pickle=False).tobytes())
            views = {name: np.load(self._file, allow_pickle=False) for name in told[-1]}
            call = VoiceCall(told[0], told[1], told[2], told[3], views, told[4])
            if not parts or call.part in parts:
                yield call

    def __enter__(self) -> VoiceBank:
        """Use it in a ``with``."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the disk space."""
        self._file.close()


def part_of(hashed: int) -> str:
    """Return whether a recording is learned from, calibrated with or judged by; ``hashed`` is a hash of its sound."""
    return {0: TUNE, 1: TEST}.get(hashed % (2 * HELD_OUT), TRAIN)
