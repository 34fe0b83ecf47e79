"""One contract over all engines; the outside world is replaced by small fakes."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigurationError, Unavailable
from core.types import Segment
from pipeline.stt.factory import build_engine
from pipeline.stt.google import GoogleStt
from pipeline.stt.null import NullStt
from pipeline.stt.sound import recognition
from pipeline.stt.vosk import VoskStt
from pipeline.stt.whisper import WhisperStt

RATE = 16_000
SOUND = (np.sin(np.arange(60 * RATE) / 10) * 0.3).astype(np.float32)


class FakeGoogle:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.lengths_s: list[float] = []

    def recognize_google(self, audio, *, language, with_confidence):
        if self.failures:
            self.failures -= 1
            raise recognition().RequestError("down")
        self.lengths_s.append(len(audio.frame_data) / 2 / audio.sample_rate)
        return "여보세요", 0.9


class FakeKaldi:
    def __init__(self, model, rate) -> None:
        pass

    def SetWords(self, on) -> None:  # noqa: N802
        pass

    def AcceptWaveform(self, data) -> None:  # noqa: N802
        self.data = data

    def FinalResult(self) -> str:  # noqa: N802
        word = {"word": "여보세요", "start": 0.5, "end": 1.0, "conf": 0.8}
        return json.dumps({"text": "여보세요", "result": [word]})


class FakeBatched:
    def transcribe(self, samples, **_):
        raw = {"start": 0.1, "end": 1.0, "text": " 여보세요\ufffd", "avg_logprob": -0.1, "no_speech_prob": 0.01}
        return iter([types.SimpleNamespace(**raw)]), None


@pytest.fixture(params=["whisper", "google", "vosk", "null"])
def engine(request, tmp_path, monkeypatch):
    if request.param == "whisper":
        whisper = WhisperStt(model="base", cache_dir=tmp_path)
        monkeypatch.setattr(whisper, "_load", FakeBatched)
        return whisper
    if request.param == "google":
        return GoogleStt(recognizer=FakeGoogle(), wait_s=0)
    if request.param == "vosk":
        (tmp_path / "am").mkdir()
        fake = types.SimpleNamespace(Model=lambda _: object(), KaldiRecognizer=FakeKaldi)
        monkeypatch.setitem(sys.modules, "vosk", fake)
        return VoskStt(model=str(tmp_path))
    return NullStt((Segment(0.0, 1.0, "여보세요", 0.9),))


def test_speech_has_text_times_and_confidence(engine):
    for segment in engine.transcribe(SOUND):
        assert segment.text == "여보세요"
        assert 0 <= segment.start_s < segment.end_s <= 60
        assert 0 < segment.confidence <= 1


def test_speech_is_found(engine):
    assert engine.transcribe(SOUND)


def test_digital_silence_has_no_segments(engine):
    assert engine.transcribe(np.zeros(RATE, np.float32)) == ()


def test_nothing_has_no_segments(engine):
    assert engine.transcribe(np.zeros(0, np.float32)) == ()


def test_loading_twice_is_loading_once(engine):
    engine.load()
    before = vars(engine).copy()
    engine.load()
    assert vars(engine) == before


@pytest.mark.parametrize("name", ["whisper", "google", "vosk", "null"])
def test_the_factory_builds_without_loading(name, tmp_path):
    assert build_engine(engine=name, model="nowhere", cache_dir=tmp_path, threads=0, batch=8).name == name


def test_an_unknown_engine_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigurationError):
        build_engine(engine="siri", model="base", cache_dir=tmp_path, threads=0, batch=8)


def test_google_never_gets_more_than_55_seconds():
    fake = FakeGoogle()
    first, second = GoogleStt(recognizer=fake).transcribe(SOUND)
    assert fake.lengths_s == [55.0, 5.0]
    assert (first.end_s, second.start_s, second.end_s) == (55.0, 55.0, 60.0)


def test_google_is_asked_again_when_the_line_fails():
    assert GoogleStt(recognizer=FakeGoogle(failures=2), wait_s=0).transcribe(SOUND[:RATE])


def test_google_is_unavailable_when_it_stays_down():
    with pytest.raises(Unavailable):
        GoogleStt(recognizer=FakeGoogle(failures=3), wait_s=0).transcribe(SOUND[:RATE])


def test_vosk_without_a_model_is_unavailable(tmp_path: Path):
    with pytest.raises(Unavailable):
        VoskStt(model=str(tmp_path)).load()


class Forgetful(FakeBatched):
    """Ends a long window after one word; hears everything in short ones."""

    def transcribe(self, samples, *, chunk_length=30, **_):
        text = "여보세요" if chunk_length == 30 else "네 오늘 카드를 받으러 은행에 갔는데요"
        raw = {"start": 0.0, "end": len(samples) / RATE, "text": text, "avg_logprob": -0.1, "no_speech_prob": 0.1}
        return iter([types.SimpleNamespace(**raw)]), None


def test_a_window_whisper_gave_up_on_is_heard_again(tmp_path, monkeypatch):
    whisper = WhisperStt(model="base", cache_dir=tmp_path)
    monkeypatch.setattr(whisper, "_load", Forgetful)
    assert sum(len(segment.text) for segment in whisper.transcribe(SOUND[: 30 * RATE])) > 4
