"""What the database room refuses before it connects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from core.errors import ConfigurationError, Unavailable
from db.engine import make_engine
from db.store import AnalysisStore


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:geheim@h/d", "postgresql://u:geheim@h/d"],
)
def test_other_databases_are_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_engine(url)

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("wanted_s", "given_s"), [(None, 86_400), (7, 7)])
def test_the_wait_for_mariadb_is_never_left_to_its_connector_which_would_cut_migrations_off(
    wanted_s: int | None, given_s: int
) -> None:
    engine = make_engine("mariadb+mariadbconnector://u@127.0.0.1/d", read_timeout_s=wanted_s)
    given: dict[str, object] = {}

    def connect(dialect: object, record: object, arguments: object, keywords: dict[str, object]) -> None:
        given.update(keywords)
        raise Unavailable("seen enough")

    event.listen(engine, "do_connect", connect)
    with pytest.raises(Unavailable):
        engine.connect()
    assert (given["read_timeout"], given["write_timeout"]) == (given_s, given_s)


def test_a_store_that_was_never_migrated_is_not_ready(tmp_path: Path) -> None:
    store = AnalysisStore(f"sqlite:///{tmp_path / 'x.sqlite3'}")

    with pytest.raises(Unavailable):
        store.ping()
    store.close()


def test_a_store_connects_to_nothing_before_its_first_call(tmp_path: Path) -> None:
    AnalysisStore(f"sqlite:///{tmp_path / 'folder' / 'x.sqlite3'}")

    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_opens_connections_of_its_own(tmp_path: Path) -> None:
    # In a fresh interpreter: forking the one that runs the tests would copy their threads.
    script = f"""
import os
from db.store import AnalysisStore
store = AnalysisStore("sqlite:///{tmp_path / "x.sqlite3"}")
store.migrate()
store.ping()
parent = store._own_engine()
child = os.fork()
if child == 0:
    store.ping()
    os._exit(0 if store._own_engine() is not parent else 1)
assert os.waitpid(child, 0)[1] == 0
assert store._own_engine() is parent
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])
