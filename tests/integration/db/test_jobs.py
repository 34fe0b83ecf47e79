"""Claims, leases and chunk transcripts on SQLite and on MariaDB."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from core.errors import NotFound
from core.types import Claim, RunningScore, Segment, Status
from db.job_store import JobStore
from db.jobs import put_chunk
from db.running import NOT_A_CHUNK
from db.store import AnalysisStore
from tests.integration.db.examples import COURIER_S, KOREAN, LATER, LEASE_S, NEW, NOW, RESULT, claimed, jobs_at

AFTER_LEASE = LATER + timedelta(seconds=LEASE_S + 1)
AFTER_COURIER = LATER + timedelta(seconds=COURIER_S + 1)
HEARD = (Segment(0.0, 2.5, KOREAN, 0.75), Segment(2.5, 4.0, "네", None))


def status(store: AnalysisStore, id: str = "a") -> Status:
    found = store.get(id)
    assert found is not None
    return found.status


def test_one_of_two_racing_claimers_wins(store: AnalysisStore, jobs: JobStore) -> None:
    for number in range(10):
        store.add(NEW, id=str(number), now=NOW)
        start = threading.Barrier(2)
        won: list[Claim | None] = []

        def claim(id: str = str(number), start: threading.Barrier = start, won: list[Claim | None] = won) -> None:
            start.wait()
            won.append(jobs.claim(id))

        threads = [threading.Thread(target=claim) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(one is not None for one in won) == 1


def test_four_runners_share_the_queue_and_nobody_gets_a_row_twice(store: AnalysisStore, jobs: JobStore) -> None:
    for number in range(20):
        store.add(NEW, id=str(number), now=NOW)
    got: list[str] = []

    def run() -> None:
        while (claim := jobs.claim_next()) is not None:
            got.append(claim.id)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got, key=int) == [str(number) for number in range(20)]


def test_the_call_that_waited_longest_is_next(store: AnalysisStore, jobs: JobStore) -> None:
    store.add(NEW, id="younger", now=LATER)
    store.add(NEW, id="older", now=NOW)

    taken = [jobs.claim_next(), jobs.claim_next(), jobs.claim_next()]

    assert [one and one.id for one in taken] == ["older", "younger", None]


def test_a_dead_runners_call_goes_to_the_next_one_and_the_dead_one_changes_nothing_more(
    store: AnalysisStore, jobs: JobStore
) -> None:
    dead = claimed(store, jobs)
    assert jobs.claim_next() is None

    later = jobs_at(store, AFTER_LEASE)
    living = later.claim_next()

    assert living is not None
    assert (living.id, living.attempt) == ("a", 2)
    assert not jobs.renew(dead)
    assert not jobs.progress(dead, 50)
    assert not jobs.keep_chunk(dead, 0, 10, HEARD)
    assert not jobs.fail(dead, {"code": "late"}, owes_reports=False)
    assert jobs.finish(dead, RESULT, owes_reports=False).status is Status.RUNNING
    assert later.finish(living, RESULT, owes_reports=False).status is Status.DONE


def test_a_renewed_lease_holds(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)

    assert jobs_at(store, LATER + timedelta(seconds=LEASE_S / 2)).renew(claim)

    assert jobs_at(store, AFTER_LEASE).claim_next() is None


def test_what_was_heard_comes_back_and_is_gone_after_the_end(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)
    assert jobs.keep_chunk(claim, 0, 64_000, HEARD[:1])
    assert jobs.keep_chunk(claim, 0, 64_000, HEARD)
    assert jobs.keep_chunk(claim, 64_000, 70_000, ())

    assert jobs.chunks("a") == {(0, 64_000): HEARD, (64_000, 70_000): ()}

    jobs.finish(claim, RESULT, owes_reports=False)
    assert jobs.chunks("a") == {}


@pytest.mark.parametrize("end", ["fail", "cancel", "remove"])
def test_no_transcript_of_a_chunk_outlives_its_call(store: AnalysisStore, jobs: JobStore, end: str) -> None:
    claim = claimed(store, jobs)
    jobs.keep_chunk(claim, 0, 10, HEARD)

    {
        "fail": lambda: jobs.fail(claim, {"code": "x"}, owes_reports=False),
        "cancel": lambda: store.cancel("a", now=LATER),
        "remove": lambda: store.remove("a"),
    }[end]()

    assert jobs.chunks("a") == {}


def test_a_call_given_back_can_be_taken_again_and_a_forgiven_attempt_does_not_count(
    store: AnalysisStore, jobs: JobStore
) -> None:
    first = claimed(store, jobs)
    assert not jobs.release("a", "somebody else")
    assert jobs.release("a", first.token, forgive=True)
    second = jobs.claim("a")
    assert second is not None
    assert jobs.release("a", second.token)
    third = jobs.claim("a")
    assert third is not None
    assert (second.attempt, third.attempt) == (1, 2)


def test_the_running_score_is_replaced_is_no_chunk_and_goes_with_the_chunks(
    store: AnalysisStore, jobs: JobStore
) -> None:
    claim = claimed(store, jobs)
    assert store.running("a") is None
    assert jobs.set_running(claim, RunningScore(120.0, 0.25, 0))
    assert jobs.set_running(claim, RunningScore(240.0, 0.75, 2))
    assert store.running("a") == RunningScore(240.0, 0.75, 2)
    of_another_version = '{"until_s":240.0,"score":0.75,"grade":2,"more":1}'
    store.write(lambda connection: put_chunk(connection, claim, NOT_A_CHUNK, NOT_A_CHUNK, of_another_version))
    assert store.running("a") == RunningScore(240.0, 0.75, 2)
    store.write(lambda connection: put_chunk(connection, claim, NOT_A_CHUNK, NOT_A_CHUNK, '{"until":240.0}'))
    assert store.running("a") is None
    assert jobs.chunks("a") == {}

    store.cancel("a", now=LATER)
    assert store.running("a") is None
    assert not jobs.set_running(claim, RunningScore(360.0, 0.5, 1))
    assert store.running("a") is None


def test_progress_only_rises_and_only_while_held(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)
    assert jobs.progress(claim, 50)
    assert jobs.progress(claim, 25)
    assert store.state("a") == (Status.RUNNING, 50)

    store.cancel("a", now=LATER)
    assert not jobs.progress(claim, 75)
    assert store.state("a") == (Status.CANCELLED, 50)


def test_finishing_twice_leaves_the_row_of_the_first_time(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)
    first = jobs.finish(claim, RESULT, owes_reports=False)

    assert jobs_at(store, AFTER_LEASE).finish(claim, RESULT, owes_reports=False) == first


def test_a_failed_analysis_keeps_its_reason_whatever_comes_later(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)
    error = {"code": "bad_audio", "message": "소리가 없습니다 🔇"}
    assert jobs.fail(claim, error, owes_reports=False)
    assert not jobs.fail(claim, {"code": "other"}, owes_reports=False)

    stored = jobs.finish(claim, RESULT, owes_reports=False)

    assert (stored.status, stored.error, stored.finished_date) == (Status.FAILED, error, LATER)
    assert stored.transcript is None


def test_an_erased_analysis_is_gone_for_its_runner_too(store: AnalysisStore, jobs: JobStore) -> None:
    claim = claimed(store, jobs)
    store.remove("a")

    assert not jobs.renew(claim)
    with pytest.raises(NotFound):
        jobs.finish(claim, RESULT, owes_reports=False)


def test_reports_owed_by_a_dead_process_are_taken_over_once(store: AnalysisStore, jobs: JobStore) -> None:
    jobs.finish(claimed(store, jobs), RESULT, owes_reports=True)
    jobs.reported("a", 50)
    assert jobs.take_owed() is None

    later = jobs_at(store, AFTER_COURIER)
    owed = later.take_owed()

    assert owed is not None
    assert (owed.id, owed.reported) == ("a", 50)
    assert later.take_owed() is None


@pytest.mark.parametrize("end", ["delivered", "dead", "nothing owed"])
def test_nothing_is_owed_once_it_arrived_or_was_given_up(store: AnalysisStore, jobs: JobStore, end: str) -> None:
    jobs.finish(claimed(store, jobs), RESULT, owes_reports=end != "nothing owed")
    if end == "delivered":
        jobs.reported("a", 100)
    if end == "dead":
        jobs.callback_dead("a", "redirect refused")

    assert jobs_at(store, AFTER_COURIER).take_owed() is None
    stored = store.get("a")
    assert stored is not None
    assert (stored.reported, stored.callback_error) == (
        100 if end == "delivered" else 0,
        "redirect refused" if end == "dead" else None,
    )
