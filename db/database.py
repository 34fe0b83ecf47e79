"""Transactions on one database, repeated while it is away."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from db.engine import WRITE, make_engine
from db.migrate import upgrade
from db.retry import with_retries
from db.tables import analysis

Answer = TypeVar("Answer")
RETRY_FOR_S = 20.0
RESULT_RETRY_FOR_S = 60.0
COURTESY_RETRY_FOR_S = 1.0


class Database:
    """One engine a process. Safe to share between threads and to inherit over a fork.

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
            result_retry_for_s: the same for results, which took minutes to make.
            courtesy_retry_for_s: the same for progress, which must not hold up an analysis.
        """
        self._url = engine_url
        self.retry_for_s = retry_for_s
        self.result_retry_for_s = result_retry_for_s
        self.courtesy_retry_for_s = courtesy_retry_for_s
        # SQLite has one writer at a time, and whoever finds it busy sleeps up to 100 ms before looking again.
        self._turn = threading.Lock() if engine_url.startswith("sqlite") else nullcontext()
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._pid = 0

    def migrate(self) -> None:
        """Create or update the tables. Call it once at start, before ``gunicorn`` forks or after."""
        engine = make_engine(self._url, read_timeout_s=None)
        try:
            with_retries(lambda: upgrade(engine), for_s=self.retry_for_s)
        finally:
            engine.dispose()

    def read(self, work: Callable[[Connection], Answer], *, for_s: float | None = None) -> Answer:
        """Run ``work`` in a transaction that writes nothing."""

        def once() -> Answer:
            with self._own_engine().connect() as connection:
                return work(connection)

        return with_retries(once, for_s=self.retry_for_s if for_s is None else for_s)

    def write(self, work: Callable[[Connection], Answer], *, for_s: float | None = None) -> Answer:
        """Run ``work`` in one transaction and commit it; it may be run more than once."""

        def once() -> Answer:
            with self._turn, self._own_engine().execution_options(**WRITE).begin() as connection:
                return work(connection)

        return with_retries(once, for_s=self.retry_for_s if for_s is None else for_s)

    def ping(self) -> None:
        """Raise ``Unavailable`` or ``MoksoriError`` when the table cannot be read right now."""
        self.read(lambda connection: connection.execute(select(analysis.c.id).limit(1)).all(), for_s=0.0)

    def close(self) -> None:
        """Close the connections of this process; the next call opens new ones."""
        with self._lock:
            if self._engine is not None and self._pid == os.getpid():
                self._engine.dispose()
            self._engine = None

    def _own_engine(self) -> Engine:
        """Return the engine of this process: sockets of a parent must not be used after a fork."""
        with self._lock:
            if self._engine is None or self._pid != os.getpid():
                if self._engine is not None:
                    self._engine.dispose(close=False)
                self._engine, self._pid = make_engine(self._url), os.getpid()
            return self._engine
