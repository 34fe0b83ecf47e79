"""Lines change a voice in the ways they draw, the same way for everybody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.voice.acoustics import NOISES, microphone, noise, room
from models.voice.channel import Line, carry, channelled, draw_line
from models.voice.codecs import CODECS, through
from models.voice.transport import cleaned, detoured, levelled, lossy, overdriven
from tests.unit.voice.speech import RATE_HZ, speech_like

VOICE = speech_like(4.0, seed=8)
CLEAN = Line(codecs=("mulaw",))


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the best correlation of two sounds over delays up to 0.3 s."""
    size = 1 << 18
    both = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    return float(max(both[:4800].max(), both[-4800:].max()) / (np.linalg.norm(one) * np.linalg.norm(other)))


@pytest.mark.parametrize("codec", CODECS)
def test_a_voice_is_still_the_same_voice_after_a_codec(codec: str) -> None:
    heard = through(codec, VOICE)
    assert heard.dtype == np.float32
    assert abs(len(heard) - len(VOICE)) < 0.3 * RATE_HZ
    assert 0.6 < alike(heard, VOICE) < 0.99999


@pytest.mark.parametrize("codec", [name for name, codec in CODECS.items() if codec.rate_hz == 8000])
def test_a_telephone_codec_passes_nothing_above_4_khz(codec: str) -> None:
    noise_hz = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32) * 0.1
    power = np.abs(np.fft.rfft(through(codec, noise_hz)[:RATE_HZ])) ** 2
    assert power[4400:].sum() < 0.01 * power.sum()


def test_the_same_draw_gives_the_same_sound_and_every_draw_can_be_carried() -> None:
    for seed in range(24):
        heard, line = channelled(VOICE, np.random.default_rng(seed), background=[VOICE[::-1]])
        assert np.isfinite(heard).all()
        assert line == draw_line(np.random.default_rng(seed))
        if seed < 4:
            assert np.array_equal(heard, carry(line, VOICE, [VOICE[::-1]]))


def test_the_last_codec_can_be_fixed_and_others_may_come_before_it() -> None:
    lines = [draw_line(np.random.default_rng(seed), "amr") for seed in range(100)]
    assert {line.codec for line in lines} == {"amr"}
    assert {len(line.codecs) for line in lines} == {1, 2, 3}


def test_noise_comes_at_the_ratio_drawn() -> None:
    quiet = through("mulaw", VOICE * np.float32(0.5 / np.abs(VOICE).max()))
    noisy = carry(replace(CLEAN, snr_db=10.0), VOICE)
    noisy = noisy * (noisy @ quiet / (noisy @ noisy))
    rest = noisy - quiet
    assert 10 * np.log10(np.sum(quiet**2) / np.sum(rest**2)) == pytest.approx(10.4, abs=1.5)


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise_has_unit_power(kind: str) -> None:
    made = noise(kind, 2 * RATE_HZ, np.random.default_rng(1), [VOICE])
    assert made.shape == (2 * RATE_HZ,)
    assert made.std() == pytest.approx(1.0, rel=1e-3)
    with pytest.raises(ValueError, match="no such noise"):
        noise("applause", 10, np.random.default_rng(1))


def test_babble_is_made_of_the_others() -> None:
    tone = np.sin(2 * np.pi * 700 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    made = noise("babble", RATE_HZ, np.random.default_rng(1), [tone])
    assert int(np.argmax(np.abs(np.fft.rfft(made)))) == 700


def test_a_room_rings_on_and_a_longer_one_rings_longer() -> None:
    click = np.zeros(2 * RATE_HZ, np.float32)
    click[100] = 1.0
    tails = [room(click, reverb_s, np.random.default_rng(2)) for reverb_s in (0.1, 1.0)]
    late = [float(np.sum(tail[100 + 3200 :] ** 2)) for tail in tails]
    assert late[0] < 1e-6 < late[1]
    assert all(abs(tail[:100]).max() < 1e-6 for tail in tails)  # nothing before the sound


def test_a_microphone_colours_without_delaying() -> None:
    click = np.zeros(4096, np.float32)
    click[100] = 1.0
    heard = microphone(click, 6.0, np.random.default_rng(3))
    assert np.sum(heard[100:180] ** 2) > 0.8 * np.sum(heard**2)
    assert np.std(np.abs(np.fft.rfft(heard))) > 0.1


def test_automatic_gain_evens_out_levels() -> None:
    loud = VOICE * np.repeat([1.0, 0.1], len(VOICE) // 2).astype(np.float32)
    halves = np.array_split(levelled(loud, 0.9, 0.2), 2)
    assert halves[0].std() / halves[1].std() < 4.0


def test_lost_packets_are_about_as_many_as_drawn() -> None:
    sound = np.random.default_rng(0).standard_normal(60 * RATE_HZ).astype(np.float32)
    changed = np.any((lossy(sound, 0.05, np.random.default_rng(1)) != sound).reshape(-1, 320), axis=1)
    assert changed.mean() == pytest.approx(0.05, abs=0.025)


def test_overload_clips_cleaning_quiets_pauses_and_a_detour_narrows() -> None:
    hard = overdriven(VOICE, 4.0, soft=False)
    assert np.mean(np.abs(hard) == 1.0) > 0.005
    hiss = np.random.default_rng(0).standard_normal(len(VOICE)).astype(np.float32) * 0.003
    assert cleaned(hiss, 15.0).std() < 0.75 * hiss.std()
    power = np.abs(np.fft.rfft(detoured(hiss, 6000))) ** 2
    assert power[int(len(power) * 3400 / 8000) :].sum() < 0.01 * power.sum()
