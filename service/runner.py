"""Where analyses run. One at a time per process: the recogniser already uses every core."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """Runs a job to its end, whether or not the one who asked is still there."""

    def run(self, job: Callable[[], T]) -> T:
        """Run ``job`` and return its result or raise its error."""
        ...


class InProcessRunner:
    """A single worker thread; callers wait in line."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")

    def run(self, job: Callable[[], T]) -> T:
        """Wait for the jobs before this one, then for this one."""
        return self._pool.submit(job).result()

    def close(self) -> None:
        """Let the running job end and take no more."""
        self._pool.shutdown(wait=True)


class InlineRunner:
    """Runs in the caller's thread: for the command line and tests."""

    def run(self, job: Callable[[], T]) -> T:
        """Run the job here and now."""
        return job()
