"""Uploads that no call owns are removed, but none that a call may still need."""

import os
import uuid
from pathlib import Path

import pytest

from core.errors import Busy, MoksoriError, Unanswered, Unavailable
from core.types import Analysis, NewAnalysis, Status
from service.housekeeping import SAFE_AGE_S
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


def test_a_call_whose_commit_was_not_answered_keeps_its_upload_and_is_run(world: World) -> None:
    world.store = Unheard()
    with pytest.raises(Unavailable):
        world.analyses(Silent()).submit(NEW, save_upload=save)
    (id,) = world.store.rows
    os.utime(world.places.upload_dir / id, (0.0, 0.0))
    world.housekeeping().run()
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
    world.housekeeping().run()
    assert not orphan.exists()
    assert sorted(world.places.upload_dir.iterdir()) == sorted([waiting, young, *theirs, folder, link])


def test_nothing_is_removed_while_the_database_is_away(world: World) -> None:
    orphan, housekeeping = world.upload(age_s=OLD_S), world.housekeeping()
    world.store.down = {"state"}
    with pytest.raises(Unavailable):
        housekeeping.run()
    assert orphan.exists()


def test_a_folder_that_cannot_be_swept_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    orphan = world.upload(age_s=OLD_S)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        world.housekeeping().run()
    assert orphan.exists()


def test_a_process_sweeps_at_its_start_and_then_now_and_then(world: World) -> None:
    housekeeping, first = world.housekeeping(), world.upload(age_s=OLD_S)
    housekeeping.run()
    second = world.upload(age_s=OLD_S)
    housekeeping.run()
    assert (first.exists(), second.exists()) == (False, True)
