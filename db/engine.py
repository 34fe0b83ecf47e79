"""Engines for the two databases. An engine must not cross a fork: make one per process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from core.errors import ConfigurationError

BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 60
NO_TIMEOUT_S = 86_400
"""A day: told nothing, the connector gives up after 30 s, and an index of a large table takes longer."""
RECYCLE_S = 1_800  # well below MariaDB's wait_timeout of 8 hours and that of most proxies
POOL_TIMEOUT_S = 10
WRITE = {"moksori_begin": "BEGIN IMMEDIATE"}
"""Execution options of a writing transaction: SQLite then takes its write lock at the start."""


def make_engine(url: str, *, read_timeout_s: int | None = READ_TIMEOUT_S) -> Engine:
    """Return an engine for a SQLite file or a MariaDB server; nothing is connected yet.

    Args:
        url: ``sqlite:///path`` or ``mariadb+mariadbconnector://user:pass@host[:port]/database``.
        read_timeout_s: longest wait for an answer of MariaDB in seconds, None for no limit.

    Raises:
        ConfigurationError: for any other URL; the message never holds it, because of its password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError("MOKSORI_DATABASE_URL is not a database URL") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername == "mariadb+mariadbconnector":
        return _mariadb(parsed, read_timeout_s)
    raise ConfigurationError("MOKSORI_DATABASE_URL must start with sqlite:/// or mariadb+mariadbconnector://")


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError("MOKSORI_DATABASE_URL must name a file: threads cannot share an in-memory database")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, pool_timeout=POOL_TIMEOUT_S)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None  # no implicit BEGIN: _begin_sqlite says which one
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    # Changing the mode needs the file for oneself, so it is only done where it is not yet done.
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("moksori_begin", "BEGIN"))


def _mariadb(url: URL, read_timeout_s: int | None) -> Engine:
    wait_s = NO_TIMEOUT_S if read_timeout_s is None else read_timeout_s
    timeouts = {"connect_timeout": CONNECT_TIMEOUT_S, "read_timeout": wait_s, "write_timeout": wait_s}
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_S,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={key: value for key, value in timeouts.items() if key not in url.query},
    )
    event.listen(engine, "handle_error", _recognise_lost_connection)
    return engine


def _recognise_lost_connection(context: ExceptionContext) -> None:
    """Tell SQLAlchemy that a connection is gone.

    The connector reports a broken socket as an error without a server error number, which
    SQLAlchemy's dialect does not know: without this even ``pool_pre_ping`` fails instead of
    reconnecting.
    """
    dbapi = context.dialect.loaded_dbapi
    lost = (dbapi.OperationalError, dbapi.InterfaceError)
    if isinstance(context.original_exception, lost) and not getattr(context.original_exception, "errno", 0):
        context.is_disconnect = True
