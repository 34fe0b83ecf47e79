"""Calls on their way from the database to training, on disk but without a name: gone with the process, kill -9 too."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from models.training.evidence import TRAIN, Example


class Spool:
    """Examples that can be read again and again; memory does not grow with their number."""

    def __init__(self, folder: Path) -> None:
        """Open the file; ``folder`` must have room for the transcripts."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)  # noqa: SIM115
        self._end = 0
        self.size = 0
        self.mass = 0.0
        """Weight of what is learned from, in calls."""

    def add(self, example: Example) -> None:
        """Append one."""
        self._file.seek(self._end)
        self._file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
        self._end = self._file.tell()
        self.size += 1
        self.mass += example.weight if example.part == TRAIN else 0.0

    def read(self, *parts: str) -> Iterator[Example]:
        """Yield the examples of these parts (default: of all), in order. One reader at a time."""
        self._file.flush()
        self._file.seek(0)
        for line in iter(self._file.readline, ""):
            example = Example(**json.loads(line))
            if not parts or example.part in parts:
                yield example

    def __enter__(self) -> Spool:
        """Use it in a ``with``."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the disk space."""
        self._file.close()
