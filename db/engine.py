"""Engines for the two databases. Parameters never appear in errors: they hold transcripts and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_MS = 5_000
POOL_RECYCLE_S = 1_800
"""Below the ``wait_timeout`` that hosted MariaDB servers set."""


def make_engine(url: str) -> Engine:
    """Return an engine; connections are opened on first use, so it is safe to fork before that."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_recycle=POOL_RECYCLE_S)
    event.listen(engine, "handle_error", _notice_lost_connection)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _notice_lost_connection(context: ExceptionContext) -> None:
    """Mark socket errors as disconnects.

    The pure-Python connector raises them with error number 0, which SQLAlchemy's dialect does not
    know as a lost connection; without this the pool would hand the dead connection out again.
    """
    original: Any = context.original_exception
    if type(original).__name__ in {"OperationalError", "InterfaceError"} and not getattr(original, "errno", 0):
        context.is_disconnect = True
