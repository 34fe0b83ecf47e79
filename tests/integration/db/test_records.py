"""The history on SQLite and on MariaDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from core.records import HistoryFilter, Position
from core.types import Status
from db.record_store import RecordStore
from db.store import AnalysisStore
from tests.integration.db.conftest import stored
from tests.integration.db.examples import NOW

ALL = HistoryFilter()
DAY = timedelta(days=1)


def walk(records: RecordStore, wanted: HistoryFilter = ALL, *, size: int = 2) -> list[str]:
    ids: list[str] = []
    after: Position | None = None
    while len(ids) < 50:
        page = records.page(wanted, size=size, after=after)
        ids += [item.id for item in page.items]
        after = page.end
        if after is None:
            break
    return ids


def test_pages_are_newest_first_and_ties_keep_their_order(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, *({"id": id} for id in "acbed"), {"id": "z", "created_date": NOW - DAY})

    assert walk(records, size=2) == walk(records, size=1) == ["e", "d", "c", "b", "a", "z"]
    assert [item.id for item in records.page(ALL, size=2, skip=2).items] == ["c", "b"]


def test_a_walk_neither_repeats_nor_misses_a_row_while_rows_come_and_go(
    store: AnalysisStore, records: RecordStore
) -> None:
    stored(store, *({"id": str(number), "created_date": NOW - number * DAY} for number in range(6)))
    first = records.page(ALL, size=2)

    stored(store, {"id": "new", "created_date": NOW + DAY})
    store.remove("1")  # the row at whose place the first page ended
    second = records.page(ALL, size=2, after=first.end)

    assert [item.id for item in (*first.items, *second.items)] == ["0", "1", "2", "3"]


def test_a_full_last_page_has_no_next(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, {"id": "a"}, {"id": "b"})

    assert records.page(ALL, size=2).end is None
    assert records.page(ALL, size=1).end is not None


@pytest.mark.parametrize("written", ["2026-03-01", "2026-03-01 00:00", "2026-03-01 00:00:00"])
def test_dates_that_other_programs_wrote_are_walked_over_once_and_filtered(
    store: AnalysisStore, records: RecordStore, written: str
) -> None:
    stored(store, {"id": "before", "created_date": datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)})
    columns = "(id, user_id, declaration, audio_file, status, created_date)"
    insertion = text(f"INSERT INTO analysis {columns} VALUES (:id, 'u', '112', 'f', 'done', '{written}')")
    store.write(lambda connection: connection.execute(insertion, [{"id": "a"}, {"id": "b"}]))
    midnight = datetime(2026, 3, 1, tzinfo=UTC)

    assert walk(records, size=1) == ["b", "a", "before"]
    assert walk(records, HistoryFilter(since=midnight)) == ["b", "a"]
    assert walk(records, HistoryFilter(until=midnight)) == ["before"]


def test_every_filter_chooses_its_rows(store: AnalysisStore, records: RecordStore) -> None:
    stored(
        store,
        {"id": "a"},
        {"id": "b", "user_id": "Kim"},
        {"id": "c", "user_id": "kim", "declaration": "01012345678"},
        {"id": "d", "disdata": 2},
        {"id": "e", "disdata": 0, "status": "failed"},
        {"id": "f", "created_date": NOW - DAY},
    )
    chosen = {
        "b": HistoryFilter(user_id="Kim"),
        "c": HistoryFilter(user_id="kim", declaration="01012345678"),
        "d": HistoryFilter(grade=2),
        "e": HistoryFilter(grade=0, status=Status.FAILED),
        "f": HistoryFilter(until=NOW),
        "edcba": HistoryFilter(since=NOW, until=NOW + DAY),
        "": HistoryFilter(since=NOW, until=NOW),
    }

    assert {"".join(walk(records, wanted)): wanted for wanted in chosen.values()} == chosen


def test_a_summary_reads_no_transcript_and_survives_a_status_of_others(
    store: AnalysisStore, records: RecordStore
) -> None:
    statements: list[str] = []
    stored(store, {"id": "a", "content": b"\xff not UTF-8", "disdata": 1, "mfcc": 0, "reroll": 2, "status": "imported"})
    event.listen(store._own_engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))

    (summary,) = records.page(ALL, size=1).items

    assert (summary.status, summary.predict1, summary.predict2, summary.reroll) == ("failed", 1, 0, 2)
    assert summary.created_date == NOW
    selected = " ".join(statements)
    assert "audio_file" in selected
    assert not any(column in selected for column in ("content", "text_result", "voice_result"))
