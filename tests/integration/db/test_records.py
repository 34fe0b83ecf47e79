"""History, labels and numbers on SQLite and on MariaDB."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from core.errors import MoksoriError, NotFound
from core.records import HistoryFilter, Label, Month, OfficialNumber, Position
from core.types import Status
from db.record_store import RecordStore
from db.store import AnalysisStore
from db.tables import analysis, analysis_label
from tests.integration.db.examples import NOW

ALL = HistoryFilter()
DAY = timedelta(days=1)
CALL = {"user_id": "u", "declaration": "112", "audio_file": "a.m4a", "status": "done", "progress": 100, "attempts": 1}


@pytest.fixture
def records(store: AnalysisStore) -> RecordStore:
    return RecordStore(store)


def stored(store: AnalysisStore, *rows: dict[str, Any]) -> None:
    """Insert finished calls; each row says what is not as in CALL."""
    store.write(
        lambda connection: [
            connection.execute(insert(analysis).values({**CALL, "created_date": NOW, **row})) for row in rows
        ]
    )


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


def label(id: str, analysis_id: str, verdict: int, *, at: datetime = NOW) -> Label:
    return Label(id, analysis_id, verdict, "고객이 확인함", "상담원 1", at)


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

    assert (summary.status, summary.predict1, summary.predict2, summary.reroll) == ("imported", 1, 0, 2)
    assert summary.created_date == NOW
    selected = " ".join(statements)
    assert "audio_file" in selected
    assert not any(column in selected for column in ("content", "text_result", "voice_result"))


def test_labels_are_kept_and_the_newest_counts(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, {"id": "a"}, {"id": "b"})
    first, second = label("1", "a", 1), label("2", "a", 0, at=NOW + DAY)

    records.add_label(first)
    assert records.page(HistoryFilter(), size=2).items[1].label == 1
    records.add_label(second)

    assert records.labels("a") == (second, first)
    assert [item.label for item in records.page(ALL, size=2).items] == [None, 0]
    assert records.labels("b") == ()


def test_a_label_that_is_stored_twice_is_there_once(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, {"id": "a"})
    records.add_label(label("1", "a", 1))
    records.add_label(label("2", "a", 0, at=NOW + DAY))

    records.add_label(label("1", "a", 1))

    assert [one.id for one in records.labels("a") or ()] == ["2", "1"]
    assert records.page(ALL, size=1).items[0].label == 0


def test_an_unknown_analysis_has_no_labels(records: RecordStore) -> None:
    with pytest.raises(NotFound):
        records.add_label(label("1", "nobody", 1))
    assert records.labels("nobody") is None


def test_labels_go_with_their_analysis(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, {"id": "a"}, {"id": "b"})
    records.add_label(label("1", "a", 1))
    records.add_label(label("2", "b", 1))

    store.remove("a")

    assert store.read(lambda connection: connection.execute(analysis_label.select()).one()).analysis_id == "b"


def test_people_who_label_at_once_leave_the_newest_in_the_row(store: AnalysisStore, records: RecordStore) -> None:
    stored(store, {"id": "a"})
    start = threading.Barrier(6)

    def work(number: int) -> None:
        start.wait()
        records.add_label(label(str(number), "a", number % 2, at=NOW + number * DAY))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one.id for one in records.labels("a") or ()] == ["5", "4", "3", "2", "1", "0"]
    assert records.page(ALL, size=1).items[0].label == 1


def test_a_number_is_counted_by_grade_month_reporter_and_label(store: AnalysisStore, records: RecordStore) -> None:
    stored(
        store,
        {"id": "a", "disdata": 2, "label": 1, "created_date": datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)},
        {"id": "b", "disdata": 2, "user_id": "v", "created_date": datetime(2026, 2, 1, tzinfo=UTC)},
        {"id": "c", "disdata": 0, "label": 0},
        {"id": "d", "status": "queued"},
        {"id": "e", "disdata": 7},
        {"id": "other", "declaration": "1120", "disdata": 2},
    )

    found = records.number("112")

    assert (found.reports, found.distinct_reporters, found.labelled_scam, found.labelled_normal) == (5, 2, 1, 1)
    assert found.by_grade == {0: 1, 1: 0, 2: 2, None: 2}
    assert found.by_month == (Month("2026-01", 1, 1), Month("2026-02", 1, 1), Month("2026-03", 3, 0))
    assert found.first_seen == datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert (found.last_seen, found.official) == (NOW, None)


def test_only_the_last_24_months_are_listed(store: AnalysisStore, records: RecordStore) -> None:
    months = [datetime(2024 + number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(30)]
    stored(store, *({"id": str(number), "created_date": month} for number, month in enumerate(months)))

    listed = [month.month for month in records.number("112").by_month]

    assert (len(listed), listed[0], listed[-1]) == (24, "2024-07", "2026-06")


def test_a_number_never_reported_is_zeros(records: RecordStore) -> None:
    found = records.number("0212345678")

    assert (found.reports, found.distinct_reporters, found.labelled_scam, found.by_month) == (0, 0, 0, ())
    assert (found.first_seen, found.last_seen) == (None, None)
    assert set(found.by_grade.values()) == {0}


def test_the_official_list_is_replaced_as_a_whole(records: RecordStore) -> None:
    police = OfficialNumber("112", "경찰청", "https://www.police.go.kr", date(2026, 3, 1))
    bank = OfficialNumber("0215991234", "어느 은행", "은행 안내문", date(2026, 2, 1))
    records.replace_official([police, bank])
    assert records.number("112").official == police

    records.replace_official([replace(bank, name="다른 은행")])

    assert records.number("112").official is None
    assert records.number(bank.declaration).official == replace(bank, name="다른 은행")


def test_a_list_that_is_refused_leaves_the_old_one(store: AnalysisStore, records: RecordStore) -> None:
    police = OfficialNumber("112", "경찰청", "s", date(2026, 3, 1))
    records.replace_official([police])

    with pytest.raises(MoksoriError, match="refused"):
        records.replace_official([replace(police, declaration="113"), replace(police, declaration="113")])

    assert records.number("112").official == police
