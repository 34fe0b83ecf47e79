"""One model update in a process of its own, measured: for ``scripts.bench_model_update`` and ``bench_voice_update``."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from core.settings import ROOT


def measured_update(
    arguments: list[str], *, database_url: str, store: Path, data: Path, **settings: str
) -> tuple[int, float, float]:
    """Run ``scripts.model_update``; return its exit code, seconds, and the largest child process so far in MB."""
    env = {"MOKSORI_DATABASE_URL": database_url, "MOKSORI_MODEL_STORE": str(store), "MOKSORI_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "scripts.model_update", *arguments]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env, **settings}, check=False)  # noqa: S603
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return done.returncode, time.perf_counter() - started, peak_kb / 1024
