from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.evidence import RowFilter, StoredRow, UpdateRun, VoiceRow
from core.types import Label
from db.labels import add_label
from db.store import AnalysisStore
from db.training_rows import TrainingRows
from db.update_runs import UpdateRuns
from tests.integration.db.conftest import stored

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def add(store: AnalysisStore, id: str, **changes: Any) -> None:
    row = {"user_id": "user-1", "audio_file": "site-1/a.wav", "created_date": NOW, "content": "안녕하세요".encode()}
    stored(store, {"id": id, **row, **changes})


def ids(found: list[StoredRow]) -> list[str]:
    return [row.id for row in found]


def test_finished_rows_come_page_by_page_and_no_others(store: AnalysisStore) -> None:
    for id in ("c", "a", "b"):
        add(store, id)
    for id, status in (("d", "failed"), ("e", "queued"), ("f", "cancelled")):
        add(store, id, status=status)
    rows = TrainingRows(store)
    assert ids(rows.page(RowFilter(), after="", limit=2)) == ["a", "b"]
    assert ids(rows.page(RowFilter(), after="b", limit=2)) == ["c"]
    assert rows.page(RowFilter(), after="c", limit=2) == []
    assert rows.count(RowFilter()) == 3


def test_a_row_carries_what_can_be_learned_from_it(store: AnalysisStore) -> None:
    add(store, "a", disdata=2, reroll=1, mfcc=0)
    for day, label in ((1, 0), (3, 1)):
        stamp = NOW + timedelta(days=day)
        store.write(
            lambda connection, day=day, label=label, stamp=stamp: add_label(  # type: ignore[misc]
                connection, Label(str(day), "a", label, None, None, stamp)
            )
        )
    (row,) = TrainingRows(store).page(RowFilter(), after="", limit=10)
    assert row == StoredRow("a", "안녕하세요".encode(), 1, 1, 2, 0, NOW, NOW + timedelta(days=3))


def test_rows_whose_voice_was_judged_come_with_where_their_sound_lies(store: AnalysisStore) -> None:
    add(store, "a", duration_s=9.5, uploaded=1)
    add(store, "b")
    add(store, "c", status="failed")
    for id in "abc":
        for day, voice in ((1, 1), (2, None)):
            given = Label(f"{id}{day}", id, 1, None, None, NOW + timedelta(days=day), None if id == "b" else voice)
            store.write(lambda connection, given=given: add_label(connection, given))  # type: ignore[misc]
    rows = TrainingRows(store)
    expected = VoiceRow("a", 1, "site-1/a.wav", True, 9.5, NOW, NOW + timedelta(days=1))
    assert rows.voice_page(RowFilter(), after="", limit=10) == [expected]
    assert rows.voice_page(RowFilter(), after="a", limit=10) == []
    assert (rows.voice_count(RowFilter()), rows.voice_count(RowFilter(user_id="user-2"))) == (1, 0)


def test_a_row_that_nobody_labelled_has_no_date_of_it(store: AnalysisStore) -> None:
    add(store, "a", content=None)
    (row,) = TrainingRows(store).page(RowFilter(), after="", limit=10)
    assert (row.content, row.label, row.labelled_date) == (None, None, None)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (RowFilter(user_id="user-2"), ["b"]),
        (RowFilter(user_id="USER-2"), []),
        (RowFilter(since=NOW + timedelta(days=1)), ["b", "c"]),
        (RowFilter(until=NOW + timedelta(days=1)), ["a"]),
        (RowFilter(since=NOW, until=NOW + timedelta(days=2)), ["a", "b"]),
        (RowFilter(source="site-1/"), ["a", "b"]),
        (RowFilter(source="site_1/"), []),
        (RowFilter(source="%"), []),
        (RowFilter(user_id="user-1", source="site-2/"), ["c"]),
    ],
)
def test_filters_choose_rows_exactly(store: AnalysisStore, wanted: RowFilter, expected: list[str]) -> None:
    add(store, "a")
    add(store, "b", user_id="user-2", created_date=NOW + timedelta(days=1))
    add(store, "c", audio_file="site-2/c.wav", created_date=NOW + timedelta(days=2))
    rows = TrainingRows(store)
    assert ids(rows.page(wanted, after="", limit=10)) == expected
    assert rows.count(wanted) == len(expected)


def test_a_run_is_written_down_once_and_followed_to_its_end(store: AnalysisStore) -> None:
    runs = UpdateRuns(store)
    run = UpdateRun("1", "text", "queued", {"line": "default"}, NOW)
    runs.add(run)
    runs.add(UpdateRun("1", "text", "queued", {"line": "other"}, NOW))
    assert runs.get("1") == run
    runs.begin("1", now=NOW + timedelta(seconds=1))
    begun = runs.get("1")
    assert begun is not None
    assert (begun.status, begun.started_date) == ("running", NOW + timedelta(seconds=1))
    runs.end("1", failed=False, code=3, summary="후보", version="v", report={"a": [1]}, now=NOW + timedelta(seconds=2))
    ended = runs.get("1")
    assert ended is not None
    assert (ended.status, ended.exit_code, ended.summary) == ("done", 3, "후보")
    assert (ended.version, ended.report, ended.finished_date) == ("v", {"a": [1]}, NOW + timedelta(seconds=2))
    assert runs.get("2") is None
