"""What the speed of a published model is measured on: one ten-minute transcript."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path

from core.types import Segment
from models.text.data import CORPUS
from models.text.evaluation.views import SYLLABLES_PER_S
from models.text.normalise import normalise

SYLLABLES = 3_900
"""About ten minutes of telephone talk."""


def ten_minutes(folder: Path = CORPUS, *, syllables: int = SYLLABLES) -> list[Segment]:
    """Return the utterances of our own calls, joined to one long call, as a recogniser would give them."""
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    texts = [text for line in lines for text in json.loads(line)["text"].split("\n")]
    ends = list(accumulate(len(normalise(text)) for text in texts))
    count = sum(end < syllables for end in ends) + 1
    starts = [0, *ends]
    return [Segment(starts[k] / SYLLABLES_PER_S, ends[k] / SYLLABLES_PER_S, texts[k]) for k in range(count)]
