"""How fast asynchronous calls are accepted while others are analysed; ends with 1 when p95 > 50 ms or a call is lost.

``python -m scripts.bench_accept [--calls N] [--workers N]``: starts the real server with the real recogniser, lets
it work on two long calls, posts N more asynchronously one after another, then cancels what still waits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
from tqdm import trange

from core.settings import ROOT
from scripts.serving import environment, running_server

MAX_P95_S = 0.05
ASYNC = {"Prefer": "respond-async"}


def main(arguments: list[str] | None = None) -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2, help="server processes; each analyses one call at a time")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
        folder = Path(name)
        env = environment(folder, audio_root=ROOT / "samples") | {"MOKSORI_WORKERS": str(options.workers)}
        with running_server(env, log_file=folder / "server.log") as server:
            return _measure(server.client, options.calls, options.workers)


def _measure(client: httpx.Client, calls: int, workers: int) -> int:
    ids = [_post(client)["id"] for _ in range(workers)]
    while _counts(client, "moksori_running") < workers:
        time.sleep(0.05)
    taken_s = []
    for _ in trange(calls, unit="call", file=sys.stderr, leave=False):
        started = time.perf_counter()
        ids.append(_post(client)["id"])
        taken_s.append(time.perf_counter() - started)
        if _counts(client, "moksori_running") < workers:
            print("the analyses ended before the last call was accepted; use longer ones", file=sys.stderr)
    p50, p95, worst = (1000.0 * float(value) for value in np.quantile(taken_s, [0.5, 0.95, 1.0]))
    print(f"{calls} calls accepted while {workers} were analysed")
    print(f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms")
    lost = sum(client.get(f"/api/v1/analyses/{id}").status_code != httpx.codes.OK for id in ids)
    print(f"lost {lost}, stored twice {len(ids) - len(set(ids))}")
    for id in ids:
        client.delete(f"/api/v1/analyses/{id}")
    return 0 if p95 <= 1000.0 * MAX_P95_S and not lost and len(set(ids)) == len(ids) else 1


def _post(client: httpx.Client) -> dict[str, str]:
    body = {"file_path": "call_long_loan_ko.m4a", "user_id": "bench", "declaration": "112"}
    answer = client.post("/api/v1/analyses", json=body, headers=ASYNC)
    answer.raise_for_status()
    accepted: dict[str, str] = answer.json()
    return accepted


def _counts(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


if __name__ == "__main__":
    sys.exit(main())
