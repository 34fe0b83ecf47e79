"""What a user's calls were, counted on SQLite and on MariaDB."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from core.types import TextResult
from db import serialise
from db.guidance import GuidanceStore, Seen
from db.store import AnalysisStore
from tests.integration.db.conftest import stored


def text(scam_type: str | None) -> str:
    return serialise.text_to_json(TextResult(score=0.9, grade=2, scam_type=scam_type))


def test_finished_calls_of_the_user_are_counted_by_grade_and_type(store: AnalysisStore) -> None:
    stored(
        store,
        {"id": "a", "disdata": 2, "text_result": text('대출 "빙자" 😀')},
        {"id": "b", "disdata": 2, "text_result": text('대출 "빙자" 😀')},
        {"id": "c", "disdata": 0, "text_result": text(None)},
        {"id": "d", "disdata": None, "text_result": None},
        {"id": "e", "disdata": 1, "text_result": "not JSON"},
        {"id": "f", "disdata": 2, "text_result": text("투자"), "status": "running"},
        {"id": "g", "disdata": 2, "text_result": text("투자"), "user_id": "U"},
    )
    found = GuidanceStore(store).seen("u")
    assert set(found) == {Seen(2, '대출 "빙자" 😀', 2), Seen(0, None, 1), Seen(None, None, 1), Seen(1, None, 1)}
    assert len(found) == 4
    assert list(GuidanceStore(store).seen("nobody")) == []


def test_no_transcript_is_read_and_the_index_of_the_user_is_used(store: AnalysisStore) -> None:
    stored(store, {"id": "a", "disdata": 2, "text_result": text("투자"), "content": "비밀".encode()})
    statements: list[tuple[str, object]] = []
    engine = store._own_engine()

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    GuidanceStore(store).seen("u")

    (statement, parameters) = statements[-1]
    assert "content" not in statement
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(explain + statement, parameters).all())  # type: ignore[arg-type]
    assert "ix_analysis_history_user" in plan


@pytest.mark.parametrize("type_", ["null", '"quoted"', "123", "[]"])
def test_a_type_that_looks_like_json_is_read_as_it_was_written(store: AnalysisStore, type_: str) -> None:
    stored(store, {"id": "a", "disdata": 2, "text_result": text(type_)})
    (found,) = GuidanceStore(store).seen("u")
    assert found.scam_type == type_
