"""Numbers on SQLite and on MariaDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.errors import MoksoriError
from core.records import Month, OfficialNumber
from db.record_store import RecordStore
from db.store import AnalysisStore
from tests.integration.db.conftest import stored
from tests.integration.db.examples import NOW


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
