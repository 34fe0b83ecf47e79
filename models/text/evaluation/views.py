"""The texts that are judged: a call with recognition noise of a known word error, and the beginnings of a call."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from models.text.data import CORPUS, Call
from models.text.noise import SttNoise
from models.text.normalise import normalise

View = Callable[[Call, int], str]
"""From a call and its place among the calls to the text that is judged."""

WORD_ERRORS = (0.2, 0.3)
CHARACTERS = (50, 100, 200, 400)
"""Beginnings in characters as people count them, spaces and punctuation included."""
CHARACTERS_PER_SYLLABLE = 1.4
"""Normalised text has no spaces; this is the share in our own corpus, spaces and line ends included."""
SYLLABLES_PER_S = 6.6
"""Rate of Korean telephone talk that turns syllables into seconds; the sources of text carry no times."""
CHUNK_S = 120.0
"""The service transcribes, and may score, one chunk of this length after the other."""
CHUNKS = 5
"""Chunks that are looked at; the tenth minute is the end of nearly every call here."""


def noise_views(noise: SttNoise, words: Sequence[str]) -> dict[str, View]:
    """Return {"wer20", "wer30"}: copies with that share of wrong words, as measured on ``words``."""
    rates = {error: syllable_rate(noise, error, words) for error in WORD_ERRORS}
    return {f"wer{error * 100:.0f}": _noisy(noise, rate, place) for place, (error, rate) in enumerate(rates.items())}


def checkpoints() -> dict[str, int]:
    """Return {view: syllables heard}, in the order of time: 50 to 400 characters, then every chunk."""
    early = {f"first{count}": round(count / CHARACTERS_PER_SYLLABLE) for count in CHARACTERS}
    return early | {f"chunk{k}": round(k * CHUNK_S * SYLLABLES_PER_S) for k in range(1, CHUNKS + 1)}


def early_views() -> dict[str, View]:
    """Return the view of each checkpoint; a call that is shorter stands there whole."""
    return {name: _first(syllables) for name, syllables in checkpoints().items()}


def own_words(folder: Path = CORPUS) -> list[str]:
    """Return the words of our own calls, normalised: the text whose spacing is certain."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    words = [normalise(word) for line in lines for word in json.loads(line)["text"].split()]
    return [word for word in words if word]


def syllable_rate(noise: SttNoise, word_error: float, words: Sequence[str], *, most: int = 20_000) -> float:
    """Return the share of wrong syllables (0..1) at which ``word_error`` (0..1) of the words come out wrong."""
    from scipy.optimize import brentq

    drawn = words[:: max(1, len(words) // most)]
    return float(brentq(lambda rate: measured_word_error(noise, rate, drawn) - word_error, 0.0, 1.0, xtol=1e-3))


def measured_word_error(noise: SttNoise, rate: float, words: Sequence[str], *, seed: int = 0) -> float:
    """Return the share of ``words`` that noise changes or drops; it neither joins nor splits words."""
    rng = random.Random(seed)  # noqa: S311 - noise, not secrets
    return sum(noise.apply(word, rate, rng) != word for word in words) / len(words)


def _noisy(noise: SttNoise, rate: float, number: int) -> View:
    def view(call: Call, place: int) -> str:
        rng = random.Random(104_729 * (number + 1) + place)  # noqa: S311 - noise, not secrets
        return noise.apply(call.text, rate, rng) or call.text

    return view


def _first(syllables: int) -> View:
    return lambda call, _place: call.text[:syllables]
