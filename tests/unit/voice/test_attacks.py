"""Attacks do to a voice what they say."""

from __future__ import annotations

import numpy as np
import pytest
import pyworld

from models.voice.attacks import ATTACKS, FAMILIES, Attack, Text, ToolMissing, alter, say, shifting, spectral, world
from models.voice.attacks.genuine import DEBIAN, TRAINING
from models.voice.attacks.kinds import need, run
from models.voice.attacks.texts import draw
from tests.unit.voice.speech import RATE_HZ, speech_like

VOICE = speech_like(4.0, seed=3)
TIME = np.arange(3 * RATE_HZ) / RATE_HZ
VOWEL = sum(np.sin(2 * np.pi * 130 * k * TIME) / k for k in range(1, 25)).astype(np.float32) * np.float32(0.1)
SLOW = {"kokoro", "kokoro_pitch", "piper_hifigan"}  # seconds a clip; their parts are heard in other tests
READY = [name for name, attack in ATTACKS.items() if not attack.missing and name not in SLOW]
ALTERING = [name for name in READY if not ATTACKS[name].languages]
SPEAKING = [name for name in READY if ATTACKS[name].languages]


def middle_pitch(samples: np.ndarray) -> float:
    f0, _ = pyworld.harvest(samples.astype(np.float64), RATE_HZ)
    return float(np.median(f0[f0 > 0]))


@pytest.mark.parametrize("name", ALTERING)
def test_an_altered_voice_is_another_sound_of_about_the_same_length(name: str) -> None:
    made = alter(name, VOICE, np.random.default_rng(1))
    assert made.samples.dtype == np.float32
    assert np.isfinite(made.samples).all()
    assert 0.65 < len(made.samples) / len(VOICE) < 1.5
    shared = min(len(made.samples), len(VOICE))
    assert not np.allclose(made.samples[:shared], VOICE[:shared], atol=1e-3)
    assert made.parameters


@pytest.mark.parametrize("name", ["world_pitch", "phase_vocoder", "griffin_lim", "lpc_vocoder", "ring_modulation"])
def test_the_same_seed_gives_the_same_sound_and_another_seed_another(name: str) -> None:
    first, again, other = (alter(name, VOICE, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first.samples, again.samples)
    assert first.parameters == again.parameters
    assert first.parameters != other.parameters


def test_world_moves_the_pitch_by_what_it_drew_and_leaves_it_when_only_formants_move() -> None:
    moved = world.pitch(VOWEL, np.random.default_rng(2))
    wanted = 2.0 ** (float(moved.parameters["semitones"]) / 12.0)
    assert middle_pitch(moved.samples) / middle_pitch(VOWEL) == pytest.approx(wanted, rel=0.04)
    left = world.formant(VOWEL, np.random.default_rng(2))
    assert middle_pitch(left.samples) / middle_pitch(VOWEL) == pytest.approx(1.0, rel=0.04)


def test_a_stretched_voice_is_longer_by_its_rate_and_keeps_its_pitch() -> None:
    made = shifting.phase_vocoder_stretch(VOWEL, np.random.default_rng(4))
    assert len(VOWEL) / len(made.samples) == pytest.approx(float(made.parameters["rate"]), rel=0.02)
    assert middle_pitch(made.samples) / middle_pitch(VOWEL) == pytest.approx(1.0, rel=0.04)


def test_a_frequency_shift_moves_a_tone_by_as_many_hertz() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    made = spectral.frequency_shift(tone, np.random.default_rng(0))
    loudest_hz = int(np.argmax(np.abs(np.fft.rfft(made.samples))))
    assert loudest_hz == pytest.approx(1000 + float(made.parameters["hz"]), abs=1.5)


def test_a_whisper_has_no_pitch_left() -> None:
    made = spectral.whisper(VOICE, np.random.default_rng(11)).samples
    voiced = [pyworld.dio(x.astype(np.float64), RATE_HZ)[0] > 0 for x in (VOICE, made)]
    assert voiced[1].mean() < 0.5 * voiced[0].mean()


@pytest.mark.parametrize("name", SPEAKING)
def test_a_synthetic_voice_says_some_seconds_and_has_a_name(name: str) -> None:
    rng = np.random.default_rng(1)
    made = say(name, draw(ATTACKS[name].languages, rng), rng)
    assert 2.0 < len(made.samples) / RATE_HZ < 20.0
    assert float(np.abs(made.samples).max()) > 0.05
    assert made.voice


def test_texts_are_of_the_language_asked_for() -> None:
    rng = np.random.default_rng(0)
    korean, english = draw(("ko",), rng), draw(("en",), rng)
    assert all("가" <= letter <= "힣" or letter == " " for letter in korean.words)
    assert english.words.isascii()
    assert (korean.language, english.language) == ("ko", "en")


def test_voices_are_not_made_by_attacks_that_alter_nor_altered_by_those_that_speak() -> None:
    with pytest.raises(KeyError):
        say("world_pitch", Text("en", "Good morning."), np.random.default_rng(0))
    with pytest.raises(KeyError):
        alter("espeak", VOICE, np.random.default_rng(0))


def test_a_missing_tool_is_named() -> None:
    assert Attack("x", "x", "x", alter, ("numpy", "no_such_tool")).missing == ("no_such_tool",)
    with pytest.raises(ToolMissing, match="no_such_tool"):
        need("no_such_tool")
    with pytest.raises(ToolMissing, match="no_such_tool"):
        run(["no_such_tool"])


def test_the_parts_of_a_chain_are_families_of_their_own() -> None:
    single = {family for family in FAMILIES.values() if "+" not in family}
    assert {part for family in FAMILIES.values() for part in family.split("+")} == single
    assert len(single) >= 14


def test_korean_evaluation_speech_is_no_source() -> None:
    assert not [corpus.name for corpus in (*TRAINING, *DEBIAN) if "genuine_ko" in corpus.folder]
