"""Score recordings for altered voices: python -m scripts.score_voice FILE..."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import MoksoriError
from core.settings import Settings
from core.types import SAMPLE_RATE_HZ, VoiceResult
from models.protocols import HeardWindow, VoiceModel

PIECE_S = 60


def main(argv: Sequence[str] | None = None) -> int:
    """Print one ``{"file", "score", "grade"}`` line per file; 1 when a file could not be read."""
    parser = argparse.ArgumentParser(prog="python -m scripts.score_voice", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    args = parser.parse_args(argv)

    from models.registry import open_version
    from models.voice.loading import load_voice_model

    model = load_voice_model(open_version(Settings.from_env().model_store, "voice"))
    failed = False
    for path in args.files:
        try:
            result = score_file(path, model)
        except MoksoriError as error:
            failed = True
            print(f"{path}: {error.message}", file=sys.stderr)
            continue
        line = {"file": str(path), "score": result.score, "grade": result.grade}
        if result.reason:
            line["reason"] = result.reason
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return int(failed)


def score_file(path: Path, model: VoiceModel) -> VoiceResult:
    """Return the voice verdict of one recording, a minute of it in memory at a time.

    Raises:
        core.errors.FileNotFound: when there is no such file.
        core.errors.BadAudio: when it cannot be decoded.
    """
    import numpy as np

    from pipeline.decode import decode_blocks
    from pipeline.voice import score_voice

    windows: list[HeardWindow] = []
    held, length, offset_s = [], 0, 0.0
    for block in decode_blocks(path):
        held.append(block)
        length += len(block)
        if length >= PIECE_S * SAMPLE_RATE_HZ:
            windows += _shifted(model.score_windows(np.concatenate(held)), offset_s)
            held, offset_s, length = [], offset_s + length / SAMPLE_RATE_HZ, 0
    if held:
        windows += _shifted(model.score_windows(np.concatenate(held)), offset_s)
    return score_voice(windows, model)


def _shifted(windows: Sequence[HeardWindow], offset_s: float) -> list[HeardWindow]:
    return [replace(w, start_s=w.start_s + offset_s, end_s=w.end_s + offset_s) for w in windows]


if __name__ == "__main__":
    raise SystemExit(main())
