import pytest

from core.errors import (
    BadAudio,
    FileNotFound,
    InvalidRequest,
    MoksoriError,
    NotFound,
    PathNotAllowed,
    TooLarge,
    Unavailable,
)
from core.types import NewAnalysis, Status
from tests.conftest import World
from tests.fakes import FakeLine


def new(audio_file: str = "call.m4a", callback_url: str | None = None) -> NewAnalysis:
    return NewAnalysis("user-1", "01012345678", audio_file, callback_url)


def test_a_call_is_analysed_stored_and_reported_in_order(world: World) -> None:
    world.audio()
    analysis = world.analyses().analyse(new())
    assert world.store.get(analysis.id) == analysis
    assert (analysis.status, analysis.predict1, analysis.predict2) == (Status.DONE, 2, 0)
    assert [report["progress"] for report in world.callbacks.reports] == [25, 50, 75, 100]
    last = world.callbacks.reports[-1]
    assert (last["status"], last["predict1"], last["predict2"]) == ("done", 2, 0)
    assert world.left_behind() == []


def test_an_upload_is_gone_after_the_verdict(world: World) -> None:
    world.analyses().analyse(new("upload:a.m4a"), save_upload=lambda path: path.write_bytes(b"uploaded"))
    assert world.line.seen == [b"uploaded"]
    assert world.left_behind() == []


def test_the_converted_wav_is_kept_only_when_asked_for(world: World) -> None:
    world.keep_wav = True
    world.audio()
    analysis = world.analyses().analyse(new())
    assert [path.name for path in world.left_behind()] == [f"{analysis.id}.wav"]


def test_the_gateways_file_is_never_touched(world: World) -> None:
    name = world.audio(content=b"theirs")
    world.analyses().analyse(new(name))
    assert (world.audio_root / name).read_bytes() == b"theirs"


@pytest.mark.parametrize("error", [BadAudio("no audio"), TooLarge("too long")])
def test_bad_audio_leaves_no_row_and_no_file(world: World, error: MoksoriError) -> None:
    world.line.error = error
    world.audio()
    with pytest.raises(type(error)):
        world.analyses().analyse(new())
    assert world.store.rows == {}
    assert world.left_behind() == []


def test_a_failing_engine_is_stored_as_failed_and_reported(world: World) -> None:
    world.line.error = Unavailable("the recogniser does not answer")
    world.audio()
    with pytest.raises(Unavailable):
        world.analyses().analyse(new())
    (row,) = world.store.rows.values()
    assert row.status is Status.FAILED
    assert row.error == {"code": "unavailable", "message": "the recogniser does not answer"}
    assert world.callbacks.reports[-1]["status"] == "failed"
    assert world.callbacks.closed == 1
    assert world.left_behind() == []


def test_the_message_of_a_foreign_error_is_not_stored(world: World) -> None:
    world.line.error = KeyError("비밀 통화 내용")
    world.audio()
    with pytest.raises(MoksoriError, match="inside the service"):
        world.analyses().analyse(new())
    (row,) = world.store.rows.values()
    assert "비밀" not in str(row.error)


def test_a_database_that_is_down_for_progress_does_not_stop_the_call(world: World) -> None:
    world.store.down = {"progress"}
    world.audio()
    assert world.analyses().analyse(new()).status is Status.DONE


def test_a_result_that_cannot_be_stored_still_reaches_the_caller(world: World) -> None:
    world.store.down = {"finish"}
    world.audio()
    analysis = world.analyses().analyse(new())
    assert analysis.predict1 == 2
    assert "result_not_stored" in analysis.warnings


def test_nothing_is_half_accepted_when_the_row_cannot_be_stored(world: World) -> None:
    world.store.down = {"add"}
    world.audio()
    with pytest.raises(Unavailable):
        world.analyses().analyse(new())
    assert world.line.seen == []
    assert world.left_behind() == []


@pytest.mark.parametrize("named", ["../secret.m4a", "/etc/passwd", "a/../../secret.m4a", "link.m4a", "loop"])
def test_a_path_out_of_the_root_is_refused(world: World, named: str) -> None:
    world.audio()
    (world.root / "secret.m4a").write_bytes(b"secret")
    (world.audio_root / "link.m4a").symlink_to(world.root / "secret.m4a")
    (world.audio_root / "loop").symlink_to(world.root)
    with pytest.raises(PathNotAllowed):
        world.analyses().analyse(new(named))
    assert world.store.rows == {}


def test_an_absolute_path_below_the_root_is_fine(world: World) -> None:
    world.audio()
    assert world.analyses().analyse(new(str(world.audio_root / "call.m4a"))).status is Status.DONE


@pytest.mark.parametrize("named", ["missing.m4a", "folder", "."])
def test_only_regular_files_are_found(world: World, named: str) -> None:
    world.audio("folder/call.m4a")
    with pytest.raises(FileNotFound):
        world.analyses().analyse(new(named))


@pytest.mark.parametrize("named", ["a\0b", "x" * 5000])
def test_what_cannot_be_a_path_is_refused(world: World, named: str) -> None:
    with pytest.raises((InvalidRequest, FileNotFound)):
        world.analyses().analyse(new(named))


def test_an_empty_or_oversized_file_is_refused(world: World) -> None:
    world.max_bytes = 10
    world.audio("empty.m4a", b"")
    world.audio("large.m4a", b"x" * 11)
    with pytest.raises(BadAudio):
        world.analyses().analyse(new("empty.m4a"))
    with pytest.raises(TooLarge):
        world.analyses().analyse(new("large.m4a"))


def test_a_forbidden_callback_is_refused_before_anything_happens(world: World) -> None:
    world.audio()
    with pytest.raises(InvalidRequest):
        world.analyses().analyse(new(callback_url="http://evil.example/"))
    assert world.store.rows == {}


def test_an_unknown_id_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.analyses().get("nothing")


def test_a_hundred_calls_a_third_failing_leave_nothing(world: World) -> None:
    world.audio()
    good, bad = world.analyses(), World(world.root, store=world.store, line=FakeLine(BadAudio("no audio"))).analyses()
    for number in range(100):
        if number % 3:
            good.analyse(new())
        else:
            with pytest.raises(BadAudio):
                bad.analyse(new())
    assert len(world.store.rows) == 66
    assert list((world.root / "data" / "work").iterdir()) == []
