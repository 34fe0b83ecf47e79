"""Models are borrowed, never global: loaded once per process, on first use or by ``warm``."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Lender(Generic[T]):
    """Loads a value once, under a lock, and says whether it is there."""

    def __init__(self, name: str, load: Callable[[], T]) -> None:
        self.name = name
        self._load = load
        self._lock = threading.Lock()
        self._value: T | None = None

    @property
    def is_warm(self) -> bool:
        """True once the value is loaded."""
        return self._value is not None

    def borrow(self) -> T:
        """Return the value, loading it when nobody has yet. Errors of loading reach every caller."""
        with self._lock:
            if self._value is None:
                started = time.perf_counter()
                self._value = self._load()
                log.info("loaded %s in %.2f s", self.name, time.perf_counter() - started)
            return self._value
