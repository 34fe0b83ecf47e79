"""Analyses run inside the server, one at a time per process: the recogniser already uses every core."""

from __future__ import annotations

import logging
import threading
import time

from core.errors import MoksoriError
from core.types import Analysis
from service.executor import Executor
from service.housekeeping import Housekeeping
from service.ports import Jobs
from service.priority import be_nice

log = logging.getLogger(__name__)
POLL_S = 1.0
HOUSEKEEPING_S = 30.0
AWAY_S = 2.0


class InProcessRunner:
    """A thread that takes the row that has waited longest, whoever inserted it: the database is the queue."""

    def __init__(self, *, jobs: Jobs, executor: Executor, housekeeping: Housekeeping, poll_s: float = POLL_S) -> None:
        self._jobs, self._executor, self._housekeeping = jobs, executor, housekeeping
        self._poll_s = poll_s
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, stored: Analysis) -> None:
        """Look into the database now instead of at the next poll."""
        del stored
        self.start()
        self._wake.set()

    def start(self) -> None:
        """Start the thread, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="analysis", daemon=True)
                self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Give a running analysis back at its next chunk and wait for that."""
        self._executor.stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _work(self) -> None:
        be_nice()
        swept = 0.0
        while not self._executor.stopping.is_set():
            try:
                if time.monotonic() - swept > HOUSEKEEPING_S:
                    swept = time.monotonic()
                    self._housekeeping.run()
                claim = self._jobs.claim_next()
            except MoksoriError as error:
                log.warning("cannot look for work: %s", error.code)
                self._executor.stopping.wait(AWAY_S)
                continue
            if claim is not None:
                self._executor.run(claim)
            else:
                self._wake.wait(self._poll_s)
                self._wake.clear()
