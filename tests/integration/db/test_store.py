"""The store on SQLite and on MariaDB."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from core.errors import InvalidRequest, MoksoriError, NotFound
from core.types import Status, TextResult, VoiceResult
from db.engine import make_engine
from db.store import AnalysisStore
from tests.integration.db.examples import KOREAN, LATER, NEW, NOW, RESULT


def running(store: AnalysisStore, id: str = "a") -> str:
    store.add(NEW, id=id, now=NOW)
    assert store.claim(id)
    return id


def test_a_new_analysis_is_queued_and_reads_back_as_it_was_given(store: AnalysisStore) -> None:
    added = store.add(NEW, id="a", now=NOW)

    assert store.get("a") == added
    assert (added.status, added.progress, added.created_date) == (Status.QUEUED, 0, NOW)
    assert (added.user_id, added.declaration) == (NEW.user_id, NEW.declaration)
    assert (added.audio_file, added.callback_url) == (NEW.audio_file, NEW.callback_url)


def test_an_unknown_id_gives_nothing(store: AnalysisStore) -> None:
    assert store.get("nobody") is None


def test_korean_and_emoji_survive_with_every_digit_of_the_scores(store: AnalysisStore) -> None:
    done = store.finish(running(store), RESULT, now=LATER)

    assert store.get("a") == done
    assert done.transcript == KOREAN
    assert (done.text, done.voice, done.warnings) == (RESULT.text, RESULT.voice, RESULT.warnings)
    assert done.duration_s == RESULT.duration_s
    assert (done.status, done.progress, done.predict1, done.predict2) == (Status.DONE, 100, 2, 0)
    assert done.finished_date == LATER


def test_a_call_that_cannot_be_judged_is_stored_with_its_reasons(store: AnalysisStore) -> None:
    silent = dataclasses.replace(
        RESULT, transcript="", text=TextResult(reason="no_speech"), voice=VoiceResult(reason="too_short")
    )

    done = store.finish(running(store), silent, now=LATER)

    assert (done.transcript, done.predict1, done.predict2) == ("", None, None)
    assert (done.text, done.voice) == (silent.text, silent.voice)


def test_a_transcript_longer_than_a_plain_blob_is_kept(store: AnalysisStore) -> None:
    long = dataclasses.replace(RESULT, transcript=KOREAN * 20_000)

    assert store.finish(running(store), long, now=LATER).transcript == long.transcript


def test_the_gateway_finds_its_columns(store: AnalysisStore, database_url: str) -> None:
    store.finish(running(store), RESULT, now=LATER)

    engine = make_engine(database_url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT content, disdata, mfcc, declaration FROM analysis")).one()
    engine.dispose()

    assert tuple(row) == (KOREAN.encode(), 2, 0, NEW.declaration)


def test_times_of_other_zones_come_back_in_utc(store: AnalysisStore) -> None:
    seoul = NOW.astimezone(timezone(timedelta(hours=9)))

    added = store.add(NEW, id="a", now=seoul)

    assert added.created_date == NOW
    assert added.created_date.utcoffset() == timedelta(0)


def test_one_of_two_racing_claimers_wins(store: AnalysisStore) -> None:
    for round_ in range(10):
        store.add(NEW, id=str(round_), now=NOW)
        start = threading.Barrier(2)
        won: list[bool] = []

        def claim(id: str = str(round_), start: threading.Barrier = start, won: list[bool] = won) -> None:
            start.wait()
            won.append(store.claim(id))

        threads = [threading.Thread(target=claim) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(won) == [False, True]


def test_progress_only_rises_and_only_while_running(store: AnalysisStore) -> None:
    store.add(NEW, id="a", now=NOW)
    store.progress("a", 25)
    assert store.get("a").progress == 0  # type: ignore[union-attr]

    store.claim("a")
    store.progress("a", 50)
    store.progress("a", 25)

    assert store.get("a").progress == 50  # type: ignore[union-attr]


def test_adding_twice_leaves_one_row(store: AnalysisStore) -> None:
    assert store.add(NEW, id="a", now=NOW) == store.add(NEW, id="a", now=NOW)


def test_finishing_twice_leaves_the_row_of_the_first_time(store: AnalysisStore) -> None:
    first = store.finish(running(store), RESULT, now=NOW)

    assert store.finish("a", RESULT, now=LATER) == first


def test_a_failed_analysis_keeps_its_reason_whatever_comes_later(store: AnalysisStore) -> None:
    error = {"code": "bad_audio", "message": "소리가 없습니다 🔇"}
    store.fail(running(store), error, now=NOW)
    store.fail("a", {"code": "other"}, now=LATER)

    stored = store.finish("a", RESULT, now=LATER)

    assert (stored.status, stored.error, stored.finished_date) == (Status.FAILED, error, NOW)
    assert stored.transcript is None


def test_an_analysis_nobody_claimed_cannot_be_finished(store: AnalysisStore) -> None:
    store.add(NEW, id="a", now=NOW)

    with pytest.raises(MoksoriError, match="claimed"):
        store.finish("a", RESULT, now=LATER)

    assert store.get("a").status is Status.QUEUED  # type: ignore[union-attr]


def test_an_erased_analysis_is_gone_for_its_runner_too(store: AnalysisStore) -> None:
    store.remove(running(store))
    store.remove("a")

    assert store.get("a") is None
    with pytest.raises(NotFound):
        store.finish("a", RESULT, now=LATER)


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": "사" * 256},
        {"declaration": "1" * 33},
        {"audio_file": "a" * 1025},
        {"user_id": "\ud800"},
        {"callback_url": "http://gateway.example/\ud800"},
    ],
)
def test_what_does_not_fit_is_refused_without_a_row(store: AnalysisStore, change: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        store.add(dataclasses.replace(NEW, **change), id="a", now=NOW)

    assert store.get("a") is None


def test_many_threads_write_at_once(store: AnalysisStore) -> None:
    def work(id: str) -> None:
        store.finish(running(store, id), RESULT, now=LATER)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(store.get(str(number)).status is Status.DONE for number in range(8))  # type: ignore[union-attr]
