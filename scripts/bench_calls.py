"""Korean talks joined into calls of five minutes or more, for ``scripts.bench`` and ``scripts.learn_confusions``."""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.settings import ROOT
from core.types import SAMPLE_RATE_HZ

MIN_CALL_S = 300.0


@dataclass(frozen=True, slots=True)
class Call:
    """Talks joined into one recording on disk, and what was said."""

    wav: Path
    duration_s: float
    reference: str


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let the command line say where the talks are and how many calls to make of them."""
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder with voice/genuine_ko"
    )
    parser.add_argument("--quick", action="store_true", help="one call only")


def load_calls(options: argparse.Namespace, folder: Path) -> list[Call]:
    """Write the calls that the command line asks for into ``folder``; tell when there are none."""
    talks = options.data / "voice" / "genuine_ko" / "data"
    calls = list(join_talks(talks, folder, limit=1 if options.quick else None))
    if not calls:
        print("no talks found; name the data folder with --data", file=sys.stderr)
    return calls


def normalise(text: str) -> str:
    """Keep composed Hangul syllables, digits and Latin letters only."""
    return re.sub(r"[^0-9a-z가-힣]", "", unicodedata.normalize("NFC", text.lower()))


def join_talks(root: Path, folder: Path, *, limit: int | None) -> Iterator[Call]:
    """Join talks, one after another, until a call has five minutes; the last one takes the rest."""
    ready: list[tuple[NDArray[np.float32], str]] = []
    made: list[list[tuple[NDArray[np.float32], str]]] = []
    for talk in sorted(path for path in root.glob("*/*") if path.is_dir()):
        ready += _utterances(talk)
        if sum(len(samples) for samples, _ in ready) >= MIN_CALL_S * SAMPLE_RATE_HZ:
            made.append(ready)
            ready = []
            if limit is not None and len(made) >= limit:
                break
    if ready and made and limit is None:
        made[-1] += ready
    import soundfile

    for index, parts in enumerate(made):
        samples = np.concatenate([part for part, _ in parts])
        wav = folder / f"{index}.wav"
        soundfile.write(wav, samples, SAMPLE_RATE_HZ, "PCM_16")
        yield Call(wav, len(samples) / SAMPLE_RATE_HZ, " ".join(text for _, text in parts))


def _utterances(talk: Path) -> list[tuple[NDArray[np.float32], str]]:
    import soundfile

    lines = [line for file in talk.glob("*.trans.txt") for line in file.read_text("utf-8").splitlines()]
    texts = {key: text for key, _, text in (line.partition(" ") for line in lines)}
    return [(soundfile.read(f, dtype="float32")[0], texts[f.stem]) for f in sorted(talk.glob("*.flac"))]
