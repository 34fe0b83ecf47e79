"""Accuracy and speed on Korean talks, beside a plain pipeline measured in the same run.

``python -m scripts.bench [--data FOLDER] [--quick]`` posts every call to the real server, models warm, and
ends with 1 when CER > 0.12, RTF > 0.12 or the service is less than four times as fast as the plain
pipeline. No text is ever printed.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from tqdm import tqdm

from core.settings import Settings
from core.types import SAMPLE_RATE_HZ
from pipeline.stt.sound import pydub_segment, recognition
from pipeline.stt.weights import base_weights
from scripts.bench_calls import Call, add_options, load_calls, normalise
from scripts.serving import environment, running_server

MAX_CER, MAX_RTF, MIN_RATIO = 0.12, 0.12, 4.0
PIECE_S = 120


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
        folder = Path(name)
        calls = load_calls(options, folder)
        return _compare(calls, folder) if calls else 1


def _compare(calls: list[Call], folder: Path) -> int:
    total_s = sum(call.duration_s for call in calls)
    print(f"{len(calls)} calls, {total_s / 60:.1f} minutes, shortest {min(c.duration_s for c in calls):.0f} s")
    with running_server(environment(folder, audio_root=folder), log_file=folder / "server.log") as server:
        print(f"server          warm after {server.ready_s:.1f} s")
        taken_s, cer = _run(calls, lambda path: posted_transcript(server.client, path))
    print(f"whole POST      CER {cer:.3f}  RTF {taken_s / total_s:.4f}")
    print("plain pipeline is fed wav: no ffmpeg is needed to read it, which favours it")
    plain_s, plain_cer = _run(calls, plain_transcript)
    print(f"plain pipeline  CER {plain_cer:.3f}  RTF {plain_s / total_s:.4f}")
    ratio, rtf = plain_s / taken_s, taken_s / total_s
    print(f"ratio           {ratio:.1f} times faster")
    fine = cer <= MAX_CER and rtf <= MAX_RTF and ratio >= MIN_RATIO
    print("fine" if fine else f"NOT FINE: wanted CER <= {MAX_CER}, RTF <= {MAX_RTF}, ratio >= {MIN_RATIO}")
    return 0 if fine else 1


def _run(calls: list[Call], transcribe: Callable[[Path], str]) -> tuple[float, float]:
    """Return (seconds, character error rate) over all calls."""
    import jiwer

    errors = characters = 0
    taken_s = 0.0
    for call in tqdm(calls, unit="call", file=sys.stderr, leave=False):
        started = time.perf_counter()
        text = transcribe(call.wav)
        taken_s += time.perf_counter() - started
        found = jiwer.process_characters(normalise(call.reference), normalise(text))
        errors += found.substitutions + found.deletions + found.insertions
        characters += found.hits + found.substitutions + found.deletions
    return taken_s, errors / characters


def posted_transcript(client: httpx.Client, path: Path) -> str:
    """Post one call to the service and return what was heard."""
    body = {"file_path": path.name, "user_id": "bench", "declaration": "112"}
    answer = client.post("/api/v1/analyses", json=body)
    answer.raise_for_status()
    transcript: str = answer.json()["transcript"]
    return transcript


def plain_transcript(path: Path) -> str:
    """The obvious way: pydub to 120-s wav files, SpeechRecognition's defaults on each, a model per file."""
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    sr, segment = recognition(), pydub_segment()
    model = str(base_weights(Settings.from_env().cache_dir))
    whole = segment.from_wav(str(path)).set_channels(1).set_frame_rate(SAMPLE_RATE_HZ)
    texts = []
    with tempfile.TemporaryDirectory() as work:
        for start_ms in range(0, len(whole), PIECE_S * 1000):
            piece = Path(work) / f"{start_ms}.wav"
            whole[start_ms : start_ms + PIECE_S * 1000].export(str(piece), format="wav")
            with sr.AudioFile(str(piece)) as source:
                recognizer = sr.Recognizer()
                audio = recognizer.record(source)
            texts.append(recognizer.recognize_faster_whisper(audio, model=model))
    return " ".join(texts)


if __name__ == "__main__":
    sys.exit(main())
