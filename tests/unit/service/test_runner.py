import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core.types import Analysis, NewAnalysis, Status
from service.housekeeping import SAFE_AGE_S
from service.runner import InProcessRunner
from tests.conftest import World


@pytest.fixture
def runner(world: World) -> Iterator[InProcessRunner]:
    runner = InProcessRunner(
        jobs=world.store, executor=world.executor(), housekeeping=world.housekeeping(), poll_s=0.02
    )
    yield runner
    runner.stop(10)


def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def new(name: str = "call.m4a") -> NewAnalysis:
    return NewAnalysis("user-1", "01012345678", name)


def test_accepted_calls_are_answered_at_once_and_run_one_at_a_time(world: World, runner: InProcessRunner) -> None:
    world.audio()
    running, most = [0], [0]

    def hearing(number: int) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.01)
        running[0] -= 1

    world.line.while_hearing = hearing
    analyses = world.analyses(runner)
    accepted = [analyses.submit(new()) for _ in range(8)]
    assert {one.status for one in accepted} == {Status.QUEUED}
    until(lambda: all(row.status is Status.DONE for row in world.store.rows.values()))
    assert most == [1]
    assert len(world.line.seen) == 8


def test_a_row_that_somebody_else_inserted_is_found(world: World, runner: InProcessRunner) -> None:
    world.audio()
    row = world.analyses(runner=Silent()).submit(new())
    runner.start()
    until(lambda: world.store.rows[row.id].status is Status.DONE)


def test_what_broken_requests_left_is_swept(
    world: World, runner: InProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.housekeeping.SWEEP_EVERY_S", 0.0)
    world.audio()
    orphan = world.upload(age_s=2 * SAFE_AGE_S)
    world.analyses(runner).submit(new())
    until(lambda: not orphan.exists())


def test_a_database_that_is_away_only_delays_the_work(
    world: World, runner: InProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.runner.AWAY_S", 0.02)
    world.audio()
    world.store.down = {"claim_next"}
    row = world.analyses(runner).submit(new())
    time.sleep(0.1)
    assert world.store.rows[row.id].status is Status.QUEUED
    world.store.down = set()
    until(lambda: world.store.rows[row.id].status is Status.DONE)


def test_a_server_that_is_stopped_gives_its_call_back_at_the_next_chunk(world: World, runner: InProcessRunner) -> None:
    world.audio()
    hearing, go_on = threading.Event(), threading.Event()

    def slow(number: int) -> None:
        hearing.set()
        go_on.wait(10)

    world.line.while_hearing = slow
    row = world.analyses(runner).submit(new())
    assert hearing.wait(10)
    threading.Timer(0.1, go_on.set).start()
    runner.stop(10)
    assert world.store.rows[row.id].status is Status.QUEUED
    assert world.store.attempts[row.id] == 0
    assert world.left_behind() == []


class Silent:
    """A runner that hears nothing."""

    def submit(self, stored: Analysis) -> None:
        del stored
