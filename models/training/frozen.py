"""The frozen evaluation set: calls that no update ever learns from.

A quarter of our own corpus (whole pairs, of every batch), and every ``.jsonl`` file of a folder of one's own. The
versions that ``scripts.train_text`` publishes have seen the corpus whole: on it they are judged with an advantage,
and what counts is that an update does not fall behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from core.errors import ConfigurationError
from models.text.data import CORPUS, OWN, Call, load_corpus, number_of
from models.text.duplicates import SHARED, shingles
from models.text.normalise import normalise

EVERY = 4


def is_frozen(call_id: str) -> bool:
    """Tell whether a call of our corpus belongs to the frozen quarter; both calls of a pair do, or neither."""
    return (number_of(call_id) - 1) // 2 % EVERY == 0


def split_corpus(folder: Path = CORPUS) -> tuple[list[Call], list[Call]]:
    """Return (frozen calls, calls that an update rehearses so that it does not forget)."""
    calls = load_corpus(folder)
    return [c for c in calls if is_frozen(c.id)], [c for c in calls if not is_frozen(c.id)]


def load_folder(folder: Path) -> list[Call]:
    """Read ``{"text", "label"}`` lines of every ``.jsonl`` file of a folder; the file's name is the source.

    Raises:
        ConfigurationError: when there is no such file, or a line cannot be read; it names file and line.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ConfigurationError("the evaluation folder holds no .jsonl file")
    return [call for path in paths for call in _read(path)]


def _read(path: Path) -> Iterable[Call]:
    if path.stem == OWN:
        raise ConfigurationError(f"an evaluation file cannot be called {path.name}")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            text, label = normalise(row["text"]), row["label"]
        except (ValueError, LookupError, TypeError):
            text, label = "", None
        if label not in {0, 1} or not text:
            raise ConfigurationError(f"{path.name}, line {number}: give text and a label of 0 or 1")
        yield Call(f"{path.stem}-{number}", path.stem, int(label), text)


class Guard:
    """Finds rows that repeat a frozen call: they are not learned from, and their labels can be held against it."""

    def __init__(self, frozen: Iterable[Call]) -> None:
        """Remember which runs of syllables stand in frozen calls, and under which label."""
        self._seen: dict[int, int] = {}
        for call in frozen:
            for run in shingles(call.text):
                # A run on both sides of the label tells nothing about it.
                self._seen[run] = call.label if self._seen.get(run, call.label) == call.label else -1

    def repeated(self, text: str) -> int | None:
        """Return the frozen label a normalised text repeats; None for a text of its own, -1 when it is both."""
        labels = [self._seen[run] for run in shingles(text) if run in self._seen]
        if len(labels) < SHARED:
            return None
        votes = {label: labels.count(label) for label in (0, 1)}
        return -1 if votes[0] == votes[1] else max(votes, key=votes.__getitem__)
