"""Peak memory of a 2-hour call against a 10-minute one; ends with 1 when it needs more than 150 MB more.

``python -m scripts.bench_memory [--recognise]``: decoding, chunking and both scores with an engine that
hears nothing, or with ``--recognise`` the whole line, each call in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from core.settings import ROOT, Settings
from core.types import SAMPLE_RATE_HZ
from pipeline.prepare import Limits, prepare
from wiring import build_line, build_models

MAX_EXTRA_MB = 150.0


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison, or measure one call when called by it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recognise", action="store_true", help="recognise speech as well")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # a call to measure in this process
    options = parser.parse_args(arguments)
    if options.one:
        return _measure_one(options.one, recognise=options.recognise)
    return _memory(recognise=options.recognise)


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
            command = [sys.executable, "-m", "scripts.bench_memory", "--one", str(wav)] + ["--recognise"] * recognise
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
            peaks.append(float(done.stdout))
            print(f"{minutes:4d} minutes: peak {peaks[-1]:.0f} MB")
    extra = peaks[1] - peaks[0]
    print(f"difference: {extra:.0f} MB, allowed {MAX_EXTRA_MB:.0f}")
    return 0 if extra <= MAX_EXTRA_MB else 1


def _measure_one(path: Path, *, recognise: bool) -> int:
    settings = replace(Settings.from_env(), stt_engine="whisper" if recognise else "null")
    line = build_line(settings, build_models(settings))
    with tempfile.TemporaryDirectory() as work:
        line(path, work_dir=Path(work), report=lambda _: None)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
