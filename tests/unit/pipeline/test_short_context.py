import numpy as np
import pytest

from pipeline.stt.short_context import FRAMES_PER_S, PADDING_S, encoder_frames


def features(*lengths: int) -> np.ndarray:
    batch = np.zeros((len(lengths), 80, 3000), np.float32)
    for one, length in zip(batch, lengths, strict=True):
        one[:, :length] = -0.7
    return batch


@pytest.mark.parametrize(("lengths", "heard"), [((1000,), 1000), ((400, 1500), 1500), ((1,), 1), ((0,), 0)])
def test_the_longest_window_and_its_padding_are_encoded(lengths, heard):
    frames = encoder_frames(features(*lengths))
    assert frames % 2 == 0
    assert 0 <= frames - heard - PADDING_S * FRAMES_PER_S <= 1


def test_a_full_window_is_encoded_whole():
    assert encoder_frames(features(2950)) == encoder_frames(features(3000)) == 3000
