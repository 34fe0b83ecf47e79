"""Labels on SQLite and on MariaDB."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.errors import NotFound
from core.records import HistoryFilter
from core.types import Label
from db.record_store import RecordStore
from db.store import AnalysisStore
from db.tables import analysis, analysis_label
from tests.integration.db.conftest import stored
from tests.integration.db.examples import NOW

ALL = HistoryFilter()
DAY = timedelta(days=1)


def label(id: str, analysis_id: str, verdict: int, *, at: datetime = NOW) -> Label:
    return Label(id, analysis_id, verdict, "고객이 확인함", "상담원 1", at)


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


def test_a_verdict_about_the_scam_alone_leaves_the_one_about_the_voice(
    store: AnalysisStore, records: RecordStore
) -> None:
    stored(store, {"id": "a"})
    heard = replace(label("1", "a", 1), voice_label=1)
    records.add_label(heard)
    records.add_label(label("2", "a", 0, at=NOW + DAY))

    row = store.read(lambda connection: connection.execute(analysis.select()).one())
    assert (row.label, row.voice_label) == (0, 1)
    assert (records.labels("a") or ())[1] == heard

    records.add_label(replace(label("3", "a", 0, at=NOW + 2 * DAY), voice_label=0))
    assert store.read(lambda connection: connection.execute(analysis.select()).one()).voice_label == 0


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
