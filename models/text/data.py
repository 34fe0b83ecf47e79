"""Loading: every source of the data folder and our own corpus as calls of normalised text."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.text.noise import NOISE_TABLE, OWN_TABLE
from models.text.normalise import normalise

CORPUS = Path(__file__).parent / "corpus"
OWN = "corpus"
PAIRS = "stt_noise_pairs.csv"
SENTENCE = 60
"""Normal rows shorter than this many syllables are single sentences; consecutive ones are joined."""
SHORTEST = 8
"""Rows with fewer syllables say nothing about a call."""
BATCHES_PER_FOLD = 2


@dataclass(frozen=True, slots=True)
class Call:
    """One call, or one run of joined sentences. ``text`` is normalised; ``rows`` counts source rows in it."""

    id: str
    source: str
    label: int
    text: str
    rows: int = 1


def load_sources(folder: Path) -> list[Call]:
    """Read every CSV of ``folder/text``: one-sentence normal rows joined, long calls whole.

    Raises:
        FileNotFoundError: when the folder holds no source file.
    """
    paths = [path for path in sorted((folder / "text").glob("*.csv")) if path.name != NOISE_TABLE]
    if not paths:
        raise FileNotFoundError(f"no source files in {folder / 'text'}")
    return [call for path in paths for call in join_sentences(read_csv(path))]


def read_csv(path: Path) -> Iterator[Call]:
    """Yield the rows of one source file, unjoined. The noise pairs give both sides under one id each."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            sides = ("reference", "whisper") if path.name == PAIRS else ("text",)
            for side in sides:
                text = normalise(row[side])
                if len(text) >= SHORTEST:
                    name = row["id"] if len(sides) == 1 else f"{row['id']}-{side}"
                    yield Call(name, path.stem, int(row.get("label") or 1), text)


def load_sentences(folder: Path, *, most: int = 1000) -> dict[str, list[str]]:
    """Return {source: single normal sentences, normalised, unjoined}, evenly drawn, for sources that have many."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder / "text").glob("*.csv")):
        if path.name not in {NOISE_TABLE, PAIRS}:
            rows = [call.text for call in read_csv(path) if call.label == 0 and len(call.text) < SENTENCE]
            if len(rows) >= 100:
                found[path.stem] = rows[:: max(1, len(rows) // most)][:most]
    return found


def load_corpus(folder: Path = CORPUS) -> list[Call]:
    """Read our own calls; ids keep batch and number (``a001``, ``aa001`` after ``z``)."""
    return [call for path in sorted(folder.glob("*.jsonl")) for call in read_jsonl(path, OWN)]


def read_jsonl(path: Path, source: str) -> list[Call]:
    """Read the calls of one file of JSON lines with ``id``, ``label`` and ``text``."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Call(str(row["id"]), source, int(row["label"]), normalise(row["text"])) for row in rows]


def join_sentences(rows: Iterable[Call], *, seed: int = 0) -> Iterator[Call]:
    """Yield calls; consecutive one-sentence normal rows are joined to 60–320 syllables.

    Otherwise length would tell the label: normal rows are mostly single sentences, scam rows whole calls.
    """
    rng = random.Random(seed)  # noqa: S311 - lengths, not secrets
    waiting: list[Call] = []
    wanted = rng.randint(60, 320)
    for row in rows:
        if row.label == 1 or len(row.text) >= SENTENCE:
            yield row
            continue
        waiting.append(row)
        if sum(len(call.text) for call in waiting) >= wanted:
            yield _joined(waiting)
            waiting, wanted = [], rng.randint(60, 320)
    if waiting:
        yield _joined(waiting)


def fold_of_corpus(call_id: str) -> int:
    """Return the fold of one of our calls: two batches share one, because a batch has its own themes and voice."""
    place = 0  # of the batch, as columns of a spreadsheet are counted: z is followed by aa, az by ba
    for letter in batch_of(call_id):
        place = 26 * place + ord(letter) - ord("a") + 1
    return (place - 1) // BATCHES_PER_FOLD


def batch_of(call_id: str) -> str:
    """Return the letters of the batch of one of our calls: ``aa`` of ``aa012``."""
    return call_id.rstrip("0123456789")


def number_of(call_id: str) -> int:
    """Return the number of one of our calls within its batch: 12 of ``a012`` and of ``aa012``."""
    return int(call_id.lstrip("abcdefghijklmnopqrstuvwxyz"))


def fingerprint(folder: Path | None = None) -> dict[str, dict[str, object]]:
    """Return {file name: {"sha256", "rows"}} of all that training reads; without a folder, of our own corpus alone."""
    found = [] if folder is None else [*sorted((folder / "text").glob("*.csv")), OWN_TABLE]
    result: dict[str, dict[str, object]] = {}
    for path in [*found, *sorted(CORPUS.glob("*.jsonl"))]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = sum(1 for _ in csv.DictReader(file)) if path.suffix == ".csv" else sum(1 for _ in file)
        result[path.name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": rows}
    return result


def _joined(calls: list[Call]) -> Call:
    first = calls[0]
    return Call(f"{first.id}+{len(calls)}", first.source, 0, "".join(c.text for c in calls), len(calls))
