"""One claimed analysis to its end, whatever happens to it on the way."""

from dataclasses import replace

import pytest

from core.types import Analysis, NewAnalysis, Status
from tests.conftest import World
from tests.unit.service.test_runner import Silent


def queued(world: World, **more: object) -> Analysis:
    world.audio()
    new = NewAnalysis("user-1", "01012345678", "call.m4a")
    return world.analyses(Silent()).submit(replace(new, **more))  # type: ignore[arg-type]


def run(world: World, row: Analysis) -> Analysis:
    claim = world.store.claim(row.id)
    assert claim is not None
    world.executor().run(claim)
    return world.store.rows[row.id]


def test_an_interrupted_call_goes_on_at_the_first_chunk_that_was_not_heard(world: World) -> None:
    row = queued(world)
    world.line.while_hearing = lambda number: world.store.release(row.id, "token-1") if number == 1 else None
    run(world, row)
    assert world.line.heard == [0, 1]

    world.line.while_hearing = lambda number: None
    assert run(world, row).status is Status.DONE
    assert world.line.heard == [0, 1, 1, 2]


def test_a_cancelled_call_stops_at_the_next_chunk(world: World) -> None:
    row = queued(world)
    analyses = world.analyses(Silent())
    world.line.while_hearing = lambda number: analyses.delete(row.id) and None
    assert run(world, row).status is Status.CANCELLED
    assert world.line.heard == [0]
    assert world.left_behind() == []
    assert [report["stage"] for report in world.callbacks.reports] == ["chunked", "cancelled"]


def test_a_runner_that_lost_its_row_keeps_the_upload_for_the_next_one(world: World) -> None:
    analyses = world.analyses(Silent())
    row = analyses.submit(
        NewAnalysis("user-1", "112", "upload:a.m4a"), save_upload=lambda path: path.write_bytes(b"up")
    )
    world.line.while_hearing = lambda number: world.store.release(row.id, "token-1")
    run(world, row)
    assert [path.read_bytes() for path in world.left_behind()] == [b"up"]
    world.line.while_hearing = lambda number: None
    assert run(world, row).status is Status.DONE
    assert world.left_behind() == []


def test_a_poison_file_fails_after_its_attempts_with_the_reason(world: World) -> None:
    row = queued(world)
    world.store.attempts[row.id] = 3
    ended = run(world, row)
    assert (ended.status, ended.error and ended.error["code"]) == (Status.FAILED, "gave_up")
    assert world.line.seen == []


def test_what_the_receiver_already_got_is_not_sent_again(world: World) -> None:
    row = queued(world)
    world.store.rows[row.id] = replace(world.store.rows[row.id], reported=50)
    run(world, row)
    assert [report["progress"] for report in world.callbacks.reports] == [75, 100]


def test_a_number_the_gateway_stored_as_typed_becomes_digits(world: World) -> None:
    row = queued(world, declaration="010-1234-5678")
    assert run(world, row).declaration == "01012345678"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"declaration": "nobody"}, "invalid_request"), ({"audio_file": "../x"}, "path_not_allowed")],
)
def test_a_bad_row_of_the_gateway_fails_with_its_reason(world: World, change: dict[str, str], code: str) -> None:
    row = queued(world)
    world.store.rows[row.id] = replace(world.store.rows[row.id], **change)
    ended = run(world, row)
    assert (ended.status, ended.error and ended.error["code"]) == (Status.FAILED, code)


def test_a_result_that_cannot_be_stored_is_left_to_the_lease(world: World) -> None:
    row = queued(world)
    world.store.down = {"finish"}
    assert run(world, row).status is Status.RUNNING
    assert world.left_behind() == []


@pytest.mark.parametrize("away", ["chunks", "set_declaration"])
def test_a_call_does_not_fail_because_the_database_is_away_when_it_starts(world: World, away: str) -> None:
    row = queued(world, declaration="010-1234-5678")
    world.store.attempts[row.id] = 1
    world.store.down = {away}
    assert run(world, row).status is Status.RUNNING
    world.store.down = set()
    world.store.release(row.id, "token-2")
    assert run(world, row).status is Status.DONE


def test_a_call_that_takes_too_long_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.executor.time_limit_s", lambda *_, **__: -1.0)
    ended = run(world, queued(world))
    assert (ended.status, ended.error and ended.error["code"]) == (Status.FAILED, "too_slow")
