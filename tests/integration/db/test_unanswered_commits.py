"""A database that commits and goes away before it says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.errors import Unanswered, Unavailable
from core.types import Status
from db.store import AnalysisStore
from tests.integration.db.examples import LATER, NEW, NOW, RESULT, jobs_at

on_mariadb = pytest.mark.parametrize("database_kind", ["mariadb"])
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])


def connection_lost(engine: Engine) -> Exception:
    """Return what the driver raises when nobody answers: an error without a number of the database."""
    error: Exception = engine.dialect.loaded_dbapi.OperationalError("the connection was lost")
    return error


def refused(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("refused")
    error.sqlite_errorcode = code
    return error


def test_writes_are_repeated_when_the_commit_was_not_answered(store: AnalysisStore) -> None:
    store.ping()
    told: list[str] = []
    engine = store._own_engine()
    commit = engine.dialect.do_commit

    def unanswered_every_other_time(dbapi_connection: object) -> None:
        commit(dbapi_connection)  # type: ignore[arg-type]
        told.append("answered" if len(told) % 2 else "lost")
        if told[-1] == "lost":
            raise connection_lost(engine)

    engine.dialect.do_commit = unanswered_every_other_time  # type: ignore[method-assign]
    store.add(NEW, id="a", now=NOW)
    jobs = jobs_at(store, LATER)
    claim = jobs.claim("a")
    assert claim is not None
    done = jobs.finish(claim, RESULT, owes_reports=False)

    assert told == ["lost", "answered"] * 3
    assert done == store.get("a")
    assert done.status is Status.DONE


@on_mariadb
@pytest.mark.parametrize(("moment", "error"), [("do_commit", Unanswered), ("do_begin", Unavailable)])
def test_whether_a_row_may_be_there_is_told(store: AnalysisStore, moment: str, error: type[Unavailable]) -> None:
    store.ping()
    store.retry_for_s = 0.2
    engine = store._own_engine()
    answered: Callable[[object], None] = getattr(engine.dialect, moment)

    def unheard(dbapi_connection: object) -> None:
        answered(dbapi_connection)
        raise connection_lost(engine)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.dialect, moment, unheard)
        with pytest.raises(Unavailable) as caught:
            store.add(NEW, id="a", now=NOW)

    assert (type(caught.value), caught.value.code) == (error, "unavailable")
    assert (store.get("a") is not None) is (error is Unanswered)


@on_mariadb
def test_a_full_queue_does_not_answer_for_a_commit_that_was_lost(store: AnalysisStore, database_url: str) -> None:
    store.ping()
    engine, faster = store._own_engine(), AnalysisStore(database_url)

    def lost_before_it_arrived(dbapi_connection: object) -> None:
        dbapi_connection.rollback()  # type: ignore[attr-defined]
        faster.add(NEW, id="b", now=NOW)
        raise connection_lost(engine)

    engine.dialect.do_commit = lost_before_it_arrived  # type: ignore[method-assign]
    with pytest.raises(Unanswered):
        store.add(NEW, id="a", now=NOW, max_queued=1)
    faster.close()


@on_sqlite
@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY])
def test_a_commit_that_sqlite_refuses_is_answered(store: AnalysisStore, code: int) -> None:
    store.ping()
    store.retry_for_s = 0.2
    engine = store._own_engine()

    def refuse(dbapi_connection: object) -> None:
        raise refused(code)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", refuse)
        with pytest.raises(Unavailable) as caught:
            store.add(NEW, id="a", now=NOW)

    assert type(caught.value) is Unavailable
    assert store.get("a") is None
