"""The real recogniser on sounds that are not speech: it must stay silent. And on speech: it must not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.settings import ROOT, Settings
from pipeline.audiofile import spool
from pipeline.decode import decode_blocks
from pipeline.stt.factory import build_engine
from tests.audio import write

RATE = 16_000


@pytest.fixture(scope="module")
def whisper():
    engine = build_engine(engine="whisper", model="base", cache_dir=Settings().cache_dir, threads=2, batch=8)
    engine.load()
    return engine


def seconds(length: float) -> np.ndarray:
    return np.arange(int(length * RATE)) / RATE


def tones(t: np.ndarray, *hertz: float) -> np.ndarray:
    return sum(np.sin(2 * np.pi * f * t) for f in hertz) / len(hertz)


def white(t):
    return np.random.default_rng(0).standard_normal(len(t)) * 0.3


def pink(t):
    spectrum = np.fft.rfft(white(t)) / np.sqrt(np.maximum(1, np.arange(len(t) // 2 + 1)))
    wave = np.fft.irfft(spectrum, len(t))
    return wave / np.abs(wave).max()


def narrow_band(t):
    spectrum, hertz = np.fft.rfft(white(t)), np.fft.rfftfreq(len(t), 1 / RATE)
    return np.fft.irfft(np.where((hertz > 300) & (hertz < 3400), spectrum, 0), len(t))


def melody(t):
    notes = np.array([262, 294, 330, 349, 392, 440, 494, 523])[(t / 0.4).astype(int) % 8]
    return sum(np.sin(2 * np.pi * notes * k * t) / k for k in (1, 2, 3)) / 2 * np.exp(-3 * (t % 0.4))


def dtmf(t):
    step = (t / 0.3).astype(int)
    low, high = np.array([697, 770, 852, 941])[step % 4], np.array([1209, 1336, 1477])[step % 3]
    return (np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * high * t)) / 2 * (t % 0.3 < 0.2)


SOUNDS = {
    "silence": lambda t: t * 0,
    "dither": lambda t: white(t) * 3e-4,
    "white noise": white,
    "pink noise": pink,
    "telephone-band noise": narrow_band,
    "noise bursts": lambda t: white(t) * (t % 1 < 0.15),
    "sine": lambda t: tones(t, 440),
    "chord": lambda t: tones(t, 261.6, 329.6, 392),
    "ringing tone": lambda t: tones(t, 440, 480) * (t % 3 < 1),
    "busy tone": lambda t: tones(t, 480, 620) * (t % 1 < 0.5),
    "dtmf": dtmf,
    "sweep": lambda t: np.sin(2 * np.pi * (100 * t + 1500 / t[-1] * t**2)),
    "siren": lambda t: np.sin(2 * np.pi * 800 * t + 300 * np.sin(np.pi * t)),
    "vibrato": lambda t: tones(t, 220) * 0 + np.sin(2 * np.pi * 220 * t + 8 * np.sin(10 * np.pi * t)),
    "melody": melody,
}


@pytest.mark.parametrize("level", [1.0, 0.1, 0.01])
@pytest.mark.parametrize("length_s", [1, 10])
@pytest.mark.parametrize("sound", SOUNDS)
def test_no_text_is_invented(whisper, sound, length_s, level):
    assert whisper.transcribe((SOUNDS[sound](seconds(length_s)) * level).astype(np.float32)) == ()


@pytest.mark.parametrize("sound", SOUNDS)
def test_no_text_is_invented_on_a_minute(whisper, sound):
    assert whisper.transcribe((SOUNDS[sound](seconds(60)) * 0.3).astype(np.float32)) == ()


@pytest.mark.parametrize("sound", ["white noise", "pink noise", "melody", "ringing tone", "vibrato", "sweep"])
def test_no_text_is_invented_after_a_telephone_codec(whisper, tmp_path: Path, sound):
    wave = (SOUNDS[sound](seconds(10)) * 0.5).astype(np.float32)[None, ::2]
    path = write(tmp_path / "a.amr", wave, rate=8_000, codec="libopencore_amrnb")
    assert whisper.transcribe(np.concatenate(list(decode_blocks(path)))) == ()


@pytest.mark.parametrize("level", [1.0, 0.01])
def test_speech_is_heard_loud_or_faint(whisper, tmp_path: Path, level):
    samples = np.concatenate(list(decode_blocks(ROOT / "samples" / "call_normal_ko.m4a")))[: 30 * RATE]
    spool([samples * np.float32(level)], tmp_path / "a.wav")
    segments = whisper.transcribe(np.concatenate(list(decode_blocks(tmp_path / "a.wav"))))
    assert len("".join(segment.text for segment in segments)) > 60
    assert all(0 <= segment.start_s < segment.end_s <= 31 for segment in segments)
    assert all(0.3 < segment.confidence <= 1 for segment in segments)
