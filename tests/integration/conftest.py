"""Databases for integration tests: every test that asks for ``database_url`` runs on both kinds."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import OperationalError

from db.job_store import JobStore
from db.store import AnalysisStore
from tests.integration.db.connecting import connected
from tests.integration.db.emptying import Shape, erase_rows, shape
from tests.integration.db.examples import LATER, jobs_at
from tests.integration.db.server import PrivateServer, missing_binaries

DEFAULT_MARIADB = "mariadb+mariadbconnector://root:@127.0.0.1:3306"


def unavailable(reason: str) -> None:
    """Skip on a developer's machine, fail where the whole suite is promised."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A throw-away database on the MariaDB server of ``MOKSORI_TEST_MARIADB_URL``."""
    server = make_url(os.environ.get("MOKSORI_TEST_MARIADB_URL", DEFAULT_MARIADB))
    name = f"moksori_test_{uuid.uuid4().hex[:12]}"
    # An existing database of the URL is only logged in to, never touched.
    login = server.render_as_string(hide_password=False)
    try:
        with connected(login) as connection:
            connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    except OperationalError:
        unavailable("no MariaDB reachable: set MOKSORI_TEST_MARIADB_URL")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with connected(login) as connection:
            connection.execute(text(f"DROP DATABASE {name}"))


@pytest.fixture(params=["sqlite", "mariadb"])
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, once of each kind."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'moksori.sqlite3'}"
    url: str = request.getfixturevalue("mariadb_url")
    with connected(url) as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {table}"))
    return url


@pytest.fixture(scope="session")
def migrated_shapes() -> dict[str, Shape]:
    """What the tables of a MariaDB database looked like right after the migrations."""
    return {}


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, migrated_shapes: dict[str, Shape]) -> str:
    """A migrated database without a row, once of each kind."""
    if database_kind == "mariadb":
        known: str = request.getfixturevalue("mariadb_url")
        # Migrating MariaDB takes seconds, erasing rows does not; a test that changed the tables costs a migration.
        if known in migrated_shapes and shape(known) == migrated_shapes[known]:
            erase_rows(known)
            return known
    url: str = request.getfixturevalue("empty_database_url")
    store = AnalysisStore(url)
    store.migrate()
    store.close()
    if database_kind == "mariadb":
        migrated_shapes[url] = shape(url)
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[AnalysisStore]:
    """The real store on an empty table, once on each kind of database."""
    store = AnalysisStore(database_url)
    yield store
    store.close()


@pytest.fixture
def jobs(store: AnalysisStore) -> JobStore:
    """The runners' side of the same database; its clock stands still."""
    return jobs_at(store, LATER)


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    """A MariaDB that a test may stop and start."""
    if missing_binaries():
        unavailable("mariadbd and mariadb-install-db are not installed")
    server = PrivateServer(tmp_path_factory.mktemp("mariadb"))
    server.install()
    server.start()
    yield server
    server.stop()
