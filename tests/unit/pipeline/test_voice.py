from core.types import VoiceWindow
from pipeline.voice import score_voice, speech_seconds
from tests.fakes import WholeChunkVoiceModel


def test_overlapping_windows_count_once() -> None:
    assert speech_seconds([VoiceWindow(0, 3, 0.1), VoiceWindow(1.5, 4.5, 0.1), VoiceWindow(10, 12, 0.1)]) == 6.5


def test_too_little_speech_is_not_judged() -> None:
    model = WholeChunkVoiceModel()
    assert score_voice([], model).reason == "no_speech"
    assert score_voice([VoiceWindow(0, 2.5, 0.9)], model).reason == "too_short"


def test_enough_speech_is_graded_by_the_models_borders() -> None:
    result = score_voice([VoiceWindow(0, 3, 0.7)], WholeChunkVoiceModel())
    assert (result.score, result.grade, result.threshold, result.model_version) == (0.7, 2, 0.6, "fake-voice")
