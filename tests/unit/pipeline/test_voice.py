from dataclasses import asdict

from models.protocols import HeardWindow
from pipeline.voice import score_voice, speech_seconds, strongest_passage
from tests.fakes import WholeChunkVoiceModel


def test_overlapping_windows_count_once() -> None:
    assert speech_seconds([HeardWindow(0, 3, 0.1), HeardWindow(1.5, 4.5, 0.1), HeardWindow(10, 12, 0.1)]) == 6.5


def test_too_little_speech_is_not_judged() -> None:
    model = WholeChunkVoiceModel()
    assert score_voice([], model).reason == "no_speech"
    assert score_voice([HeardWindow(0, 2.5, 0.9)], model).reason == "too_short"


def test_enough_speech_is_graded_by_the_models_borders() -> None:
    result = score_voice([HeardWindow(0, 3, 0.7)], WholeChunkVoiceModel())
    assert (result.score, result.grade, result.threshold, result.model_version) == (0.7, 2, 0.6, "fake-voice")
    assert result.members == {"loud": 0.9, "quiet": 0.7}
    assert [asdict(window) for window in result.windows] == [{"start_s": 0, "end_s": 3, "score": 0.7}]


def timeline(*scores: float) -> list[HeardWindow]:
    return [HeardWindow(3.0 * i, 3.0 * i + 3.0, score) for i, score in enumerate(scores)]


def test_a_short_altered_passage_in_a_long_call_shows() -> None:
    result = score_voice(timeline(*[0.1] * 20, 0.9, 0.9, 0.9, *[0.1] * 20), WholeChunkVoiceModel())
    assert result.altered_share == 3 / 43
    assert result.strongest is not None
    assert (result.strongest.start_s, result.strongest.end_s) == (60.0, 69.0)
    assert result.strongest.score > 0.8


def test_one_loud_window_in_a_pause_is_no_passage() -> None:
    alone = HeardWindow(100.0, 103.0, 0.99)
    strongest = strongest_passage([*timeline(0.2, 0.2, 0.2), alone], WholeChunkVoiceModel())
    assert strongest.end_s <= 9.0


def test_a_call_of_one_window_is_its_own_strongest_passage() -> None:
    strongest = strongest_passage(timeline(0.7), WholeChunkVoiceModel())
    assert (strongest.start_s, strongest.end_s, strongest.score) == (0.0, 3.0, 0.7)


def test_the_order_of_windows_does_not_matter() -> None:
    windows = timeline(0.1, 0.6, 0.7, 0.2, 0.1, 0.3)
    assert strongest_passage(windows[::-1], WholeChunkVoiceModel()) == strongest_passage(
        windows, WholeChunkVoiceModel()
    )
