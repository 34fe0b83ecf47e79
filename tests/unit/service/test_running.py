"""The score of a call that is still being heard, as its followers see it."""

from core.types import RunningScore, Stage, Status
from service.executor import JobNotes
from tests.conftest import World
from tests.unit.service.test_executor import queued, run
from tests.unit.service.test_runner import Silent

EARLY, LATER = RunningScore(120.0, 0.4, 1), RunningScore(240.0, 0.9, 2)


def test_whoever_follows_sees_each_new_score_once_and_who_asks_the_newest(world: World) -> None:
    row, analyses = queued(world), world.analyses(Silent())
    claim = world.store.claim(row.id)
    assert claim is not None
    world.store.progress(claim, 25)
    events = analyses.follow(row.id)
    first = next(events)
    assert first is not None
    assert (first.id, first.what, first.running) == ("25", Stage.CHUNKED, None)
    assert next(events) is None
    for score in (EARLY, LATER):
        world.store.set_running(claim, score)
        told = next(events)
        assert told is not None
        assert (told.id, told.what, told.running) == ("25", Stage.CHUNKED, score)
        assert next(events) is None
        assert analyses.get(row.id).running == score


def test_a_follower_that_comes_back_is_told_the_score_again(world: World) -> None:
    row = queued(world)
    claim = world.store.claim(row.id)
    assert claim is not None
    world.store.progress(claim, 25)
    world.store.set_running(claim, EARLY)
    again = next(world.analyses(Silent()).follow(row.id, after="25"))
    assert again is not None
    assert again.running == EARLY


def test_an_analysis_that_has_ended_has_no_running_score(world: World) -> None:
    row = queued(world)
    done = run(world, row)
    world.store.scores[row.id] = LATER
    assert done.status is Status.DONE
    assert world.analyses(Silent()).get(row.id).running is None


def test_a_database_that_does_not_answer_costs_the_running_score_only(world: World) -> None:
    row = queued(world)
    claim = world.store.claim(row.id)
    assert claim is not None
    notes = JobNotes(world.store, claim, None, None)  # type: ignore[arg-type]
    world.store.down = {"set_running"}
    notes.running(EARLY)
    world.store.down = set()
    notes.running(LATER)
    assert world.store.scores[row.id] == LATER
