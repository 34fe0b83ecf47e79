"""How much faster two Celery workers are than one; ends with 1 when they need more than 60 % of its time.

``python -m scripts.bench_workers --queue-url redis://127.0.0.1:6379/9 [--database-url URL] [--calls N]``: N short calls
with an engine that costs processor time and recognises nothing, because the real one uses every core by itself.
The queue must be empty and not in use by others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import numpy as np
from tqdm import tqdm

from core.settings import ROOT
from core.types import SAMPLE_RATE_HZ
from scripts.serving import environment, running_server

MAX_SHARE = 0.6
CALL_S, WORK_S = 20, 1.0


def main(arguments: list[str] | None = None) -> int:
    """Run both and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queue-url", required=True)
    parser.add_argument("--database-url", help="default: a temporary SQLite file")
    parser.add_argument("--calls", type=int, default=24)
    options = parser.parse_args(arguments)
    taken_s = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
            taken_s.append(_batch(Path(name), options.queue_url, options.database_url, options.calls, workers))
            print(f"{workers} worker(s): {options.calls} calls in {taken_s[-1]:.1f} s")
    share = taken_s[1] / taken_s[0]
    print(f"two workers need {share:.0%} of the time of one, allowed {MAX_SHARE:.0%}")
    return 0 if share <= MAX_SHARE else 1


def _batch(folder: Path, queue_url: str, database_url: str | None, calls: int, workers: int) -> float:
    import soundfile

    noise = np.random.default_rng(0).standard_normal(CALL_S * SAMPLE_RATE_HZ) * 0.05
    soundfile.write(folder / "call.wav", noise, SAMPLE_RATE_HZ)
    env = environment(folder, audio_root=folder) | {
        "MOKSORI_QUEUE_URL": queue_url,
        "MOKSORI_STT_ENGINE": "null",
        "MOKSORI_STT_MODEL": str(WORK_S),
        "OMP_NUM_THREADS": "1",
    }
    if database_url:
        env["MOKSORI_DATABASE_URL"] = database_url
    with ExitStack() as stack:
        server = stack.enter_context(running_server(env, log_file=folder / "server.log"))
        for number in range(workers):
            stack.enter_context(_worker(env, folder / f"worker-{number}.log"))
        # Every worker is known to be at work before the clock starts.
        _drain(server.client, 2 * workers)
        started = time.perf_counter()
        _drain(server.client, calls)
        return time.perf_counter() - started


@contextmanager
def _worker(env: dict[str, str], log_file: Path) -> Iterator[None]:
    with log_file.open("ab") as log:
        command = [sys.executable, "-m", "scripts.worker"]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=log, stderr=log)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _drain(client: httpx.Client, calls: int) -> None:
    """Post the calls and wait until all of them are done."""
    body = {"file_path": "call.wav", "user_id": "bench", "declaration": "112"}
    waiting = []
    for _ in range(calls):
        answer = client.post("/api/v1/analyses", json=body, headers={"Prefer": "respond-async"})
        waiting.append(answer.raise_for_status().headers["Location"])
    for location in tqdm(waiting, unit="call", file=sys.stderr, leave=False):
        while client.get(location).json()["status"] != "done":
            time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
