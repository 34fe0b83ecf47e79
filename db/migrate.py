"""Bring a database up to date: ``upgrade(engine)``. Safe to call from several starting workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from core.errors import Unavailable
from db.engine import WRITE

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK_WAIT_S = 50
LOCK_NAME = "CONCAT('moksori:', MD5(DATABASE()))"  # locks are named per server, not per database


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing; whoever comes second waits and then finds nothing to do.

    Raises:
        Unavailable: when another worker holds the migration lock for too long.
        sqlalchemy.exc.SQLAlchemyError: when the database is away or a migration fails.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine.connect().execution_options(**WRITE) as connection, _alone(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold the migration lock. On SQLite that is the write lock of the transaction itself."""
    if connection.dialect.name == "sqlite":
        connection.begin()
        yield
        return
    # A named lock belongs to the session: it survives MariaDB's implicit commits and ends with the
    # connection, which is detached from the pool so that closing it closes the session.
    connection.detach()
    if connection.execute(text(f"SELECT GET_LOCK({LOCK_NAME}, {LOCK_WAIT_S})")).scalar() != 1:
        raise Unavailable("another worker is still migrating the database")
    yield
