"""What our own recogniser mishears: python -m scripts.learn_confusions --data DIR.

Korean talks go over drawn telephone lines (rooms, microphones, noise, lost packets, codecs) to the real server, and
what it heard is aligned with what was said. Counts of syllables are kept and nothing else: no text of the talks can be
read from them. A pair seen once is left out. ``scripts.train_text`` adds this noise to the texts that it learns from.
"""

from __future__ import annotations

import argparse
import csv
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.types import SAMPLE_RATE_HZ
from models.text.noise import OWN_TABLE
from models.voice.channel import carry, draw_line
from scripts.bench import posted_transcript
from scripts.bench_calls import Call, add_options, load_calls, normalise
from scripts.serving import environment, running_server

COLUMNS = ("op", "reference", "hypothesis", "count", "reference_total")
SEEN = 2
"""Times a pair must have been seen."""
PIECE_S = 10.0
"""Seconds that share one drawn line."""
SYLLABLE = re.compile("[가-힣]")

Pair = tuple[str, str]


def main(arguments: list[str] | None = None) -> int:
    """Write the table and return the exit code; 1 when there are no talks."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.learn_confusions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    parser.add_argument("--out", type=Path, default=OWN_TABLE, help="CSV file to write (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the lines")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="moksori-confusions-") as name:
        folder = Path(name)
        calls = load_calls(options, folder)
        if not calls:
            return 1
        pairs = count(_heard(calls, folder, seed=options.seed))
    write(options.out, pairs)
    said = sum(number for (reference, _), number in pairs.items() if reference)
    wrong = sum(number for (reference, heard), number in pairs.items() if reference != heard)
    print(f"{said} syllables said, {wrong / said:.3f} of them heard wrong, dropped or added; {options.out}")
    return 0


def _heard(calls: Iterable[Call], folder: Path, *, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (what was said, what was heard) for every call, over telephone lines."""
    rng = np.random.default_rng(seed)
    with running_server(environment(folder, audio_root=folder), log_file=folder / "server.log") as server:
        for call in tqdm(list(calls), unit="call"):
            over_telephone(call.wav, rng)
            yield call.reference, posted_transcript(server.client, call.wav)


def over_telephone(wav: Path, rng: np.random.Generator) -> None:
    """Replace the sound of a 16-kHz mono file by what arrives over drawn lines, one for every ``PIECE_S`` seconds."""
    import soundfile

    samples, _ = soundfile.read(wav, dtype="float32")
    size = int(PIECE_S * SAMPLE_RATE_HZ)
    pieces = [carry(draw_line(rng), samples[start : start + size]) for start in range(0, len(samples), size)]
    soundfile.write(wav, np.concatenate(pieces), SAMPLE_RATE_HZ, "PCM_16")


def count(calls: Iterable[tuple[str, str]]) -> Counter[Pair]:
    """Return how often each syllable was heard as which, over (said, heard) texts.

    A dropped syllable was heard as an empty string; one that was added was said as an empty string.
    """
    import jiwer

    pairs: Counter[Pair] = Counter()
    for said, heard in ((normalise(said), normalise(heard)) for said, heard in calls):
        found = jiwer.process_characters(said, heard)
        for piece in found.alignments[0]:
            reference = said[piece.ref_start_idx : piece.ref_end_idx]
            hypothesis = heard[piece.hyp_start_idx : piece.hyp_end_idx]
            longest = max(len(reference), len(hypothesis))
            pairs.update((reference[i : i + 1], hypothesis[i : i + 1]) for i in range(longest))
    return pairs


def write(path: Path, pairs: Counter[Pair]) -> None:
    """Write substitutions, deletions and insertions of Hangul syllables, the most frequent first."""
    totals: Counter[str] = Counter()
    for (reference, _), number in pairs.items():
        totals[reference] += number if reference else 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for (reference, hypothesis), number in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
            both = [text for text in (reference, hypothesis) if text]
            if reference != hypothesis and number >= SEEN and all(map(SYLLABLE.fullmatch, both)):
                operation = "ins" if not reference else "sub" if hypothesis else "del"
                total = totals[reference] if reference else totals.total()
                table.writerow((operation, reference, hypothesis, number, total))


if __name__ == "__main__":
    raise SystemExit(main())
