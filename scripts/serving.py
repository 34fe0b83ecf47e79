"""Start the real server for the demo, the bench and the end-to-end tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.settings import ROOT

READY_WITHIN_S = 120.0
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()")


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A ready server: a client whose base URL it is, its process, and how long it took to be warm."""

    client: httpx.Client
    pid: int
    ready_s: float


@contextmanager
def running_server(
    env: Mapping[str, str], *, log_file: Path | None = None, command: Sequence[str] = GUNICORN
) -> Iterator[RunningServer]:
    """Run gunicorn, or another ``command`` that starts it, with ``env`` on a free port and give it once it is ready.

    Raises:
        RuntimeError: when the server ends or does not become ready in time.
    """
    port = free_port()
    full = {**os.environ, "MOKSORI_HOST": "127.0.0.1", "MOKSORI_PORT": str(port), **env}
    with (log_file or Path(os.devnull)).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            [*command], cwd=ROOT, env=full, stdout=log, stderr=log, start_new_session=True
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=1800.0, trust_env=False) as client:
                yield RunningServer(client, process.pid, wait_ready(client, process))
        finally:
            _stop(process)


def environment(folder: Path, *, audio_root: Path) -> dict[str, str]:
    """Return the settings of a server that reads below ``audio_root`` and stores everything in ``folder``."""
    return {
        "MOKSORI_AUDIO_ROOT": str(audio_root),
        "MOKSORI_DATA_DIR": str(folder / "data"),
        "MOKSORI_DATABASE_URL": f"sqlite:///{folder}/moksori.sqlite3",
    }


def wait_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> float:
    """Return the seconds until ``/readyz`` says ready."""
    started = time.monotonic()
    while time.monotonic() - started < READY_WITHIN_S:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}; see its log")
        try:
            if client.get("/readyz", timeout=5.0).status_code == httpx.codes.OK:
                return time.monotonic() - started
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server was not ready within {READY_WITHIN_S:.0f} s; see its log")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
