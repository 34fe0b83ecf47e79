"""A MariaDB server of one's own: other port, other folder, gone afterwards."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

START_S = 60.0


def missing_binaries() -> bool:
    return shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None


def until(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Poll until ``condition`` holds; fail with ``what`` when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.02)


class PrivateServer:
    """Starts and stops ``mariadbd`` on a port nobody else uses; user root, empty password."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._socket = folder / "s"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"mariadb+mariadbconnector://root:@127.0.0.1:{self.port}/test"

    def install(self) -> None:
        subprocess.run(
            [
                shutil.which("mariadb-install-db") or "",
                "--no-defaults",
                f"--datadir={self._data}",
                f"--user={getpass.getuser()}",
                "--auth-root-authentication-method=normal",
            ],
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                shutil.which("mariadbd") or "",
                "--no-defaults",
                f"--datadir={self._data}",
                f"--user={getpass.getuser()}",
                f"--port={self.port}",
                f"--socket={self._socket}",
                "--bind-address=127.0.0.1",
                f"--pid-file={self._data / 'pid'}",
                "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=8M",
                "--skip-log-bin",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, within_s=START_S, what="mariadbd answers")

    def stop(self) -> None:
        """End the server, as a restart or a crash would; a second time does nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=START_S)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0):
                return True
        except OSError:
            return False
