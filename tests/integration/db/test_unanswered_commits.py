"""A database that commits and goes away before it says so."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from core.errors import Unanswered, Unavailable
from core.types import Status
from db.store import AnalysisStore
from tests.integration.db.examples import LATER, NEW, NOW, RESULT, jobs_at


def test_writes_are_repeated_when_the_commit_was_not_answered(store: AnalysisStore) -> None:
    store.ping()
    lost: list[str] = []

    def lose_once(connection: object) -> None:
        # Right after a real commit, before the store hears of it.
        if len(lost) % 2 == 0:
            lost.append("lost")
            raise OperationalError("COMMIT", None, sqlite_error(sqlite3.SQLITE_BUSY))
        lost.append("answered")

    engine = store._own_engine()
    commit = engine.dialect.do_commit

    def unanswered(dbapi_connection: object) -> None:
        commit(dbapi_connection)  # type: ignore[arg-type]
        lose_once(dbapi_connection)

    engine.dialect.do_commit = unanswered  # type: ignore[method-assign]
    store.add(NEW, id="a", now=NOW)
    jobs = jobs_at(store, LATER)
    claim = jobs.claim("a")
    assert claim is not None
    done = jobs.finish(claim, RESULT, owes_reports=False)

    assert lost == ["lost", "answered"] * 3
    assert done == store.get("a")
    assert done.status is Status.DONE


@pytest.mark.parametrize(("committed", "error"), [(True, Unanswered), (False, Unavailable)])
def test_whether_a_row_may_be_there_is_told(store: AnalysisStore, committed: bool, error: type[Unavailable]) -> None:
    store.ping()
    store.retry_for_s = 0.2
    engine = store._own_engine()
    answers = engine.dialect.do_commit if committed else engine.dialect.do_begin

    def unheard(dbapi_connection: object) -> None:
        answers(dbapi_connection)  # type: ignore[arg-type]
        raise OperationalError("", None, sqlite_error(sqlite3.SQLITE_BUSY))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit" if committed else "do_begin", unheard)
        with pytest.raises(Unavailable) as caught:
            store.add(NEW, id="a", now=NOW)

    assert (type(caught.value), caught.value.code) == (error, "unavailable")
    assert (store.get("a") is not None) is committed


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("the answer was lost")
    error.sqlite_errorcode = code
    return error
