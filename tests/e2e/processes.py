"""Real processes that a test may kill: our own roles and a Redis of one's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.settings import ROOT
from scripts.serving import free_port
from tests.integration.db.server import PrivateServer, until

SERVER = ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "app:create_app()")
WORKER = ("-m", "scripts.worker")
BEAT = ("-m", "scripts.worker", "--beat")


class Process:
    """One of our roles, with its children in a group of its own."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, *arguments]
        self._env = {**os.environ, **env}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """kill -9 for it and all its children, as when the power fails."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait(60)
            self._process = None

    def stop(self) -> None:
        """Ask it to end, as ``docker stop`` does, and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self.kill()


class PrivateRedis:
    """A Redis on a port nobody else uses; it forgets everything when it is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        import redis

        self._process = subprocess.Popen(
            [shutil.which("redis-server") or "", "--port", str(self.port), "--dir", str(self._folder), "--save", ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def answers() -> bool:
            with redis.Redis(port=self.port) as client:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    return False

        until(answers, within_s=20.0, what="redis-server answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None


__all__ = ["BEAT", "SERVER", "WORKER", "PrivateRedis", "PrivateServer", "Process"]
