"""Holding on to a claimed analysis while it runs, and learning that it is not ours any more."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from core.errors import MoksoriError, TooSlow, Unavailable
from core.types import Claim
from service.ports import Jobs

log = logging.getLogger(__name__)

BASE_LIMIT_S = 600.0
SLOWEST_RTF = 4.0
FEWEST_BYTES_PER_S = 1_000.0  # 8 kbit/s: less than any codec of a phone's recorder


class Flag(Protocol):
    """An event of ``threading`` or ``multiprocessing``."""

    def is_set(self) -> bool:
        """Tell whether it was set."""
        ...

    def set(self) -> None:
        """Set it for good."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set."""
        ...


class Lost(Exception):
    """The analysis was cancelled, erased, or given to another runner."""


class Stopped(Exception):
    """This process was told to end; the analysis goes back to the queue."""


class Away(Exception):
    """The database does not answer: no fault of the analysis, which is tried again when its lease is over."""


@contextmanager
def unblamed() -> Iterator[None]:
    """Turn ``Unavailable`` into ``Away`` around what asks the database and cannot go on without."""
    try:
        yield
    except Unavailable as error:
        raise Away from error


def time_limit_s(size_bytes: int, *, max_duration_s: float) -> float:
    """Return how long an analysis of a file may take at most; it grows with the longest call that fits in it."""
    return BASE_LIMIT_S + SLOWEST_RTF * min(max_duration_s, size_bytes / FEWEST_BYTES_PER_S)


class Pulse:
    """Renews the lease of a claim from a thread of its own, until the time limit."""

    def __init__(self, jobs: Jobs, claim: Claim, *, lease_s: float, stopping: Flag) -> None:
        self._jobs, self._claim = jobs, claim
        self._lease_s = lease_s
        self._stopping = stopping
        self._done = threading.Event()
        self._lost = False
        self._deadline = time.monotonic() + BASE_LIMIT_S
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def limit(self, seconds: float) -> None:
        """Say how long the analysis may take, from now."""
        self._deadline = time.monotonic() + seconds

    def check(self) -> None:
        """Raise when the work should not go on: ``Lost``, ``Stopped`` or ``TooSlow``."""
        if self._lost:
            raise Lost
        if self._stopping.is_set():
            raise Stopped
        if time.monotonic() > self._deadline:
            raise TooSlow("the analysis took far longer than its audio explains")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._lease_s / 3.0):
            if time.monotonic() > self._deadline:
                return  # the lease ends, and somebody else may try
            try:
                self._lost = not self._jobs.renew(self._claim)
            except MoksoriError as error:
                log.warning("lease of %s not renewed: %s", self._claim.id, error.code)
            if self._lost:
                return
