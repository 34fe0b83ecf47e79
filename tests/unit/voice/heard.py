"""Made-up clips with feature windows that a member can learn from."""

from __future__ import annotations

import numpy as np

from models.voice.dataset import LINES, Heard

FAMILIES = ("world", "lpc")
SOURCES = ("genuine_en", "genuine_crowd")


def clip(
    attack: str, family: str, source: str, split: str, *, codec: str = "mulaw", seed: int = 0, n: int = 4
) -> Heard:
    rng = np.random.default_rng(seed)
    statistics = rng.normal(size=(n, 6)).astype(np.float32)
    statistics[:, 0] += {"genuine": 0.0, "world": 3.0, "lpc": 3.0}[family]
    return Heard(attack, family, source, split, codec, {"statistics": statistics}, LINES[seed % 2])


def clips(count: int = 60) -> list[Heard]:
    """Return half genuine, half altered clips of ten speakers in each of two sources."""
    made = []
    for i in range(count):
        source, speaker = SOURCES[i % 2], f"s{i // 2 % 10}"
        family = "genuine" if i % 4 < 2 else FAMILIES[i // 4 % 2]
        attack = "genuine" if family == "genuine" else f"{family}_a"
        made.append(clip(attack, family, source, f"{source}/{speaker}", codec=("mulaw", "amr")[i % 3 > 0], seed=i))
    return made
