"""Rows whose message is lost, and rows whose runner is gone, on SQLite and on MariaDB."""

from __future__ import annotations

from datetime import timedelta

from core.types import Status
from db.job_store import JobStore
from db.store import AnalysisStore
from tests.integration.db.examples import LATER, LEASE_S, NEW, NOW, claimed, jobs_at

AFTER_LEASE = LATER + timedelta(seconds=LEASE_S + 1)


def test_only_rows_without_a_message_are_sent_again(store: AnalysisStore, jobs: JobStore) -> None:
    store.add(NEW, id="a", now=LATER)
    first = claimed(store, jobs, "b")
    jobs.release("b", first.token)

    assert jobs.undispatched(older_than_s=5.0) == ["b"]
    assert jobs.undispatched(older_than_s=5.0) == []
    assert jobs_at(store, AFTER_LEASE).undispatched(older_than_s=5.0) == ["b", "a"]


def test_a_row_whose_message_was_lost_is_sent_again_though_the_queue_never_empties(
    store: AnalysisStore, jobs: JobStore
) -> None:
    store.add(NEW, id="lost", now=NOW)
    store.add(NEW, id="early", now=NOW + timedelta(seconds=4))
    store.add(NEW, id="late", now=NOW + timedelta(seconds=6))
    store.add(NEW, id="waits", now=NOW + timedelta(seconds=9))

    assert jobs.undispatched(older_than_s=5.0, waiting=True) == []
    jobs.claim("early")
    assert jobs.undispatched(older_than_s=5.0, waiting=True) == []
    jobs.claim("late")
    assert jobs.undispatched(older_than_s=5.0, waiting=True) == ["lost"]
    assert jobs.undispatched(older_than_s=5.0, waiting=True) == []


def test_abandoned_rows_are_given_back(store: AnalysisStore, jobs: JobStore) -> None:
    claimed(store, jobs)
    assert jobs.requeue_expired() == 0
    assert jobs_at(store, AFTER_LEASE).requeue_expired() == 1
    assert store.state("a") == (Status.QUEUED, 0)
