"""The repository the service uses: one transaction a method, repeated while the database is away."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from core.errors import MoksoriError, NotFound
from core.types import Analysis, CallResult, NewAnalysis, Status
from db import analyses
from db.engine import WRITE, make_engine
from db.migrate import upgrade
from db.retry import with_retries
from db.tables import analysis as analysis_table

Answer = TypeVar("Answer")
RETRY_FOR_S = 20.0
RESULT_RETRY_FOR_S = 60.0
COURTESY_RETRY_FOR_S = 1.0


class AnalysisStore:
    """Analyses in SQLite or MariaDB. Safe to share between threads and to inherit over a fork.

    Every method raises ``core.errors.Unavailable`` when the database stays away for longer than
    its retries, and never lets out an exception that could quote what it was asked to store.
    """

    def __init__(
        self,
        engine_url: str,
        *,
        retry_for_s: float = RETRY_FOR_S,
        result_retry_for_s: float = RESULT_RETRY_FOR_S,
        courtesy_retry_for_s: float = COURTESY_RETRY_FOR_S,
    ) -> None:
        """Remember where the database is; nothing is connected before the first call.

        Args:
            engine_url: see ``db.engine.make_engine``.
            retry_for_s: how long to try again before giving up, in seconds.
            result_retry_for_s: the same for ``finish``: a result took minutes to make.
            courtesy_retry_for_s: the same for ``progress``, which must not hold up an analysis.
        """
        self._url = engine_url
        self._retry_for_s = retry_for_s
        self._result_retry_for_s = result_retry_for_s
        self._courtesy_retry_for_s = courtesy_retry_for_s
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._pid = 0

    def migrate(self) -> None:
        """Create or update the tables. Call it once at start, before ``gunicorn`` forks or after."""
        engine = make_engine(self._url, read_timeout_s=None)
        try:
            with_retries(lambda: upgrade(engine), for_s=self._retry_for_s)
        finally:
            engine.dispose()

    def add(self, new: NewAnalysis, *, id: str, now: datetime) -> Analysis:
        """Commit a queued row.

        Raises:
            InvalidRequest: when a field does not fit its column.
        """

        def work(connection: Connection) -> Analysis:
            # Ids are random and ours: a row that is there already is this one, its commit unanswered.
            if analyses.get_analysis(connection, id) is None:
                analyses.insert_analysis(connection, new, id=id, now=now)
            return _present(connection, id)

        return self._write(work)

    def get(self, id: str) -> Analysis | None:
        """Return the analysis, or None."""
        return self._read(lambda connection: analyses.get_analysis(connection, id), for_s=self._retry_for_s)

    def claim(self, id: str) -> bool:
        """Move queued to running; False when somebody else did."""
        token = str(uuid.uuid4())
        return self._write(lambda connection: analyses.claim(connection, id, token=token))

    def progress(self, id: str, percent: int) -> None:
        """Record a milestone of a running analysis, with little patience."""
        self._write(lambda connection: analyses.set_progress(connection, id, percent), for_s=self._courtesy_retry_for_s)

    def finish(self, id: str, result: CallResult, *, now: datetime) -> Analysis:
        """Store result and ``done`` in one transaction and return the row.

        A row that is already done, failed or cancelled is returned as it stands.

        Raises:
            NotFound: when the row was erased meanwhile.
            MoksoriError: when nobody has claimed the analysis.
        """

        def work(connection: Connection) -> Analysis:
            analyses.finish(connection, id, result, now=now)
            stored = _present(connection, id)
            if stored.status is Status.QUEUED:
                raise MoksoriError("an analysis must be claimed before it is finished")
            return stored

        return self._write(work, for_s=self._result_retry_for_s)

    def fail(self, id: str, error: Mapping[str, Any], *, now: datetime) -> None:
        """Store the reason and ``failed``; a row at its end stays as it is."""
        self._write(lambda connection: analyses.fail(connection, id, error, now=now))

    def remove(self, id: str) -> None:
        """Erase the row."""
        self._write(lambda connection: analyses.delete_analysis(connection, id))

    def ping(self) -> None:
        """Raise ``Unavailable`` or ``MoksoriError`` when the table cannot be read right now."""
        self._read(lambda connection: connection.execute(select(analysis_table.c.id).limit(1)).all(), for_s=0.0)

    def close(self) -> None:
        """Close the connections of this process; the next call opens new ones."""
        with self._lock:
            if self._engine is not None and self._pid == os.getpid():
                self._engine.dispose()
            self._engine = None

    def _read(self, work: Callable[[Connection], Answer], *, for_s: float) -> Answer:
        def once() -> Answer:
            with self._own_engine().connect() as connection:
                return work(connection)

        return with_retries(once, for_s=for_s)

    def _write(self, work: Callable[[Connection], Answer], *, for_s: float | None = None) -> Answer:
        def once() -> Answer:
            with self._own_engine().execution_options(**WRITE).begin() as connection:
                return work(connection)

        return with_retries(once, for_s=self._retry_for_s if for_s is None else for_s)

    def _own_engine(self) -> Engine:
        """Return the engine of this process: sockets of a parent must not be used after a fork."""
        with self._lock:
            if self._engine is None or self._pid != os.getpid():
                if self._engine is not None:
                    self._engine.dispose(close=False)
                self._engine, self._pid = make_engine(self._url), os.getpid()
            return self._engine


def _present(connection: Connection, id: str) -> Analysis:
    stored = analyses.get_analysis(connection, id)
    if stored is None:
        raise NotFound("there is no analysis of that id")
    return stored
