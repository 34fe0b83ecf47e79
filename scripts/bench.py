"""Accuracy and speed on Korean talks, beside a plain pipeline measured in the same run; and memory.

``python -m scripts.bench [--data FOLDER] [--quick]`` ends with 1 when CER > 0.12, RTF > 0.12 or the
line is less than four times as fast as the plain one. ``--memory`` compares a 2-hour call with a
10-minute one and ends with 1 when it needs more than 150 MB more. No text is ever printed.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from core.settings import ROOT, Settings
from core.types import SAMPLE_RATE_HZ, CallResult
from pipeline.audiofile import read_slice
from pipeline.prepare import Limits, prepare
from pipeline.stt.sound import pydub_segment, recognition
from pipeline.stt.weights import base_weights
from wiring import build_line, build_models

MAX_CER, MAX_RTF, MIN_RATIO, MAX_EXTRA_MB = 0.12, 0.12, 4.0, 150.0
MIN_CALL_S = 300.0
PIECE_S = 120


@dataclass(frozen=True, slots=True)
class Call:
    """Talks joined into one recording on disk, and what was said."""

    wav: Path
    duration_s: float
    reference: str


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder with voice/genuine_ko"
    )
    parser.add_argument("--quick", action="store_true", help="one call only")
    parser.add_argument("--memory", action="store_true", help="peak memory of a 2-hour against a 10-minute call")
    parser.add_argument("--recognise", action="store_true", help="with --memory: recognise speech as well")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # a call to measure in this process
    options = parser.parse_args(arguments)
    if options.one:
        return _measure_one(options.one, recognise=options.recognise)
    if options.memory:
        return _memory(recognise=options.recognise)
    return _speed(options.data, quick=options.quick)


def _speed(data: Path, *, quick: bool) -> int:
    with tempfile.TemporaryDirectory() as name:
        calls = list(_calls(data / "voice" / "genuine_ko" / "data", Path(name), limit=1 if quick else None))
        if not calls:
            print("no talks found; name the data folder with --data", file=sys.stderr)
            return 1
        total_s = sum(call.duration_s for call in calls)
        print(f"{len(calls)} calls, {total_s / 60:.1f} minutes, shortest {min(c.duration_s for c in calls):.0f} s")
        stt_s, cer = _run(calls, Recogniser().transcript)
        print(f"decode and STT  CER {cer:.3f}  RTF {stt_s / total_s:.4f}  (warm)")
        taken_s = stt_s
        try:
            taken_s, cer = _run(calls, Line().transcript)
            print(f"whole line      CER {cer:.3f}  RTF {taken_s / total_s:.4f}  (with both scores; warm)")
        except ModelRefused:
            print("whole line      not measured: no trained models; the ratio is that of decode and STT")
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
    for call in calls:
        started = time.perf_counter()
        text = transcribe(call.wav)
        taken_s += time.perf_counter() - started
        found = jiwer.process_characters(normalise(call.reference), normalise(text))
        errors += found.substitutions + found.deletions + found.insertions
        characters += found.hits + found.substitutions + found.deletions
    return taken_s, errors / characters


class Recogniser:
    """Decode, chunk and recognise, without the models."""

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings.from_env()
        self._stt = build_models(settings).stt.borrow()
        self._limits = Limits(chunk_s=settings.chunk_s)

    def transcript(self, path: Path) -> str:
        """Return what was heard."""
        with tempfile.TemporaryDirectory() as work:
            wav = Path(work) / "call.wav"
            chunks = prepare(path, wav, self._limits).chunks
            heard = [self._stt.transcribe(read_slice(wav, chunk.start_s, chunk.end_s)) for chunk in chunks]
        return " ".join(segment.text for piece in heard for segment in piece)


class Line:
    """The whole line as the service runs it, models warm, without HTTP and database."""

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or Settings.from_env()
        models = build_models(settings)
        for lender in (models.stt, models.text, models.voice):
            lender.borrow()
        self._line = build_line(settings, models)

    def analyse_call(self, path: Path) -> CallResult:
        """Analyse one recording."""
        with tempfile.TemporaryDirectory() as work:
            return self._line(path, work_dir=Path(work), report=lambda _: None)

    def transcript(self, path: Path) -> str:
        """Return what was heard."""
        return self.analyse_call(path).transcript


def plain_transcript(path: Path) -> str:
    """The obvious way: pydub to 120-s wav files, SpeechRecognition's defaults on each, a model per file."""
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
            texts.append(recognizer.recognize_faster_whisper(audio, model=model, language="ko"))
    return " ".join(texts)


def normalise(text: str) -> str:
    """Keep composed Hangul syllables, digits and Latin letters only."""
    return re.sub(r"[^0-9a-z가-힣]", "", unicodedata.normalize("NFC", text.lower()))


def _calls(root: Path, folder: Path, *, limit: int | None) -> Iterator[Call]:
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


def _memory(*, recognise: bool) -> int:
    """Compare the peak memory of two calls, each analysed in a process of its own."""
    import soundfile

    peaks = []
    with tempfile.TemporaryDirectory() as name:
        sample = Path(name) / "sample.wav"
        prepare(ROOT / "samples" / "call_normal_ko.m4a", sample, Limits())
        minute = soundfile.read(sample, dtype="int16")[0]
        for minutes in (10, 120):
            wav = Path(name) / f"{minutes}.wav"
            with soundfile.SoundFile(wav, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as file:
                while file.frames < minutes * 60 * SAMPLE_RATE_HZ:
                    file.write(minute)
            command = [sys.executable, "-m", "scripts.bench", "--one", str(wav)] + ["--recognise"] * recognise
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
            peaks.append(float(done.stdout))
            print(f"{minutes:4d} minutes: peak {peaks[-1]:.0f} MB")
    extra = peaks[1] - peaks[0]
    print(f"difference: {extra:.0f} MB, allowed {MAX_EXTRA_MB:.0f}")
    return 0 if extra <= MAX_EXTRA_MB else 1


def _measure_one(path: Path, *, recognise: bool) -> int:
    settings = replace(Settings.from_env(), stt_engine="whisper" if recognise else "null")
    try:
        Line(settings).transcript(path)
    except ModelRefused:  # not trained yet: everything before the models
        Recogniser(settings).transcript(path)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
