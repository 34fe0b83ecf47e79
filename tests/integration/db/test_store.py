"""The store on SQLite and on MariaDB."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from core.errors import Busy, Conflict, InvalidRequest
from core.types import Request, Status, TextResult, VoiceResult
from db.job_store import JobStore
from db.store import AnalysisStore
from tests.integration.db.connecting import connected
from tests.integration.db.examples import KOREAN, LATER, NEW, NOW, RESULT, claimed


def test_a_new_analysis_is_queued_and_reads_back_as_it_was_given(store: AnalysisStore, jobs: JobStore) -> None:
    added = store.add(NEW, id="a", now=NOW)

    assert store.get("a") == added
    assert (added.status, added.progress, added.created_date) == (Status.QUEUED, 0, NOW)
    assert (added.user_id, added.declaration) == (NEW.user_id, NEW.declaration)
    assert (added.audio_file, added.callback_url) == (NEW.audio_file, NEW.callback_url)


def test_an_unknown_id_gives_nothing(store: AnalysisStore, jobs: JobStore) -> None:
    assert store.get("nobody") is None


def test_korean_and_emoji_survive_with_every_digit_of_the_scores(store: AnalysisStore, jobs: JobStore) -> None:
    done = jobs.finish(claimed(store, jobs), RESULT, owes_reports=False)

    assert store.get("a") == done
    assert done.transcript == KOREAN
    assert (done.text, done.voice, done.warnings) == (RESULT.text, RESULT.voice, RESULT.warnings)
    assert done.duration_s == RESULT.duration_s
    assert (done.status, done.progress, done.predict1, done.predict2) == (Status.DONE, 100, 2, 0)
    assert done.finished_date == LATER


def test_a_call_that_cannot_be_judged_is_stored_with_its_reasons(store: AnalysisStore, jobs: JobStore) -> None:
    silent = dataclasses.replace(
        RESULT, transcript="", text=TextResult(reason="no_speech"), voice=VoiceResult(reason="too_short")
    )

    done = jobs.finish(claimed(store, jobs), silent, owes_reports=False)

    assert (done.transcript, done.predict1, done.predict2) == ("", None, None)
    assert (done.text, done.voice) == (silent.text, silent.voice)


def test_a_transcript_longer_than_a_plain_blob_is_kept(store: AnalysisStore, jobs: JobStore) -> None:
    long = dataclasses.replace(RESULT, transcript=KOREAN * 20_000)

    assert jobs.finish(claimed(store, jobs), long, owes_reports=False).transcript == long.transcript


def test_the_gateway_finds_its_columns(store: AnalysisStore, jobs: JobStore, database_url: str) -> None:
    jobs.finish(claimed(store, jobs), RESULT, owes_reports=False)

    with connected(database_url) as connection:
        row = connection.execute(text("SELECT content, disdata, mfcc, declaration FROM analysis")).one()

    assert tuple(row) == (KOREAN.encode(), 2, 0, NEW.declaration)


def test_times_of_other_zones_come_back_in_utc(store: AnalysisStore, jobs: JobStore) -> None:
    seoul = NOW.astimezone(timezone(timedelta(hours=9)))

    added = store.add(NEW, id="a", now=seoul)

    assert added.created_date == NOW
    assert added.created_date.utcoffset() == timedelta(0)


def test_adding_twice_leaves_one_row(store: AnalysisStore, jobs: JobStore) -> None:
    assert store.add(NEW, id="a", now=NOW) == store.add(NEW, id="a", now=NOW)


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


def test_many_threads_write_at_once(store: AnalysisStore, jobs: JobStore) -> None:
    def work(id: str) -> None:
        jobs.finish(claimed(store, jobs, id), RESULT, owes_reports=False)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(store.get(str(number)).status is Status.DONE for number in range(8))  # type: ignore[union-attr]


def test_the_same_key_gives_the_same_analysis(store: AnalysisStore) -> None:
    first = store.add(NEW, id="a", now=NOW, request=Request("key", "digest"))

    assert store.add(NEW, id="b", now=LATER, request=Request("key", "digest")) == first
    assert store.get("b") is None
    with pytest.raises(Conflict):
        store.add(NEW, id="c", now=LATER, request=Request("key", "another"))


def test_of_two_racing_requests_with_one_key_one_is_stored(store: AnalysisStore) -> None:
    start = threading.Barrier(4)
    got: list[str] = []

    def add(id: str) -> None:
        start.wait()
        got.append(store.add(NEW, id=id, now=NOW, request=Request("key", "digest")).id)

    threads = [threading.Thread(target=add, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 4
    assert len(set(got)) == 1
    assert store.queue_state().by_status[Status.QUEUED] == 1


def test_a_full_queue_takes_nothing(store: AnalysisStore, jobs: JobStore) -> None:
    store.add(NEW, id="a", now=NOW, max_queued=1)
    with pytest.raises(Busy):
        store.add(NEW, id="b", now=NOW, max_queued=1)
    assert store.get("b") is None

    jobs.claim("a")
    store.add(NEW, id="b", now=NOW, max_queued=1)


def test_what_waits_is_counted(store: AnalysisStore, jobs: JobStore) -> None:
    assert store.queue_state().oldest_queued is None
    claimed(store, jobs, "a")
    store.add(NEW, id="b", now=LATER)

    state = store.queue_state()

    assert (state.by_status[Status.QUEUED], state.by_status[Status.RUNNING], state.oldest_queued) == (1, 1, LATER)


def test_cancelling_works_once_and_only_before_the_end(store: AnalysisStore, jobs: JobStore) -> None:
    store.add(NEW, id="a", now=NOW)
    jobs.finish(claimed(store, jobs, "b"), RESULT, owes_reports=False)

    cancelled = store.cancel("a", now=LATER)

    assert cancelled is not None
    assert (cancelled.status, cancelled.finished_date) == (Status.CANCELLED, LATER)
    assert [store.cancel(id, now=LATER) for id in ("a", "b", "nobody")] == [None, None, None]
    assert jobs.claim("a") is None
