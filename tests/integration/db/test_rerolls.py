import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from core.errors import NotFound
from core.settings import ROOT, Settings
from core.types import CallResult, Segment, TextResult
from db import rerolls
from db.job_store import JobStore
from db.serialise import text_to_json
from db.store import AnalysisStore
from db.tables import analysis
from models.registry import open_version
from models.text.loading import load_text_model
from pipeline.text import join_transcript, score_text
from service.reroll import BATCH, Reroll
from tests.integration.db.conftest import stored
from tests.integration.db.examples import LATER, NEW, NOW, RESULT, claimed
from wiring import build_reroll

CALL = (
    "여보세요, 서울중앙지검 수사관입니다. 고객님 명의로 대포통장이 나왔습니다.",
    "지금 바로 안전계좌로 돈을 옮기셔야 합니다. 은행 직원에게는 말씀하지 마세요.",
    "",
    "네, 알겠습니다\u2028어디로 보내면 되나요?",
)
SEGMENTS = tuple(Segment(10.0 * i, 10.0 * i + 9.0, line, 0.9) for i, line in enumerate(CALL))
TRANSCRIPT = join_transcript(SEGMENTS)
KOREAN = TRANSCRIPT.replace("\u2028", " ")
UNTOUCHED = [c for c in analysis.c if c.name not in {"reroll", "reroll_version", "reroll_date"}]


@pytest.fixture
def service(store: AnalysisStore) -> Reroll:
    """The whole of it: this database, the shipped models."""
    return build_reroll(Settings(), store)


@pytest.fixture(scope="module")
def active() -> Any:
    return load_text_model(open_version(ROOT / "models" / "store", "text"))


def add(store: AnalysisStore, id: str, content: bytes | None, **values: Any) -> None:
    """Insert a finished row as an earlier release or an import left it."""
    row = {"user_id": NEW.user_id, "declaration": NEW.declaration, "disdata": 0, "text_version": "earlier"}
    stored(store, {"id": id, "content": content, **row, **values})


def columns(store: AnalysisStore, id: str, *wanted: Any) -> tuple[Any, ...]:
    return tuple(store.read(lambda connection: connection.execute(select(*wanted).where(analysis.c.id == id)).one()))


def grades(store: AnalysisStore) -> dict[str, int | None]:
    return dict(store.read(lambda c: c.execute(select(analysis.c.id, analysis.c.reroll)).all()))  # type: ignore[arg-type]


def pass_over(service: Reroll, limit: int | None = None) -> Any:
    return service.outdated(limit=limit, report=lambda done, total: None)


def test_the_same_transcript_and_version_give_the_score_of_the_analysis(
    store: AnalysisStore, jobs: JobStore, service: Reroll, active: Any
) -> None:
    first = score_text(SEGMENTS, active)
    result = CallResult(60.0, TRANSCRIPT, SEGMENTS, first, RESULT.voice)
    jobs.finish(claimed(store, jobs), result, owes_reports=False)

    [item] = service.pair(NEW.user_id, NEW.declaration).items

    assert first.score is not None
    assert item.new is not None
    assert (item.new.score, item.new.grade, item.new.model_version) == (first.score, first.grade, active.version)
    assert (item.old.score, item.old.grade, item.old.model_version) == (first.score, first.grade, active.version)
    assert store.get("a").reroll == first.grade  # type: ignore[union-attr]


@pytest.mark.parametrize("earlier", [{}, {"reroll": 2, "reroll_version": "earlier", "reroll_date": NOW}])
def test_a_call_that_was_hardly_understood_is_not_graded_by_any_model(
    store: AnalysisStore, service: Reroll, earlier: dict[str, Any]
) -> None:
    refused = text_to_json(TextResult(model_version="earlier", reason="low_confidence"))
    add(store, "a", KOREAN.encode(), disdata=None, text_result=refused, **earlier)
    add(store, "b", KOREAN.encode(), text_result=text_to_json(TextResult(score=0.2, grade=0)))

    summary = pass_over(service)

    assert (summary.rescored, summary.not_judged, grades(store)) == (2, 1, {"a": None, "b": 2})
    items = service.pair(NEW.user_id, NEW.declaration).items
    assert [item.new.reason for item in items if item.new] == ["low_confidence", None]


def test_nothing_but_the_three_columns_changes(store: AnalysisStore, jobs: JobStore, service: Reroll) -> None:
    jobs.finish(claimed(store, jobs), dataclasses.replace(RESULT, transcript=KOREAN), owes_reports=False)
    before = columns(store, "a", *UNTOUCHED)

    answer = service.pair(NEW.user_id, NEW.declaration)

    assert columns(store, "a", *UNTOUCHED) == before
    grade, version, moment = columns(store, "a", analysis.c.reroll, analysis.c.reroll_version, analysis.c.reroll_date)
    assert (grade, version) == (2, answer.model_version)
    assert moment > NOW


def test_the_old_verdict_is_that_of_the_analysis_and_then_of_the_last_reroll(
    store: AnalysisStore, service: Reroll
) -> None:
    add(store, "a", KOREAN.encode(), disdata=1, text_result='{"score": 0.5, "grade": 1}')
    add(store, "b", "네".encode())

    old = [[item.old for item in service.pair(NEW.user_id, NEW.declaration).items] for _ in range(2)]

    version = columns(store, "a", analysis.c.reroll_version)[0]
    assert old[0] == [rerolls.Verdict(1, 0.5, "earlier"), rerolls.Verdict(0, None, "earlier")]
    assert old[1] == [rerolls.Verdict(2, None, version), rerolls.Verdict(None, None, version)]


def test_old_rows_are_read_in_utf_8_and_cp949_and_others_left_alone(store: AnalysisStore, service: Reroll) -> None:
    contents = {"a": KOREAN.encode(), "b": KOREAN.encode("cp949"), "c": KOREAN.encode("utf-16"), "d": None, "e": b""}
    for id, content in contents.items():
        add(store, id, content)

    items = service.pair(NEW.user_id, NEW.declaration).items

    told = [item.error.code if item.error else item.new and (item.new.grade, item.new.reason) for item in items]
    assert told == [(2, None), (2, None), "undecodable", "no_transcript", (None, "no_speech")]
    assert len({item.new.score for item in items[:2] if item.new}) == 1
    assert grades(store) == {"a": 2, "b": 2, "c": None, "d": None, "e": None}
    dates = [columns(store, id, analysis.c.reroll_date)[0] is None for id in contents]
    assert dates == [False, False, True, True, False]


def test_sqlite_may_hold_text_instead_of_bytes(store: AnalysisStore, service: Reroll, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("a column of MariaDB has one type")
    for id, content in {"a": KOREAN.encode(), "b": KOREAN.encode("cp949")}.items():
        add(store, id, content)
    store.write(lambda connection: connection.execute(text("UPDATE analysis SET content = CAST(content AS TEXT)")))

    assert [item.new and item.new.grade for item in service.pair(NEW.user_id, NEW.declaration).items] == [2, 2]


def test_only_finished_rows_of_exactly_this_pair_are_touched(store: AnalysisStore, service: Reroll) -> None:
    others = {
        "user": {"user_id": "Kim"},
        "case": {"user_id": "kim"},
        "number": {"declaration": "01000000001"},
        "failed": {"status": "failed"},
        "queued": {"status": "queued"},
    }
    for id, values in others.items():
        add(store, id, KOREAN.encode(), **values)
    add(store, "mine", KOREAN.encode())

    assert [item.id for item in service.pair(NEW.user_id, NEW.declaration).items] == ["mine"]
    assert [item.id for item in service.pair("kim", NEW.declaration).items] == ["case"]
    for id in ("user", "failed", "nobody"):
        with pytest.raises(NotFound):
            service.pair(NEW.user_id, NEW.declaration, id=id)
    assert {id for id, grade in grades(store).items() if grade is not None} == {"mine", "case"}


def test_rows_whose_latest_verdict_is_not_by_the_version_are_outdated(store: AnalysisStore) -> None:
    add(store, "a", b"x", text_version="new")
    add(store, "b", b"x", text_version="new", reroll_version="old")
    add(store, "c", b"x", text_version="old", reroll_version="new")
    add(store, "d", b"x", text_version="old")
    add(store, "e", b"x", text_version=None)
    add(store, "f", b"x", text_version="old", status="failed")

    def pages(connection: Connection) -> Iterator[str]:
        after = ""
        while found := rerolls.outdated(connection, "new", after=after, limit=2):
            yield from (row.id for row in found)
            after = found[-1].id

    assert store.read(lambda connection: list(pages(connection))) == ["b", "d", "e"]
    assert store.read(lambda connection: rerolls.count_outdated(connection, "new")) == 3


def test_a_page_is_found_by_id_without_sorting_the_table(store: AnalysisStore, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("the plan of MariaDB depends on what it counted")
    plans: list[str] = []

    def work(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        seen: list[str] = []
        raw.set_trace_callback(seen.append)  # type: ignore[attr-defined]
        rerolls.outdated(connection, "new", after="a", limit=2)
        raw.set_trace_callback(None)  # type: ignore[attr-defined]
        query = next(statement for statement in seen if statement.startswith("SELECT"))
        plans.extend(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))

    store.read(work)
    assert plans == ["SEARCH analysis USING INDEX sqlite_autoindex_analysis_1 (id>?)"]


def test_a_write_that_is_repeated_finds_its_rows_again_and_erased_ones_not(store: AnalysisStore) -> None:
    add(store, "a", b"x")
    for _ in range(2):
        kept = store.write(lambda c: rerolls.write(c, [("a", 2), ("gone", 1)], version="new", now=LATER))
        assert kept == {"a"}
    assert columns(store, "a", analysis.c.reroll, analysis.c.reroll_date) == (2, LATER)


def test_a_pass_over_the_table_ends_and_leaves_only_what_cannot_be_scored(
    store: AnalysisStore, service: Reroll, active: Any
) -> None:
    stored(store, *({"id": f"{n:05}", "content": b"\xff" if n < 5 else b""} for n in range(BATCH + 20)))

    some, rest, again = pass_over(service, limit=3), pass_over(service), pass_over(service)

    assert (some.found, some.rescored, some.undecodable) == (BATCH + 20, 3, 5)
    assert (rest.found, rest.rescored, rest.undecodable) == (BATCH + 17, BATCH + 12, 5)
    assert (again.found, again.rescored, again.undecodable) == (5, 0, 5)
    assert columns(store, "00010", analysis.c.reroll_version) == (active.version,)
