"""What a worker does around a call, without a broker."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.errors import Unavailable
from core.types import Analysis, NewAnalysis, Status
from service import celery_runner
from service.celery_runner import ANALYSE, INBOX, CeleryRunner, build_celery, register_tasks
from service.housekeeping import SAFE_AGE_S
from service.pulse import time_limit_s
from tests.conftest import World
from tests.unit.service.test_runner import Silent


class Sent(Silent):
    """Notes for which analyses another message was sent."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def submit_again(self, ids: Sequence[str]) -> None:
        self.ids += ids


class Broker:
    """Notes the time limit of each message."""

    def __init__(self) -> None:
        self.limits: dict[str, float] = {}

    def send_task(self, name: str, *, args: list[str], retry: bool, time_limit: float) -> None:
        self.limits[args[0]] = time_limit


@pytest.mark.parametrize("task", [ANALYSE, INBOX])
def test_who_ends_a_call_looks_for_others_and_keeps_house_as_beat_does(
    world: World, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    world.audio()
    ids = [world.analyses(Silent()).submit(NewAnalysis("u", "112", "call.m4a")).id for _ in range(2)]
    orphan = world.upload(age_s=2 * SAFE_AGE_S)
    monkeypatch.setattr(celery_runner, "messages_waiting", lambda app: 1)
    monkeypatch.setattr("service.housekeeping.SWEEP_EVERY_S", 0.0)
    app, sent = build_celery("memory://", max_duration_s=60.0), Sent()
    housekeeping = world.housekeeping()
    register_tasks(app, lambda: (world.store, world.executor(), housekeeping, sent))  # type: ignore[arg-type, return-value]

    app.tasks[task](*ids[: task == ANALYSE])

    done = [id for id, row in world.store.rows.items() if row.status is Status.DONE]
    assert done + sent.ids == ids
    assert not orphan.exists()


def test_the_first_message_asks_nothing_of_the_database_and_a_second_one_has_the_same_limit(world: World) -> None:
    world.audio(content=b"sound" * 20_000)
    broker = Broker()
    runner = CeleryRunner(broker, store=world.store, places=world.places, max_duration_s=600.0)
    world.store.down = {"get"}
    first = world.analyses(runner).submit(NewAnalysis("u", "112", "call.m4a"))
    world.store.down = set()
    (limit,) = broker.limits.values()
    assert limit == time_limit_s(100_000, max_duration_s=600.0) > time_limit_s(0, max_duration_s=600.0)

    broker.limits.clear()
    runner.submit_again([first.id, "erased meanwhile"])
    assert broker.limits == {first.id: limit}


def test_a_database_that_goes_away_between_two_messages_keeps_none_of_them_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.audio()
    ids = [world.analyses(Silent()).submit(NewAnalysis("u", "112", "call.m4a")).id for _ in range(4)]
    broker, asked = Broker(), []

    def get(id: str) -> Analysis:
        asked.append(id)
        if len(asked) > 1:
            raise Unavailable("away")
        return world.store.rows[id]

    monkeypatch.setattr(world.store, "get", get)
    CeleryRunner(broker, store=world.store, places=world.places, max_duration_s=600.0).submit_again(ids)

    longest = time_limit_s(1 << 62, max_duration_s=600.0)
    assert list(broker.limits) == ids
    assert [limit == longest for limit in broker.limits.values()] == [False, True, True, True]
    assert asked == ids[:2]  # each question takes the retries of a whole outage
