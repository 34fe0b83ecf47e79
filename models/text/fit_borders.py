"""Learn where sentences end from the punctuated calls of our corpus, and measure it on calls and sources held out."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.text.borders import Borders, features
from models.text.data import CORPUS, fold_of_corpus
from models.text.ngrams import MIN_DF

SENTENCES = "capstone_typed"
"""The one source of real calls with one sentence a line; judged, never learned from."""
_END = re.compile(r"(?<=[.?!])\s+|\n")
_NOT_WORD = re.compile(r"[^\w]+")
LEAST_WEIGHT = 0.05
Predict = Callable[[Sequence[str]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call without its punctuation: bare words, and after which of them a sentence ends."""

    id: str
    words: tuple[str, ...]
    ends: tuple[bool, ...]


def spoken(id: str, text: str) -> Spoken:
    """Return a punctuated call as a recogniser without punctuation would write it."""
    sentences = [[word for raw in part.split() if (word := _NOT_WORD.sub("", raw))] for part in _END.split(text)]
    words = [word for sentence in sentences for word in sentence]
    ends = [place == len(sentence) - 1 for sentence in sentences for place in range(len(sentence))]
    return Spoken(id, tuple(words), tuple(ends))


def punctuated_calls(folder: Path = CORPUS) -> list[Spoken]:
    """Return the calls of our corpus that are punctuated throughout (four marks in five turns or more)."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    marked = [row for row in rows if len(re.findall(r"[.?!]", row["text"])) >= 0.8 * len(row["text"].split("\n"))]
    return [spoken(row["id"], row["text"]) for row in marked]


def real_calls(data: Path) -> list[Spoken]:
    """Return the real calls with one sentence a line; none when the data folder is not there."""
    path = data / "text" / f"{SENTENCES}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [spoken(row["id"], row["text"]) for row in csv.DictReader(file)]


def fit(calls: Iterable[Spoken]) -> Borders:
    """Learn from every gap between two words. A feature must stand in ``MIN_DF`` calls."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    gaps: list[tuple[list[str], bool]] = []
    df: Counter[str] = Counter()
    for call in calls:
        rows = [list(features(*pair)) for pair in zip(call.words, call.words[1:], strict=False)]
        gaps.extend(zip(rows, call.ends, strict=False))
        df.update({name for row in rows for name in row})
    index = {name: place for place, name in enumerate(sorted(name for name, number in df.items() if number >= MIN_DF))}
    columns = [[index[name] for name in row if name in index] for row, _ in gaps]
    indptr = [0]
    for row in columns:
        indptr.append(indptr[-1] + len(row))
    flat = [column for row in columns for column in row]
    matrix = csr_matrix(([1.0] * len(flat), flat, indptr), shape=(len(gaps), len(index)))
    model = LogisticRegression(max_iter=200).fit(matrix, [end for _, end in gaps])
    weights = {name: round(float(model.coef_[0][place]), 3) for name, place in index.items()}
    kept = {name: weight for name, weight in weights.items() if abs(weight) >= LEAST_WEIGHT}
    return Borders(kept, round(float(model.intercept_[0]), 3))


def save(borders: Borders, path: Path) -> None:
    """Write what ``load_borders`` reads."""
    stored = {"bias": borders.bias, "weights": borders.weights}
    path.write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def folds(calls: Sequence[Spoken]) -> Iterable[tuple[list[Spoken], list[Spoken]]]:
    """Yield (train, held out): two batches of our corpus at a time."""
    for fold in sorted({fold_of_corpus(call.id) for call in calls}):
        yield (
            [call for call in calls if fold_of_corpus(call.id) != fold],
            [call for call in calls if fold_of_corpus(call.id) == fold],
        )


def score(calls: Iterable[Spoken], predict: Predict) -> tuple[int, int, int]:
    """Return (borders found and right, borders found, borders there are); the end of a call does not count."""
    right = found = there = 0
    for call in calls:
        for guess, truth in zip(list(predict(call.words))[:-1], call.ends, strict=False):
            right, found, there = right + (guess and truth), found + guess, there + truth
    return right, found, there
