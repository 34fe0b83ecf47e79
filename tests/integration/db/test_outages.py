"""A database that is away: the answer waits, and nothing that was to be stored leaks."""

from __future__ import annotations

import logging
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from core.errors import MoksoriError, Unavailable
from core.types import Analysis, Status
from db.engine import make_engine
from db.retry import is_transient
from db.store import AnalysisStore
from tests.integration.db.examples import KOREAN, LATER, NEW, NOW, RESULT, jobs_at
from tests.integration.db.server import PrivateServer, until

RISE = text("UPDATE analysis SET progress = progress + 1 WHERE id = :id")


@pytest.fixture
def store_of_own_server(own_server: PrivateServer) -> Iterator[AnalysisStore]:
    store = AnalysisStore(own_server.url, retry_for_s=20.0, result_retry_for_s=30.0)
    store.migrate()
    store.remove("a")
    store.add(NEW, id="a", now=NOW)
    yield store
    store.close()


def test_a_result_outlives_a_database_that_is_down_when_it_is_stored(
    own_server: PrivateServer, store_of_own_server: AnalysisStore, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = jobs_at(store_of_own_server, LATER)
    claim = jobs.claim("a")
    assert claim is not None
    own_server.stop()
    answers: list[Analysis] = []
    finisher = threading.Thread(
        target=lambda: answers.append(jobs.finish(claim, RESULT, owes_reports=False)), daemon=True
    )
    finisher.start()
    until(lambda: "does not answer" in caplog.text, within_s=10, what="the store notices")
    assert not answers

    own_server.start()
    finisher.join(timeout=30)

    assert [answer.status for answer in answers] == [Status.DONE]
    assert store_of_own_server.get("a") == answers[0]
    assert answers[0].transcript == KOREAN
    assert KOREAN not in caplog.text
    assert NEW.declaration not in caplog.text


def test_a_restart_between_two_calls_goes_unnoticed(
    own_server: PrivateServer, store_of_own_server: AnalysisStore
) -> None:
    own_server.stop()
    own_server.start()

    store_of_own_server.ping()


def test_a_database_that_stays_away_is_unavailable(
    own_server: PrivateServer, store_of_own_server: AnalysisStore
) -> None:
    claim = jobs_at(store_of_own_server, LATER).claim("a")
    assert claim is not None
    own_server.stop()
    impatient = AnalysisStore(own_server.url, retry_for_s=0.2, result_retry_for_s=0.2)
    try:
        finish = partial(jobs_at(impatient, LATER).finish, claim, RESULT, owes_reports=False)
        for call in (impatient.ping, lambda: impatient.get("a"), finish):
            with pytest.raises(Unavailable) as caught:
                call()
            assert KOREAN not in "".join(traceback.format_exception(caught.value))
    finally:
        impatient.close()
        own_server.start()


def test_a_killed_connection_is_replaced(mariadb_url: str) -> None:
    victim, killer = make_engine(mariadb_url), make_engine(mariadb_url)
    with victim.connect() as connection:
        first = connection.execute(text("SELECT CONNECTION_ID()")).scalar()
        with killer.connect() as other:
            other.execute(text(f"KILL {first}"))
        with pytest.raises(OperationalError) as caught:
            connection.execute(text("SELECT 1"))
        assert caught.value.connection_invalidated

    with victim.connect() as connection:
        assert connection.execute(text("SELECT CONNECTION_ID()")).scalar() != first
    victim.dispose()
    killer.dispose()


def test_of_two_transactions_that_block_each_other_both_are_done(mariadb_url: str) -> None:
    store = AnalysisStore(mariadb_url)
    store.migrate()
    for id in ("a", "b"):
        store.remove(id)
        store.add(NEW, id=id, now=NOW)
    meet, begun = threading.Barrier(2), []

    def both(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            begun.append(first)
            connection.execute(RISE, {"id": first})
            if len(begun) <= 2:
                meet.wait(timeout=10)
            connection.execute(RISE, {"id": second})

        store.write(work)

    threads = [threading.Thread(target=both, args=ids) for ids in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(begun) == 3  # one was rolled back by the server and came again
    assert [row and row.progress for row in (store.get("a"), store.get("b"))] == [2, 2]
    store.close()


def test_a_lock_that_is_held_too_long_is_waited_for_again(mariadb_url: str) -> None:
    store, holder = AnalysisStore(mariadb_url), make_engine(mariadb_url)
    store.migrate()
    store.remove("a")
    store.add(NEW, id="a", now=NOW)
    tries = []

    def work(connection: Connection) -> None:
        tries.append(connection.execute(text("SET innodb_lock_wait_timeout = 1")))
        if len(tries) == 2:
            held.rollback()
        connection.execute(RISE, {"id": "a"})

    with holder.connect() as held:
        held.execute(RISE, {"id": "a"})
        store.write(work)

    assert len(tries) == 2
    store.close()
    holder.dispose()


@pytest.mark.parametrize("number", [1040, 1053, 1205, 1213])
@pytest.mark.parametrize("kind", [DatabaseError, OperationalError])
def test_what_passes_by_itself_is_known_by_its_number(number: int, kind: type[DatabaseError]) -> None:
    original = Exception()
    original.errno = number  # type: ignore[attr-defined]
    assert is_transient(kind("UPDATE", None, original))


def test_a_locked_sqlite_file_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    store = AnalysisStore(url)
    store.migrate()
    event.listen(store._own_engine(), "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 10"))
    other = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    adder = threading.Thread(target=lambda: store.add(NEW, id="a", now=NOW), daemon=True)
    adder.start()
    until(lambda: "SQLITE_BUSY" in caplog.text, within_s=10, what="the store meets the lock")

    other.execute("COMMIT")
    adder.join(timeout=10)

    assert store.get("a") is not None
    other.close()
    store.close()


def test_a_refused_statement_says_nothing_of_what_it_held(
    store: AnalysisStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store.add(NEW, id="a", now=NOW)
    engine = store._own_engine()
    with engine.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX one_number ON analysis (declaration)"))

    with pytest.raises(MoksoriError) as caught:
        store.add(NEW, id="b", now=NOW)

    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.detail) + caplog.text
    assert NEW.declaration not in told
    assert NEW.user_id not in told
