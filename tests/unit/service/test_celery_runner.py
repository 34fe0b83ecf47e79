"""What a worker does around a call, without a broker."""

from __future__ import annotations

import pytest

from core.types import NewAnalysis, Status
from service import celery_runner
from service.celery_runner import ANALYSE, INBOX, build_celery, register_tasks
from service.housekeeping import SAFE_AGE_S
from tests.conftest import World
from tests.unit.service.test_runner import Silent


class Sent(Silent):
    """Notes for which analyses a message was sent."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def submit(self, id: str) -> None:
        self.ids.append(id)


@pytest.mark.parametrize("task", [ANALYSE, INBOX])
def test_who_ends_a_call_looks_for_others_and_keeps_house_as_beat_does(
    world: World, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    world.audio()
    ids = [world.analyses(Silent()).submit(NewAnalysis("u", "112", "call.m4a")).id for _ in range(2)]
    orphan = world.upload(age_s=2 * SAFE_AGE_S)
    monkeypatch.setattr(celery_runner, "messages_waiting", lambda app: 1)
    app, sent = build_celery("memory://", max_duration_s=60.0), Sent()
    housekeeping = world.housekeeping()
    register_tasks(app, lambda: (world.store, world.executor(), housekeeping, sent))  # type: ignore[arg-type, return-value]

    app.tasks[task](*ids[: task == ANALYSE])

    done = [id for id, row in world.store.rows.items() if row.status is Status.DONE]
    assert done + sent.ids == ids
    assert not orphan.exists()
