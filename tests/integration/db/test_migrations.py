"""Migrations build what ``db.tables`` says, once, however many workers start."""

from __future__ import annotations

import multiprocessing
import sqlite3
import uuid
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from db.engine import make_engine
from db.job_store import JobStore
from db.migrate import upgrade
from db.store import AnalysisStore
from db.tables import metadata
from tests.integration.db.connecting import connected


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


def test_a_row_that_the_gateway_inserts_itself_needs_only_what_it_knows(database_url: str) -> None:
    columns = "(user_id, declaration, audio_file, status)"
    with connected(database_url) as connection:
        for number in range(2):
            connection.execute(
                text(f"INSERT INTO analysis {columns} VALUES ('u', '010-1234-5678', 'f{number}', 'queued')")
            )
    store = AnalysisStore(database_url)
    jobs = JobStore(store, lease_s=60.0, courier_s=60.0)

    first, second = jobs.claim_next(), jobs.claim_next()

    assert first is not None
    assert second is not None
    assert {first.new.audio_file, second.new.audio_file} == {"f0", "f1"}
    stored = store.get(first.id)
    assert stored is not None
    assert str(uuid.UUID(first.id)) == first.id
    assert abs((datetime.now(UTC) - stored.created_date).total_seconds()) < 60
    store.close()


def test_rows_of_the_first_version_are_kept(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO analysis"
                " (id, user_id, declaration, audio_file, content, created_date, status, progress, attempts)"
                " VALUES ('a', 'u', '1', 'f', X'74657874', '2026-01-01 00:00:00.000000', 'done', 100, 1)"
            )
        )
    upgrade(engine)
    engine.dispose()
    store = AnalysisStore(empty_database_url)
    kept = store.get("a")
    store.close()

    assert kept is not None
    assert (kept.transcript, kept.reported, kept.uploaded) == ("text", 0, False)


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
