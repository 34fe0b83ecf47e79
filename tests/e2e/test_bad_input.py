"""Bad input through the real server: a clear 4xx, and nothing is left behind."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tests.e2e.conftest import MAX_DURATION_S, Server

RATE = 16_000


@pytest.fixture(scope="module")
def bad_files(server: Server) -> None:
    root = server.audio_root
    sample = (root / "call_normal_ko.m4a").read_bytes()
    (root / "folder").mkdir()
    (root / "empty.m4a").touch()
    (root / "text.m4a").write_text("이것은 소리가 아닙니다\n" * 50, "utf-8")
    (root / "truncated.m4a").write_bytes(sample[: len(sample) // 2])
    (root / "outside.m4a").symlink_to("/etc/passwd")
    (root / "playlist.m4a").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    (root / "large.wav").write_bytes(b"RIFF" + b"\0" * 31_000_000)
    soundfile.write(root / "tiny.wav", np.zeros(RATE // 10), RATE)
    soundfile.write(root / "long.flac", np.zeros((MAX_DURATION_S + 5) * 8000, dtype="int16"), 8000)


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("missing.m4a", 404),
        ("../e2e.sqlite3", 403),
        ("/etc/passwd", 403),
        ("outside.m4a", 403),
        ("folder", 404),
        ("empty.m4a", 422),
        ("text.m4a", 422),
        ("truncated.m4a", 422),
        ("playlist.m4a", 422),
        ("tiny.wav", 422),
        ("long.flac", 413),
        ("large.wav", 413),
    ],
)
def test_a_bad_file_is_a_clear_4xx_and_leaves_nothing(server: Server, bad_files: None, named: str, status: int) -> None:
    before = server.row_count()
    answer = server.post(named)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "request_id"}
    assert server.row_count() == before
    assert server.left_behind() == []


def test_a_bad_upload_leaves_nothing(server: Server) -> None:
    before = server.row_count()
    form = {"user_id": "e2e", "declaration": "112"}
    answer = server.client.post("/api/v1/analyses", data=form, files={"file": ("a.m4a", b"not audio at all")})
    assert answer.status_code == 422
    assert server.row_count() == before
    assert server.left_behind() == []


@pytest.mark.parametrize(
    "changes", [{"user_id": ""}, {"declaration": "letters"}, {"callback_url": "http://169.254.169.254/"}]
)
def test_a_malformed_field_leaves_nothing(server: Server, changes: dict[str, str]) -> None:
    before = server.row_count()
    assert server.post("call_normal_ko.m4a", **changes).status_code == 400
    assert server.row_count() == before
