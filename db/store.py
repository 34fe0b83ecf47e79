"""Durable analyses for the service: one transaction a method, retried while the database is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from core.errors import Unavailable
from core.types import Analysis, CallResult, NewAnalysis
from db import analyses
from db.engine import make_engine
from db.migrate import upgrade

T = TypeVar("T")
AWAY = (OperationalError, InterfaceError)
PATIENCE_S = 60.0
"""How long a result waits for a database that is being restarted."""
COURTESY_S = 1.0
"""How long a progress mark waits; it is worth less than the caller's time."""


class AnalysisStore:
    """The ``analysis`` table behind the methods the service wants. Migrates on first use."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self._engine = make_engine(url)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._migrated = False

    def add(self, new: NewAnalysis, *, id: str, now: datetime) -> Analysis:
        """Commit a queued row and return it."""

        def work(connection: Connection) -> Analysis:
            try:
                with connection.begin_nested():
                    analyses.insert_analysis(connection, new, id=id, now=now)
            except IntegrityError:
                pass  # an earlier try was committed and only its answer was lost
            return _known(analyses.get_analysis(connection, id))

        return self._run(work)

    def get(self, id: str) -> Analysis | None:
        """Return the analysis, or None."""
        return self._run(lambda connection: analyses.get_analysis(connection, id))

    def claim(self, id: str) -> bool:
        """Move queued to running; False when somebody else did."""
        return self._run(lambda connection: analyses.claim(connection, id))

    def progress(self, id: str, percent: int) -> None:
        """Record a milestone of a running analysis."""
        self._run(lambda connection: analyses.set_progress(connection, id, percent), patience_s=COURTESY_S)

    def finish(self, id: str, result: CallResult, *, now: datetime) -> Analysis:
        """Store result and ``done`` in one transaction; a second time changes nothing."""

        def work(connection: Connection) -> Analysis:
            analyses.finish(connection, id, result, now=now)
            return _known(analyses.get_analysis(connection, id))

        return self._run(work)

    def fail(self, id: str, error: Mapping[str, Any], *, now: datetime) -> None:
        """Store the reason and ``failed``."""
        self._run(lambda connection: analyses.fail(connection, id, error, now=now))

    def remove(self, id: str) -> None:
        """Erase the row."""
        self._run(lambda connection: analyses.delete_analysis(connection, id))

    def ping(self) -> None:
        """Raise ``Unavailable`` when the database does not answer now."""
        self._run(lambda connection: connection.execute(text("SELECT 1")), patience_s=0.0)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _run(self, work: Callable[[Connection], T], *, patience_s: float | None = None) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type(AWAY),
            stop=stop_after_delay(self._patience_s if patience_s is None else patience_s),
            wait=wait_random_exponential(multiplier=0.1, max=5.0),
            reraise=True,
        )
        try:
            result: T = retrying(self._once, work)
        except DBAPIError as error:
            # The driver's message may quote the statement's values, so it goes no further.
            raise Unavailable("the database does not answer", kind=type(error.orig).__name__) from None
        else:
            return result

    def _once(self, work: Callable[[Connection], T]) -> T:
        with self._lock:
            if not self._migrated:
                upgrade(self._engine)
                self._migrated = True
        with self._engine.begin() as connection:
            return work(connection)


def _known(analysis: Analysis | None) -> Analysis:
    if analysis is None:
        raise Unavailable("the analysis was erased meanwhile")
    return analysis
