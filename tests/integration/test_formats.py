"""Every format a telephone may hand in, and every file that is not a recording."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadAudio, FileNotFound, TooLarge
from pipeline.audiofile import read_slice
from pipeline.decode import decode_blocks
from pipeline.prepare import Limits, prepare
from tests.audio import speechlike, write, write_video

FORMATS = {
    "aac-mono-8k.m4a": ("aac", 8_000, 1),
    "aac-mono-16k.m4a": ("aac", 16_000, 1),
    "aac-stereo-44k.m4a": ("aac", 44_100, 2),
    "aac-stereo-48k.m4a": ("aac", 48_000, 2),
    "lame.mp3": ("libmp3lame", 44_100, 2),
    "lame-16k.mp3": ("libmp3lame", 16_000, 1),
    "u8.wav": ("pcm_u8", 8_000, 1),
    "s16.wav": ("pcm_s16le", 16_000, 1),
    "s24.wav": ("pcm_s24le", 48_000, 2),
    "float.wav": ("pcm_f32le", 44_100, 1),
    "mulaw.wav": ("pcm_mulaw", 8_000, 1),
    "alaw.wav": ("pcm_alaw", 8_000, 1),
    "narrow.amr": ("libopencore_amrnb", 8_000, 1),
    "narrow.3gp": ("libopencore_amrnb", 8_000, 1),
    "aac.3gp": ("aac", 16_000, 1),
    "opus.ogg": ("libopus", 48_000, 1),
    "opus.webm": ("libopus", 48_000, 2),
    "call.flac": ("flac", 44_100, 2),
    "adts.aac": ("aac", 16_000, 1),
}


def decoded(path, **limits) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, **limits)))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_16_khz_mono(tmp_path, name):
    codec, rate, channels = FORMATS[name]
    samples = decoded(write(tmp_path / name, speechlike(3, rate, channels), rate=rate, codec=codec))
    spectrum = np.abs(np.fft.rfft(samples))
    peak_hz = np.argmax(spectrum) * 16_000 / len(samples)
    assert samples.dtype == np.float32
    assert len(samples) / 16_000 == pytest.approx(3.0, abs=0.25)
    assert peak_hz == pytest.approx(220, abs=4)
    assert np.std(samples) == pytest.approx(np.std(speechlike(3)), rel=0.3)


def test_the_index_may_come_first_or_last(tmp_path):
    last = write(tmp_path / "last.m4a", speechlike(), codec="aac")
    first = write(tmp_path / "first.m4a", speechlike(), codec="aac", options={"movflags": "faststart"})
    assert last.read_bytes().index(b"mdat") < last.read_bytes().index(b"moov")
    assert first.read_bytes().index(b"moov") < first.read_bytes().index(b"mdat")
    assert np.array_equal(decoded(first), decoded(last))


def test_the_extension_does_not_matter(tmp_path):
    path = write(tmp_path / "a.wav", speechlike())
    assert len(decoded(path.rename(tmp_path / "a.m4a"))) == 2 * 16_000


def test_channels_in_anti_phase_do_not_cancel(tmp_path):
    left = speechlike(3)[0]
    samples = decoded(write(tmp_path / "a.wav", np.stack([left, -left])))
    assert np.std(samples) == pytest.approx(np.std(left), rel=0.05)


def test_both_sides_of_a_stereo_call_are_heard(tmp_path):
    call = speechlike(2, channels=2)
    call[0, 16_000:] = 0
    call[1, :16_000] = 0
    samples = decoded(write(tmp_path / "a.wav", call))
    assert np.std(samples[:16_000]) > 0.08
    assert np.std(samples[16_000:]) > 0.08


def test_wild_float_samples_are_tamed(tmp_path):
    import soundfile

    soundfile.write(tmp_path / "a.wav", np.array([np.nan, np.inf, -5, 0.5] * 8_000, np.float32), 16_000, "FLOAT")
    samples = decoded(tmp_path / "a.wav")
    assert np.all(np.isfinite(samples))
    assert np.abs(samples).max() <= 1


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("여보세요, 이것은 녹음이 아닙니다.\n" * 200, "utf-8")


def random_bytes(path):
    path.write_bytes(np.random.default_rng(0).bytes(50_000))


def without_index(path):
    whole = write(path, speechlike(10), codec="aac").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_after_index(path):
    whole = write(path, speechlike(10), codec="aac", options={"movflags": "faststart"}).read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])


def cut_wav(path):
    whole = write(path, speechlike(10), container="wav").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_flac(path):
    whole = write(path, speechlike(10), codec="flac", container="flac").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_mp3(path):
    whole = write(path, speechlike(10), codec="libmp3lame", container="mp3").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def silent_film(path):
    write_video(path)


def tenth_of_a_second(path):
    write(path, speechlike(0.1), container="wav")


def header_only(path):
    path.write_bytes(write(path, speechlike(), container="wav").read_bytes()[:44])


def playlist(path):
    other = write(path.with_name("other.wav"), speechlike())
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{other}\n#EXT-X-ENDLIST\n")


def concat_script(path):
    other = write(path.with_name("other.wav"), speechlike())
    path.write_text(f"ffconcat version 1.0\nfile {other.name}\n")


def damaged_in_the_middle(path):
    whole = bytearray(write(path, speechlike(10), codec="aac", options={"movflags": "faststart"}).read_bytes())
    start = whole.index(b"mdat") + 4
    middle = (start + len(whole)) // 2
    whole[start + 200 : middle] = np.random.default_rng(1).bytes(middle - start - 200)
    path.write_bytes(whole)


@pytest.mark.parametrize(
    "make",
    [
        empty,
        text,
        random_bytes,
        without_index,
        cut_after_index,
        cut_wav,
        cut_flac,
        cut_mp3,
        silent_film,
        tenth_of_a_second,
        header_only,
        playlist,
        concat_script,
        damaged_in_the_middle,
    ],
)
def test_what_is_no_recording_is_refused_and_leaves_nothing(tmp_path, make):
    make(tmp_path / "call.m4a")
    with pytest.raises(BadAudio):
        prepare(tmp_path / "call.m4a", tmp_path / "out.wav", Limits())
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize("name", ["missing.m4a", "."])
def test_no_file_is_not_found(tmp_path, name):
    with pytest.raises(FileNotFound):
        decoded(tmp_path / name)


@pytest.mark.parametrize("name", ["long.wav", "long.amr"])
def test_a_call_over_the_limit_is_too_large(tmp_path, name):
    codec = "libopencore_amrnb" if name.endswith("amr") else "pcm_s16le"
    write(tmp_path / name, speechlike(5, 8_000), rate=8_000, codec=codec)
    with pytest.raises(TooLarge):
        prepare(tmp_path / name, tmp_path / "out.wav", Limits(max_duration_s=3))
    assert not (tmp_path / "out.wav").exists()


def test_a_prepared_call_can_be_read_in_slices(tmp_path):
    write(tmp_path / "a.wav", speechlike(5))
    prepared = prepare(tmp_path / "a.wav", tmp_path / "out.wav", Limits(chunk_s=2))
    slices = [read_slice(tmp_path / "out.wav", chunk.start_s, chunk.end_s) for chunk in prepared.chunks]
    assert prepared.duration_s == 5.0
    assert len(slices) > 2
    assert np.allclose(np.concatenate(slices), speechlike(5)[0], atol=1e-4)
