"""Models are borrowed, never global: loaded once per process, on first use or by ``warm``, and again when they change.

A call borrows once, at its start, and keeps what it got: a change while it runs is for the next call. What is
replaced is freed when the last call that holds it ends.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from core.errors import MoksoriError

T = TypeVar("T")
log = logging.getLogger(__name__)
RETRY_AFTER_S = 30.0
"""What could not be loaded is tried again so often, as long as it is what should be there."""


class Lender(Generic[T]):
    """Loads a value under a lock, keeps it, and says whether it is there.

    ``wanted`` says cheaply what ``load`` would give now; when that changes, the next borrower loads it, while others
    go on with the previous value. What cannot be loaded leaves the previous value in place.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], T],
        *,
        wanted: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._load, self._wanted, self._clock = load, wanted, clock
        self._lock = threading.Lock()
        self._value: T | None = None
        self._tried: object = None
        self._tried_at = 0.0
        self._error: str | None = None

    @property
    def is_warm(self) -> bool:
        """True once the value is loaded."""
        return self._value is not None

    @property
    def error(self) -> str | None:
        """Why the value is not the one it should be, or None."""
        return self._error

    def peek(self) -> T | None:
        """Return what is loaded, or None; loads nothing."""
        return self._value

    def borrow(self) -> T:
        """Return the value, loading it when nobody has yet or when another is wanted.

        Errors of the first loading reach every caller; later ones are logged, and ``error`` tells them.
        """
        value = self._value
        if value is None:
            with self._lock:
                return self._first() if self._value is None else self._value
        if self._is_outdated() and self._lock.acquire(blocking=False):
            try:
                if self._is_outdated():
                    self._again()
            finally:
                self._lock.release()
        return self._value or value

    def retry(self) -> None:
        """Have the next borrower try at once what could not be loaded: somebody may have mended it."""
        self._tried_at = -math.inf

    def _first(self) -> T:
        wanted = self._ask()
        self._value = self._timed()
        self._tried, self._error = wanted, None
        return self._value

    def _again(self) -> None:
        # Asked before it is loaded: when it changes meanwhile, the next borrower sees that.
        self._tried, self._tried_at = self._ask(), self._clock()
        try:
            self._value = self._timed()
            self._error = None
        except Exception as error:  # noqa: BLE001  (whatever is wrong with the new one, calls go on with the old)
            self._error = error.message if isinstance(error, MoksoriError) else type(error).__name__
            log.error("%s stays as it is, the new one cannot be loaded: %s", self.name, self._error)  # noqa: TRY400

    def _is_outdated(self) -> bool:
        if self._error is not None and self._clock() - self._tried_at >= RETRY_AFTER_S:
            return True
        return self._ask() != self._tried

    def _ask(self) -> object:
        try:
            return self._wanted()
        except MoksoriError as error:
            return error.message  # loading will say the same

    def _timed(self) -> T:
        started = time.perf_counter()
        value = self._load()
        log.info("loaded %s in %.2f s", self.name, time.perf_counter() - started)
        return value
