"""What the database room refuses before it connects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
