"""Uploads that no call owns are removed, but none that a call may still need."""

import os
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Busy, MoksoriError, Unanswered, Unavailable
from core.types import Analysis, NewAnalysis, Status
from service.housekeeping import SAFE_AGE_S, SWEEP_EVERY_S
from service.places import Places
from tests.conftest import World
from tests.memory_store import MemoryStore
from tests.unit.service.test_runner import Silent

NEW = NewAnalysis("user-1", "112", "upload:a.m4a")
OLD_S = SAFE_AGE_S + 60.0


class Unheard(MemoryStore):
    """Commits, and goes away before it can say so; or refuses with ``error`` without a row."""

    def __init__(self, error: MoksoriError | None = None) -> None:
        super().__init__()
        self.error = error

    def add(self, *args: object, **more: object) -> Analysis:
        if self.error is not None:
            raise self.error
        super().add(*args, **more)  # type: ignore[arg-type]
        raise Unanswered("the database does not answer")


def save(path: Path) -> None:
    path.write_bytes(b"up")


def known(world: World) -> None:
    """Let the database hold some call, as the right one does."""
    world.audio()
    world.analyses(Silent()).submit(NewAnalysis("user-1", "112", "call.m4a"))


def test_a_call_whose_commit_was_not_answered_keeps_its_upload_and_is_run(world: World) -> None:
    world.store = Unheard()
    with pytest.raises(Unavailable):
        world.analyses(Silent()).submit(NEW, save_upload=save)
    (id,) = world.store.rows
    os.utime(world.places.upload_dir / id, (0.0, 0.0))
    world.housekeeping().sweep_uploads()
    claim = world.store.claim(id)
    assert claim is not None
    world.executor().run(claim)
    assert world.store.rows[id].status is Status.DONE
    assert world.line.seen == [b"up"]
    assert world.left_behind() == []


@pytest.mark.parametrize("error", [Unavailable("away"), Busy("full"), MoksoriError("refused")])
def test_a_call_that_was_surely_refused_leaves_no_upload(world: World, error: MoksoriError) -> None:
    world.store = Unheard(error)
    with pytest.raises(type(error)):
        world.analyses(Silent()).submit(NEW, save_upload=save)
    assert world.left_behind() == []


def test_only_old_uploads_of_our_own_that_no_row_names_are_removed(world: World) -> None:
    waiting = world.places.upload_dir / world.analyses(Silent()).submit(NEW, save_upload=save).id
    os.utime(waiting, (0.0, 0.0))
    young, orphan = world.upload(age_s=SAFE_AGE_S - 60.0), world.upload(age_s=OLD_S)
    names = ("notes.txt", str(uuid.uuid4()).upper(), f"{uuid.uuid4()}.wav")
    theirs = [world.upload(name, age_s=OLD_S) for name in names]
    folder, link = (world.places.new_upload(str(uuid.uuid4())) for _ in range(2))
    folder.mkdir()
    link.symlink_to(theirs[0])
    for path in (folder, link):
        os.utime(path, (0.0, 0.0), follow_symlinks=False)
    world.housekeeping().sweep_uploads()
    assert not orphan.exists()
    assert sorted(world.places.upload_dir.iterdir()) == sorted([waiting, young, *theirs, folder, link])


@pytest.mark.parametrize("status", list(Status))
def test_an_upload_of_a_call_that_has_ended_is_removed(world: World, status: Status) -> None:
    row = world.analyses(Silent()).submit(NEW, save_upload=save)
    upload = world.places.upload_dir / row.id
    os.utime(upload, (0.0, 0.0))
    world.store.rows[row.id] = replace(row, status=status)
    world.housekeeping().sweep_uploads()
    assert upload.exists() is (status in {Status.QUEUED, Status.RUNNING})


def test_nothing_is_removed_while_the_database_is_away(world: World) -> None:
    known(world)
    orphan = world.upload(age_s=OLD_S)
    for method in ("state", "queue_state"):
        world.store.down = {method}
        with pytest.raises(Unavailable):
            world.housekeeping().sweep_uploads()
    assert orphan.exists()


def test_nothing_is_removed_when_an_empty_database_was_swapped_in(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    analyses = world.analyses(Silent())
    uploads = [world.places.upload_dir / analyses.submit(NEW, save_upload=save).id for _ in range(3)]
    for path in uploads:
        os.utime(path, (0.0, 0.0))
    world.store = MemoryStore()
    world.housekeeping().sweep_uploads()
    assert all(path.exists() for path in uploads)
    assert "MOKSORI_DATABASE_URL" in caplog.text


def test_an_upload_that_cannot_be_removed_keeps_no_other_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known(world)
    orphans, unlink, refused = [world.upload(age_s=OLD_S) for _ in range(3)], Path.unlink, []

    def refuse_the_first(path: Path, missing_ok: bool = False) -> None:
        if not refused:
            refused.append(path)
            raise PermissionError
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse_the_first)
        world.housekeeping().sweep_uploads()
    assert [path for path in orphans if path.exists()] == refused


def test_a_folder_that_cannot_be_read_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(places: Places, moment_s: float) -> list[str]:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Places, "uploads_before", refuse)
        world.housekeeping().sweep_uploads()


def test_a_process_sweeps_now_and_then_but_not_at_its_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known(world)
    now = [time.monotonic()]
    monkeypatch.setattr("service.housekeeping.time.monotonic", lambda: now[0])
    housekeeping, swept = world.housekeeping(), []
    for passed_s in (0.0, SWEEP_EVERY_S - 1.0, 1.0, 1.0, SWEEP_EVERY_S):
        orphan = world.upload(age_s=OLD_S)
        now[0] += passed_s
        housekeeping.run()
        swept.append(not orphan.exists())
    assert swept == [False, False, True, False, True]
