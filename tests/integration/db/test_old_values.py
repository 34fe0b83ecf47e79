"""What becomes of the values of an earlier system: numbers, grades, dates and Korean in every encoding."""

from __future__ import annotations

import pytest

from db.store import AnalysisStore
from tests.integration.db.old_database import KOREAN, OldDatabase


@pytest.fixture
def sql(empty_database_url: str) -> OldDatabase:
    return OldDatabase(empty_database_url)


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [
        ("BIGINT", 1012345678, "01012345678"),
        ("BIGINT", 212345678, "0212345678"),
        ("INT", 21234567, "021234567"),
        ("INT", 15880000, "15880000"),
        ("INT", 112, "112"),
        ("DOUBLE", 1012345678, "01012345678"),
        ("VARCHAR(40)", "+82 10-1234-5678", "01012345678"),
        ("VARCHAR(40)", "0082 (0)2.123.4567", "021234567"),
        ("VARCHAR(40)", "발신번호 없음", "발신번호 없음"),
        ("VARCHAR(40)", "*123#", "*123#"),
        ("VARCHAR(40)", "1" * 40, "1" * 32),
    ],
)
def test_a_number_is_found_by_its_digits_and_the_original_is_kept(
    sql: OldDatabase, kind: str, written: object, number: str
) -> None:
    sql(f"CREATE TABLE analysis (declaration {kind}) CHARSET utf8mb4", "INSERT INTO analysis VALUES (NULL)")
    sql("INSERT INTO analysis VALUES (:written)", written=written)
    sql.migrate()

    (row,) = sql("SELECT * FROM analysis WHERE declaration <> ''")

    assert row.declaration == number
    assert getattr(row, "legacy_declaration", row.declaration) == (written if number != str(written) else number)


@pytest.mark.parametrize(
    ("kind", "written", "grade", "status"),
    [
        ("FLOAT", 2.0, 2, "done"),
        ("FLOAT", 0.75, None, "done"),
        ("VARCHAR(10)", " 1 ", 1, "done"),
        ("VARCHAR(10)", "위험", None, "done"),
        ("VARCHAR(10)", "", None, "failed"),
        ("DECIMAL(5,2)", 1, 1, "done"),
        ("INT", 9, None, "done"),
        ("INT", 0, 0, "done"),
    ],
)
def test_a_result_that_is_no_grade_is_kept_beside(
    sql: OldDatabase, kind: str, written: object, grade: int | None, status: str
) -> None:
    sql(f"CREATE TABLE analysis (disdata {kind}) CHARSET utf8mb4")
    sql("INSERT INTO analysis VALUES (:written)", written=written)
    sql.migrate()

    (row,) = sql("SELECT * FROM analysis")

    assert (row.disdata, row.status) == (grade, status)
    assert getattr(row, "legacy_disdata", None) == (written if grade is None and written else None)


@pytest.mark.parametrize(
    ("kind", "written", "moment"),
    [
        ("VARCHAR(30)", "2024-05-06T07:08", "2024-05-06 07:08:00"),
        ("VARCHAR(30)", "어제", None),
        ("INT", 1714979289, "2024-05-06 07:08:09"),
        ("DATE", "2024-05-06", "2024-05-06 00:00:00"),
        ("DATETIME", "0000-00-00 00:00:00", None),
    ],
)
def test_dates_of_every_kind_are_read_and_others_kept_beside(
    sql: OldDatabase, kind: str, written: object, moment: str | None
) -> None:
    sql(f"CREATE TABLE analysis (created_date {kind}) CHARSET utf8mb4")
    sql("INSERT INTO analysis VALUES (:written)", written=written)
    sql.migrate()

    (row,) = sql("SELECT * FROM analysis")

    assert str(row.created_date)[:19] == moment or (moment is None and str(row.created_date) > "2026")
    assert getattr(row, "legacy_created_date", None) == ("어제" if written == "어제" else None)


@pytest.mark.parametrize("content", [KOREAN.encode(), KOREAN.encode("cp949")])
def test_korean_bytes_of_a_latin1_table_are_read(sql: OldDatabase, content: bytes) -> None:
    sql("CREATE TABLE analysis (id AUTO, user_id VARCHAR(90), content TEXT, disdata INT) CHARSET latin1")
    raw, user = content.hex(), "사용자".encode().hex()
    as_text = f"CAST(X'{user}' AS CHAR)" if sql.is_sqlite else f"X'{user}'"
    sql(f"INSERT INTO analysis (user_id, content, disdata) VALUES ({as_text}, X'{raw}', 2), ('é', 'plain', 0)")
    store = AnalysisStore(sql.url)
    store.migrate()

    stored = [store.get(row.id) for row in sql("SELECT id FROM analysis ORDER BY legacy_id")]
    store.close()

    assert [(one.user_id, one.transcript) for one in stored if one] == [("사용자", KOREAN), ("é", "plain")]


def test_a_timestamp_is_taken_over_in_utc(sql: OldDatabase) -> None:
    if sql.is_sqlite:
        pytest.skip("SQLite has no type that knows its zone")
    sql("CREATE TABLE analysis (created_date TIMESTAMP)", "INSERT INTO analysis VALUES ('2024-05-06 16:08:09')")
    sql.migrate()
    assert str(sql("SELECT created_date FROM analysis")[0][0]) == "2024-05-06 07:08:09"
