"""Migrations build what ``db.tables`` says, once, however many workers start."""

from __future__ import annotations

import multiprocessing
import sqlite3
from multiprocessing.synchronize import Barrier
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db.engine import make_engine
from db.migrate import upgrade
from db.tables import metadata


def migrate(url: str, start: Barrier) -> None:
    engine = make_engine(url)
    start.wait(timeout=30)
    upgrade(engine)  # without the store's retries: the lock alone must do
    engine.dispose()


def test_migrations_and_tables_are_equal(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    upgrade(engine)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_four_starting_workers_migrate_once(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    engine.connect().close()
    processes = multiprocessing.get_context("spawn")
    start = processes.Barrier(4)
    workers = [processes.Process(target=migrate, args=(empty_database_url, start)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    with engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    engine.dispose()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert len(versions) == 1


def test_a_second_migration_keeps_the_rows(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO analysis (id, user_id, declaration, audio_file, created_date, status, progress, attempts)"
                " VALUES ('a', 'u', '1', 'f', '2026-01-01', 'queued', 0, 0)"
            )
        )

    upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM analysis")).scalar() == 1
    engine.dispose()


def test_sqlite_writes_ahead_and_checks_foreign_keys(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 5_000
    engine.dispose()

    other = sqlite3.connect(path)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def test_mariadb_keeps_four_byte_characters_and_compares_exactly(mariadb_url: str) -> None:
    engine = make_engine(mariadb_url)
    upgrade(engine)
    options = inspect(engine).get_table_options("analysis")
    engine.dispose()

    assert options["mariadb_default charset"] == "utf8mb4"
    assert options["mariadb_collate"] == "utf8mb4_nopad_bin"
