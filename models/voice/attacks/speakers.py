"""Speech synthesisers of the old kinds: formants (eSpeak NG), units and statistics (Flite, Festival)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from models.voice.attacks.kinds import Altered, Text, read, run

ESPEAK_VARIANTS = ("", "m1", "m2", "m3", "m4", "m5", "m7", "f1", "f2", "f3", "f4", "f5", "croak", "klatt", "klatt4")
FLITE_VOICES = ("slt", "awb", "rms", "kal16")
FESTIVAL_VOICES = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")


def espeak(text: Text, rng: np.random.Generator) -> Altered:
    """ESpeak NG, Korean or English, by one of its variants of a voice."""
    variant = str(rng.choice(ESPEAK_VARIANTS))
    pitch, speed = int(rng.integers(20, 80)), int(rng.integers(120, 210))
    language = {"ko": "ko", "en": "en-us"}[text.language]
    voice = f"{language}+{variant}" if variant else language
    with tempfile.TemporaryDirectory(prefix="attack_") as folder:
        target = str(Path(folder, "out.wav"))
        run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-w", target, "--", text.words])
        made = read(target)
    return Altered(made, {"pitch": pitch, "words_a_minute": speed}, voice=variant or "default")


def flite(text: Text, rng: np.random.Generator) -> Altered:
    """Flite: statistical (slt, awb, rms) and diphone (kal16) voices."""
    voice, stretch = str(rng.choice(FLITE_VOICES)), round(float(rng.uniform(0.8, 1.3)), 2)
    with tempfile.TemporaryDirectory(prefix="attack_") as folder:
        target = str(Path(folder, "out.wav"))
        run(["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-t", text.words, "-o", target])
        made = read(target)
    return Altered(made, {"duration": stretch}, voice=voice)


def festival(text: Text, rng: np.random.Generator) -> Altered:
    """Festival: diphone (kal, ked) and hidden-Markov (slt) voices."""
    voice, stretch = str(rng.choice(FESTIVAL_VOICES)), round(float(rng.uniform(0.85, 1.25)), 2)
    commands = f"(begin (voice_{voice}) (Parameter.set 'Duration_Stretch {stretch}))"
    with tempfile.TemporaryDirectory(prefix="attack_") as folder:
        target = str(Path(folder, "out.wav"))
        run(["text2wave", "-eval", commands, "-o", target], stdin=text.words.encode("ascii", "ignore"))
        made = read(target)
    return Altered(made, {"duration": stretch}, voice=voice)
