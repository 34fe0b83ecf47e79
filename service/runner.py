"""Where analyses run. One at a time per process: the recogniser already uses every core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from core.errors import Busy

T = TypeVar("T")


class Runner(Protocol):
    """Runs a job to its end, whether or not the one who asked is still there."""

    def place(self) -> AbstractContextManager[None]:
        """Take a place in the line before anything is stored; raises ``Busy`` when there is none."""
        ...

    def run(self, job: Callable[[], T]) -> T:
        """Run ``job`` and return its result or raise its error."""
        ...


class InProcessRunner:
    """A single worker thread; callers wait in a line of bounded length."""

    def __init__(self, *, max_waiting: int = 32) -> None:
        self._places = threading.BoundedSemaphore(max_waiting + 1)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places while the caller's job waits and runs."""
        if not self._places.acquire(blocking=False):
            raise Busy("every place in the line is taken; try again later")
        try:
            yield
        finally:
            self._places.release()

    def run(self, job: Callable[[], T]) -> T:
        """Wait for the jobs before this one, then for this one."""
        return self._pool.submit(job).result()


class InlineRunner:
    """Runs in the caller's thread: for the command line and tests."""

    @contextmanager
    def place(self) -> Iterator[None]:
        """There is always a place."""
        yield

    def run(self, job: Callable[[], T]) -> T:
        """Run the job here and now."""
        return job()
