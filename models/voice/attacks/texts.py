"""What synthetic voices say: Korean turns of our own corpus and English sentences of our own."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import numpy as np

from core.settings import ROOT
from models.voice.attacks.kinds import Text

CORPUS = ROOT / "models" / "text" / "corpus"
KOREAN_CHARACTERS = (24, 52)  # about 4 to 9 s of speech
ENGLISH_WORDS = (10, 20)
_NOT_SPOKEN = re.compile(r"[^가-힣\s]")

_WHO = (
    "My neighbour",
    "The woman from the library",
    "Our new teacher",
    "A friend of my brother",
    "The doctor",
    "Somebody at the station",
    "The man in the green coat",
    "Her grandmother",
    "The captain",
    "One of the drivers",
    "A girl with a red umbrella",
    "The baker on the corner",
)
_DID = (
    "forgot to close the kitchen window",
    "told us about a journey across the mountains",
    "bought seven oranges and a loaf",
    "asked whether the bridge would be open",
    "has been waiting for the evening train",
    "could not find the yellow folder",
    "thought that the weather would change",
    "wrote a very long letter to the mayor",
    "walked twice around the frozen lake",
    "heard strange music behind the wall",
    "planted three apple trees in the yard",
    "would rather have a cup of coffee",
)
_HOW = (
    "because the shop was already shut",
    "although nobody had mentioned it before",
    "just before the rain began to fall",
    "while the children were playing outside",
    "and then the telephone rang again",
    "which surprised every one of us",
    "so please call me when you get this",
    "without looking at the clock",
    "and we laughed about it for hours",
    "since there was nothing else to do",
    "as if it were the most natural thing",
    "but I am not quite sure of that",
)


def draw(languages: tuple[str, ...], rng: np.random.Generator) -> Text:
    """Return something to say in one of ``languages``."""
    language = str(rng.choice(languages))
    return Text(language, _korean(rng) if language == "ko" else _english(rng))


def _korean(rng: np.random.Generator) -> str:
    """Return turns of one call that follow each other, Hangul only."""
    turns = _calls()[int(rng.integers(len(_calls())))]
    low, high = KOREAN_CHARACTERS
    at, words, wanted = int(rng.integers(len(turns))), "", int(rng.integers(low, high))
    while len(words) < wanted:
        words = f"{words} {turns[at % len(turns)]}".strip()
        at += 1
    cut = words.rfind(" ", low, high)
    return words[: cut if cut > 0 else high]


def _english(rng: np.random.Generator) -> str:
    wanted, words = int(rng.integers(*ENGLISH_WORDS)), ""
    while len(words.split()) < wanted:
        words += " ".join(str(rng.choice(part)) for part in (_WHO, _DID, _HOW)) + ". "
    return words.strip()


@lru_cache(1)
def _calls() -> tuple[tuple[str, ...], ...]:
    calls = []
    for path in sorted(CORPUS.glob("batch_*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            turns = (" ".join(_NOT_SPOKEN.sub(" ", turn).split()) for turn in json.loads(line)["text"].split("\n"))
            spoken = tuple(turn for turn in turns if turn)
            if sum(map(len, spoken)) > KOREAN_CHARACTERS[1]:
                calls.append(spoken)
    return tuple(calls)
