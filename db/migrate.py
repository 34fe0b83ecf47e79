"""Bring a database to the newest schema; several workers may try at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

LOCK = "moksori_migrations"
LOCK_WAIT_S = 60


def upgrade(engine: Engine) -> None:
    """Run every migration that is missing, under a lock that other processes wait for."""
    with _alone(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # One write transaction around everything: others wait for the busy time-out.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
            return
        connection.execute(text("SELECT GET_LOCK(:name, :wait)"), {"name": LOCK, "wait": LOCK_WAIT_S})
        try:
            yield connection
            connection.commit()
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": LOCK})
