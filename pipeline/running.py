"""The score of a call while it is still being heard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from core.types import RunningScore, Segment
from models.protocols import TextModel
from pipeline.text import judge


class Beginning:
    """Scores what was heard so far without a gap from the start of the call; pieces may come in any order."""

    def __init__(self, model: TextModel, tell: Callable[[RunningScore], None]) -> None:
        self._model, self._tell = model, tell
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[float, Sequence[Segment]]] = {}
        self._heard: list[Segment] = []
        self._next = 0

    def add(self, number: int, end_s: float, segments: Sequence[Segment]) -> None:
        """Take the piece of that number (from 0), which ends at ``end_s``; tell the score if the beginning grew.

        Nothing is told while there is too little to judge.
        """
        with self._lock:
            self._waiting[number] = (end_s, segments)
            until_s = None
            while self._next in self._waiting:
                until_s, heard = self._waiting.pop(self._next)
                self._heard.extend(heard)
                self._next += 1
            if until_s is None:
                return
            result = judge(self._heard, self._model)
            if result.score is not None and result.grade is not None:
                self._tell(RunningScore(until_s, result.score, result.grade))
