"""Recordings that are heard again: the windows that serving judged, from inside our folders only."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import BadAudio, FileNotFound, MoksoriError, PathNotAllowed
from core.evidence import VoiceRow
from models.voice.windows import cut, speech_windows
from pipeline.audiofile import read_slice
from pipeline.prepare import Limits, prepare
from service.stored_audio import StoredAudio
from tests.unit.voice.speech import speech_like

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECONDS = 20.0


def row(id: str = "a", *, audio_file: str = "site-1/a.wav", uploaded: bool = False, **more: float | None) -> VoiceRow:
    return VoiceRow(id, 1, audio_file, uploaded, more.get("duration_s", SECONDS), NOW, NOW)


@pytest.fixture
def audio(tmp_path: Path) -> StoredAudio:
    for name in ("wav", "root/site-1"):
        (tmp_path / name).mkdir(parents=True)
    limits = Limits(chunk_s=8.0)
    return StoredAudio(tmp_path / "wav", tmp_path / "root", tmp_path / "work", limits, 10_000_000)


def put(path: Path, *, seconds: float = SECONDS, seed: int = 0, rate: int = 16_000) -> Path:
    soundfile.write(path, speech_like(seconds, seed), rate)
    return path


def served(path: Path, limits: Limits, folder: Path) -> np.ndarray:
    """Return the windows that the line would judge."""
    prepared = prepare(path, folder / "call.wav", limits)
    slices = [read_slice(folder / "call.wav", chunk.start_s, chunk.end_s) for chunk in prepared.chunks]
    return np.concatenate([cut(samples, speech_windows(samples)) for samples in slices])


def test_the_windows_are_those_of_the_line(audio: StoredAudio, tmp_path: Path) -> None:
    path = put(audio.audio_root / "site-1" / "a.wav")
    expected = served(path, audio.limits, tmp_path)
    assert len(expected) >= 3
    np.testing.assert_array_equal(audio.heard(row(), most=60).windows, expected)
    assert list(audio.scratch.iterdir()) == []


def test_the_kept_wav_comes_first_and_sounds_the_same(audio: StoredAudio, tmp_path: Path) -> None:
    put(audio.audio_root / "site-1" / "a.wav")
    first = audio.heard(row(), most=60)
    prepare(audio.audio_root / "site-1" / "a.wav", audio.wav_dir / "a.wav", audio.limits)
    put(audio.audio_root / "site-1" / "a.wav", seed=1)
    kept = audio.heard(row(), most=60)
    assert kept.hashed == first.hashed
    np.testing.assert_array_equal(kept.windows, first.windows)


def test_long_calls_are_heard_evenly(audio: StoredAudio) -> None:
    put(audio.audio_root / "site-1" / "a.wav")
    whole = audio.heard(row(), most=60).windows
    some = audio.heard(row(), most=2).windows
    np.testing.assert_array_equal(some, whole[[0, -1]])


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (row(duration_s=5.0), BadAudio),
        (row(audio_file="site-1/gone.wav"), FileNotFound),
        (row("b", uploaded=True), FileNotFound),
        (row(audio_file="../secret.wav"), PathNotAllowed),
        (row("../root/site-1/a"), PathNotAllowed),
    ],
)
def test_what_is_gone_replaced_or_outside_is_refused(
    audio: StoredAudio, tmp_path: Path, asked: VoiceRow, error: type[MoksoriError]
) -> None:
    put(audio.audio_root / "site-1" / "a.wav")
    put(tmp_path / "secret.wav")
    with pytest.raises(error):
        audio.heard(asked, most=60)


def test_a_kept_file_that_is_no_wav_of_ours_is_refused(audio: StoredAudio) -> None:
    put(audio.wav_dir / "a.wav", rate=8_000)
    (audio.wav_dir / "b.wav").write_bytes(b"RIFF nothing")
    for id in "ab":
        with pytest.raises(BadAudio):
            audio.heard(row(id), most=60)
