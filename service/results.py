"""Handing a finished analysis to the request that waits for it in the same process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.types import Analysis


class Results:
    """A shortcut past the database; whoever waits asks the database as well, because others may run the analysis."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[str, list[queue.SimpleQueue[Analysis]]] = {}

    @contextmanager
    def expect(self, id: str) -> Iterator[queue.SimpleQueue[Analysis]]:
        """Give a queue into which the analysis is put once it has ended."""
        slot: queue.SimpleQueue[Analysis] = queue.SimpleQueue()
        with self._lock:
            self._slots.setdefault(id, []).append(slot)
        try:
            yield slot
        finally:
            with self._lock:
                self._slots[id].remove(slot)
                if not self._slots[id]:
                    del self._slots[id]

    def put(self, analysis: Analysis) -> None:
        """Hand it to everybody who waits for it."""
        with self._lock:
            for slot in self._slots.get(analysis.id, ()):
                slot.put(analysis)
