"""Erasing many calls, on SQLite and on MariaDB: rows, chunks, labels and files, and nothing of others."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

import wiring.services
from db.purge import Doomed, PurgeStore
from db.store import AnalysisStore
from db.tables import analysis, analysis_chunk, analysis_label
from scripts import purge as script
from service import purge as module
from service.places import Places
from service.purge import Erased, Purge
from tests.integration.db.conftest import stored
from tests.integration.db.examples import NOW

DAY = timedelta(days=1)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "audio", tmp_path / "uploads", tmp_path / "work", tmp_path / "wav", 1000)


@pytest.fixture
def purge(store: AnalysisStore, places: Places) -> Purge:
    return Purge(rows=PurgeStore(store), places=places, clock=lambda: NOW)


def full(store: AnalysisStore, places: Places, id: str, **more: Any) -> None:
    """A call with everything that can be kept of one."""
    stored(store, {"id": id, "content": b"said", **more})
    segments = {"analysis_id": id, "start_sample": 0, "end_sample": 1, "segments": "[]"}
    labels = [{"id": f"{id}-{n}", "analysis_id": id, "label": 1, "created_date": NOW} for n in range(2)]
    store.write(
        lambda connection: [
            connection.execute(insert(analysis_chunk).values(segments)),
            connection.execute(insert(analysis_label).values(labels)),
        ]
    )
    for path in (places.upload_dir / id, places.wav_dir / f"{id}.wav"):  # type: ignore[operator]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")


def left(store: AnalysisStore) -> dict[str, list[str]]:
    """Ids that are left, by table."""
    columns = {"rows": analysis.c.id, "chunks": analysis_chunk.c.analysis_id, "labels": analysis_label.c.analysis_id}
    return store.read(
        lambda connection: {
            name: sorted(connection.execute(select(column).distinct()).scalars()) for name, column in columns.items()
        }
    )


def files(places: Places) -> list[str]:
    return sorted(
        path.name for path in places.upload_dir.parent.rglob("*") if path.is_file() and "sqlite" not in path.name
    )


def test_old_calls_go_with_everything_and_younger_ones_stay(store: AnalysisStore, purge: Purge, places: Places) -> None:
    full(store, places, "old", created_date=NOW - 31 * DAY)
    full(store, places, "border", created_date=NOW - 30 * DAY)
    full(store, places, "young", created_date=NOW - DAY)
    reported: list[int] = []

    erased = purge.erase(purge.doomed(older_than_days=30), reported.append)

    assert (erased, sum(reported)) == (Erased(analyses=1, chunks=1, labels=2, files=2), 1)
    assert left(store) == {name: ["border", "young"] for name in ("rows", "chunks", "labels")}
    assert files(places) == ["border", "border.wav", "young", "young.wav"]


@pytest.mark.parametrize("other", ["kim", "Kim ", " Kim", "Kim2", "Kím", "K%", "%", "Ki_"])
def test_a_user_is_matched_exactly(store: AnalysisStore, purge: Purge, places: Places, other: str) -> None:
    full(store, places, "mine", user_id="Kim")
    full(store, places, "other", user_id=other)

    assert purge.erase(purge.doomed(user_id="Kim"), lambda _: None).analyses == 1

    assert left(store)["rows"] == ["other"]
    assert purge.count(purge.doomed(user_id="K%" if other != "K%" else "Kim")) == Erased(0, 0, 0, 0)


def test_a_name_typed_in_decomposed_hangul_is_the_same_user(store: AnalysisStore, purge: Purge) -> None:
    stored(store, {"id": "a", "user_id": "\uae40"})
    assert purge.count(purge.doomed(user_id="\u1100\u1175\u11b7")).analyses == 1


def test_counting_says_what_would_go_and_erases_nothing(store: AnalysisStore, purge: Purge, places: Places) -> None:
    full(store, places, "a", status="running")
    full(store, places, "b", user_id="somebody else")
    before = (left(store), files(places))

    assert purge.count(purge.doomed(user_id="u")) == Erased(analyses=1, chunks=1, labels=2, files=2)

    assert (left(store), files(places)) == before


def test_many_calls_go_batch_by_batch_and_a_second_run_finds_none(
    store: AnalysisStore, purge: Purge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    stored(store, *({"id": f"{number:02}"} for number in range(10)))
    reported: list[int] = []

    assert purge.erase(purge.doomed(user_id="u"), reported.append).analyses == 10
    assert reported == [3, 3, 3, 1]
    assert purge.erase(purge.doomed(user_id="u"), reported.append) == Erased(0, 0, 0, 0)


def test_an_id_that_another_program_wrote_leads_to_no_file_outside(
    store: AnalysisStore, purge: Purge, places: Places
) -> None:
    places.upload_dir.mkdir()
    treasure = places.upload_dir.parent / "treasure"
    treasure.write_bytes(b"not ours")
    stored(store, {"id": "../treasure"}, {"id": ".."}, {"id": ""})

    assert purge.erase(purge.doomed(user_id="u"), lambda _: None) == Erased(3, 0, 0, 0)
    assert treasure.exists()


def test_everything_at_once_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="every row"):
        Doomed()


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    environment: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The script on this database: exit code, counts, and what went to stderr."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    environment(database_url=database_url, data_dir=str(tmp_path))

    def run(*arguments: str) -> tuple[int, Any, str]:
        code = script.main([*arguments])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else None, printed.err

    return run


def test_the_script_counts_first_and_erases_wav_files_of_an_earlier_setting(
    store: AnalysisStore, places: Places, run: Any
) -> None:
    now = datetime.now(UTC)
    full(store, places, "old", created_date=now - 3 * DAY)
    full(store, places, "young", created_date=now - DAY)
    counts = {"analyses": 1, "chunks": 1, "labels": 2, "files": 2}

    assert run("--older-than", "2", "--dry-run") == (0, {"dry_run": True, **counts}, "")
    assert left(store)["rows"] == ["old", "young"]
    assert run("--older-than", "2") == (0, {"dry_run": False, **counts}, "")
    assert left(store)["rows"] == ["young"]
    assert files(places) == ["young", "young.wav"]
    assert run("--user", "nobody")[1]["analyses"] == 0
    assert left(store)["rows"] == ["young"]


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--older-than 0",
        "--older-than -1",
        "--older-than x",
        "--older-than 1.5",
        "--older-than 1 --user u",
        "--user=",
        "--dry-run",
        "--user u --limit 1",
    ],
)
def test_bad_arguments_end_with_2(arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(arguments.split())
    assert ended.value.code == 2


def test_so_many_days_that_no_calendar_has_them_end_with_2(run: Any) -> None:
    assert run("--older-than", "999999999")[0] == 2


def test_a_database_that_is_away_ends_with_1_and_no_word_of_the_user(
    environment: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(database_url="mariadb+mariadbconnector://u:secret@127.0.0.1:1/none")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(wiring.services, "AnalysisStore", partial(AnalysisStore, retry_for_s=0.1))
    assert script.main(["--user", "kim"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "kim" not in printed.err
    assert "secret" not in printed.err
