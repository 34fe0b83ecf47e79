"""Recognition noise for training: syllables misheard, dropped and added as Whisper does on telephone calls."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
OWN_TABLE = Path(__file__).parent / "confusions.csv"
"""What our own recogniser made of Korean talks over telephone lines: counts, by ``scripts.learn_confusions``."""
NOISE_TABLE = "stt_confusions.csv"
"""The table of the data folder, of the same columns."""
SHARES = {"sub": 0.62, "del": 0.26}
"""How errors divide; the rest is insertions. Whisper *base* on telephone sound mishears more than it drops."""


@dataclass(frozen=True, slots=True)
class SttNoise:
    """Confusion tables: syllable -> what was heard instead (with counts), and syllables added from nothing."""

    heard: Mapping[str, tuple[Sequence[str], Sequence[int]]] = field(default_factory=dict)
    added: tuple[Sequence[str], Sequence[int]] = ((), ())

    @classmethod
    def learned(cls, folder: Path) -> SttNoise:
        """Return the noise of our own recogniser, and that of the table of the data folder when it is there."""
        table = folder / "text" / NOISE_TABLE
        return cls.from_csv(*(path for path in (table, OWN_TABLE) if path.is_file()))

    @classmethod
    def from_csv(cls, *paths: Path) -> SttNoise:
        """Read ``op,reference,hypothesis,count`` rows; operations other than sub and ins are ignored."""
        heard: dict[str, tuple[list[str], list[int]]] = {}
        added: tuple[list[str], list[int]] = ([], [])
        for path in paths:
            for row in csv.DictReader(path.read_text("utf-8-sig").splitlines()):
                reference, hypothesis = row["reference"].strip("'"), row["hypothesis"].strip("'")
                if row["op"] == "sub":
                    options = heard.setdefault(reference, ([], []))
                elif row["op"] == "ins":
                    options = added
                else:
                    continue
                options[0].append(hypothesis)
                options[1].append(int(row["count"]))
        return cls(heard, added)

    def apply(self, compact: str, rate: float, rng: random.Random) -> str:
        """Return ``compact`` with about ``rate`` (0..1) of its syllables wrong."""
        out: list[str] = []
        for letter in compact:
            if rng.random() >= rate:
                out.append(letter)
                continue
            draw = rng.random()
            if draw < SHARES["sub"]:
                out.append(self._misheard(letter, rng))
            elif draw >= SHARES["sub"] + SHARES["del"]:
                out.extend((letter, self._extra(letter, rng)))
        return "".join(out)

    def _misheard(self, letter: str, rng: random.Random) -> str:
        """Half by the table, half a neighbour: the table knows only pairs that were seen twice."""
        if letter in self.heard and rng.random() < 0.5:
            return rng.choices(*self.heard[letter])[0]
        return similar(letter, rng)

    def _extra(self, letter: str, rng: random.Random) -> str:
        return rng.choices(*self.added)[0] if self.added[0] else letter


def similar(letter: str, rng: random.Random) -> str:
    """Return a syllable that differs from ``letter`` in one or two sounds; other characters come back unchanged."""
    code = ord(letter) - _FIRST
    if not 0 <= code < 19 * _VOWELS * _FINALS:
        return letter
    first, vowel, final = code // (_VOWELS * _FINALS), code // _FINALS % _VOWELS, code % _FINALS
    part = rng.randrange(4)
    if part in {0, 3}:
        first = rng.randrange(19)
    if part in {1, 3}:
        vowel = rng.randrange(_VOWELS)
    if part == 2:
        final = 0 if final else rng.choice((1, 4, 8, 16, 21))
    return chr(_FIRST + (first * _VOWELS + vowel) * _FINALS + final)
