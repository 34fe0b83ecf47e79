"""A table ``analysis`` that an earlier system filled is taken over with every row and value."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask.testing import FlaskClient
from sqlalchemy import Connection

from app import create_app
from core.errors import ConfigurationError
from core.settings import ROOT, Settings
from db import rerolls
from db.engine import make_engine
from db.job_store import JobStore
from db.migrate import upgrade
from db.migrations import adopt
from db.store import AnalysisStore
from db.tables import metadata
from tests.integration.db.old_database import KOREAN, OldDatabase

ROWS = [
    {
        "u": "사용자-1",
        "d": "010-1234-5678",
        "f": "통화/1.m4a",
        "c": KOREAN,
        "t": 2,
        "v": 0,
        "r": 1,
        "m": "2024-05-06 07:08:09",
    },
    {"u": "사용자-1", "d": "01012345678", "f": "2.m4a", "c": None, "t": None, "v": None, "r": None, "m": None},
]


@pytest.fixture
def sql(empty_database_url: str) -> OldDatabase:
    return OldDatabase(empty_database_url)


def fill(
    sql: OldDatabase, columns: str = "user_id, declaration, audio_file, content, disdata, mfcc, reroll, created_date"
) -> None:
    for row in ROWS:
        sql(f"INSERT INTO analysis ({columns}) VALUES (:u, :d, :f, :c, :t, :v, :r, :m)", **row)


@pytest.fixture
def client(sql: OldDatabase, tmp_path: Path) -> Callable[[], FlaskClient]:
    def start() -> FlaskClient:
        settings = Settings(database_url=sql.url, audio_root=tmp_path, data_dir=tmp_path, stt_engine="null")
        return create_app(settings).test_client()

    return start


def table(charset: str = "utf8mb3", key: str = "id AUTO, ") -> str:
    return (
        f"CREATE TABLE analysis ({key}user_id VARCHAR(50), declaration VARCHAR(20), audio_file VARCHAR(300),"
        f" content TEXT, disdata INT, mfcc INT, reroll INT, created_date DATETIME) CHARSET {charset}"
    )


@pytest.mark.parametrize("charset", ["utf8mb3", "euckr", "utf8mb4"])
def test_every_row_is_taken_over_and_answered(
    sql: OldDatabase, client: Callable[[], FlaskClient], charset: str
) -> None:
    sql(table(charset))
    fill(sql)

    http = client()

    items = http.get("/api/v1/analyses?user_id=사용자-1&declaration=010 1234 5678").get_json()["items"]
    ids = {item["audio_file"]: item["id"] for item in items}
    assert ids.keys() == {"통화/1.m4a", "2.m4a"}
    done, failed = (http.get(f"/api/v1/analyses/{ids[row['f']]}").get_json() for row in ROWS)
    assert {str(uuid.UUID(id)) for id in ids.values()} == set(ids.values())
    assert (done["status"], done["progress"], done["error"], done["warnings"]) == ("done", 100, None, ["adopted"])
    assert (done["predict1"], done["predict2"], done["reroll"]) == (2, 0, 1)
    assert (done["transcript"], done["created_date"]) == (KOREAN, "2024-05-06T07:08:09.000+00:00")
    assert (failed["status"], failed["error"]["code"]) == ("failed", "adopted_without_result")
    assert datetime.now(UTC) - datetime.fromisoformat(failed["created_date"]) < timedelta(minutes=5)
    assert http.get("/api/v1/numbers/01012345678").get_json()["reports"] == 2
    kept = sql("SELECT legacy_id, legacy_declaration FROM analysis ORDER BY legacy_id")
    assert [tuple(row) for row in kept] == [(1, "010-1234-5678"), (2, "01012345678")]


def test_a_second_migration_changes_nothing(sql: OldDatabase) -> None:
    sql(table())
    fill(sql)
    sql.migrate()
    once = sql.dump()

    sql.migrate()

    assert sql.dump() == once
    assert len(once[0]) == 2 + 1
    assert not {adopt.NEW_TABLE, adopt.OLD_TABLE} & once[1]


def test_the_table_is_ours_but_for_what_is_kept_beside(sql: OldDatabase) -> None:
    sql(table())
    fill(sql)
    engine = make_engine(sql.url)
    upgrade(engine)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert {(kind, column.name) for kind, _, _, column in differences} == {
        ("remove_column", "legacy_id"),
        ("remove_column", "legacy_declaration"),
    }


def test_nothing_taken_over_is_queued_and_new_rows_are(sql: OldDatabase) -> None:
    sql(table())
    fill(sql)
    store = AnalysisStore(sql.url)
    store.migrate()
    jobs = JobStore(store, lease_s=60.0, courier_s=60.0)

    assert jobs.claim_next() is None
    sql("INSERT INTO analysis (user_id, declaration, audio_file, status) VALUES ('u', '112', 'f', 'queued')")
    assert jobs.claim_next() is not None
    # What the earlier system judged can be judged again by a model of today.
    assert store.read(lambda connection: rerolls.count_outdated(connection, "today")) == 1
    store.close()


def test_the_page_for_operators_says_how_to_queue_a_call_without_a_result(sql: OldDatabase) -> None:
    page = (ROOT / "docs" / "MIGRATION.md").read_text("utf-8")
    queue, *_ = re.findall(r"```sql\n(.*?);\n```", page, re.DOTALL)
    sql(table())
    fill(sql)
    store = AnalysisStore(sql.url)
    store.migrate()

    sql(queue)
    claim = JobStore(store, lease_s=60.0, courier_s=60.0).claim_next()

    assert claim is not None
    assert claim.new.audio_file == "2.m4a"
    store.close()


def test_a_table_of_few_columns_and_no_key_is_enough(sql: OldDatabase) -> None:
    sql("CREATE TABLE analysis (User_ID VARCHAR(50), audio_file TEXT)")
    sql("INSERT INTO analysis VALUES ('u', 'a'), ('u', 'a'), (NULL, NULL)")
    sql.migrate()

    rows = sql("SELECT id, user_id, declaration, audio_file, status FROM analysis ORDER BY user_id")

    assert [tuple(row)[1:] for row in rows] == [
        ("", "", "", "failed"),
        ("u", "", "a", "failed"),
        ("u", "", "a", "failed"),
    ]
    assert len({row.id for row in rows}) == 3


def test_an_empty_table_is_taken_over(sql: OldDatabase) -> None:
    sql("CREATE TABLE analysis (id AUTO, user_id INT)")
    sql.migrate()
    assert sql("SELECT * FROM analysis") == []


def test_columns_we_do_not_know_are_kept_and_never_in_our_way(sql: OldDatabase) -> None:
    sql("CREATE TABLE analysis (user_id VARCHAR(9), memo VARCHAR(99) NOT NULL, status INT, label TEXT) CHARSET utf8mb4")
    sql("INSERT INTO analysis VALUES ('u', '메모', 7, 'x')")
    sql.migrate()

    (row,) = sql("SELECT memo, legacy_status, legacy_label, status, label FROM analysis")

    assert tuple(row) == ("메모", 7, "x", "failed", None)
    sql("INSERT INTO analysis (user_id, declaration, audio_file, status) VALUES ('u', '112', 'f', 'queued')")


def test_ids_that_are_uuids_stay(sql: OldDatabase) -> None:
    ids = sorted(str(uuid.uuid4()) for _ in range(2))
    sql("CREATE TABLE analysis (id VARCHAR(40) PRIMARY KEY)", f"INSERT INTO analysis VALUES ('{ids[0]}'), ('{ids[1]}')")
    sql.migrate()
    assert [row.id for row in sql("SELECT id FROM analysis ORDER BY id")] == ids


def test_a_death_at_any_step_loses_nothing(sql: OldDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        """Stands for a killed process."""

    def die(connection: Connection, *arguments: object) -> int:
        raise Died

    sql(table())
    fill(sql)
    for step in ("_count", "tidy"):
        with monkeypatch.context() as patch:
            patch.setattr(adopt, step, die)
            with pytest.raises(Died):
                sql.migrate()
        assert sql("SELECT count(*) FROM analysis")[0][0] == 2
    sql.migrate()

    rows, tables = sql.dump()
    assert len(rows) == 2 + 1
    assert not {adopt.NEW_TABLE, adopt.OLD_TABLE} & tables


def test_a_table_that_others_refer_to_is_left_alone(sql: OldDatabase) -> None:
    sql("CREATE TABLE analysis (id AUTO, user_id VARCHAR(9))", "INSERT INTO analysis (user_id) VALUES ('u')")
    sql("CREATE TABLE memo (call_id INT, FOREIGN KEY (call_id) REFERENCES analysis (id))")
    try:
        with pytest.raises(ConfigurationError, match="memo"):
            sql.migrate()
        assert [tuple(row) for row in sql("SELECT * FROM analysis")] == [(1, "u")]
    finally:
        sql("DROP TABLE memo")
