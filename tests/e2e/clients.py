"""A real server for those who call us: quick, because it recognises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import ROOT
from scripts.serving import RunningServer, running_server

KEY, SECRET = "client-key", "client-secret"
A_MOMENT = "0.3"
"""Units of work per piece of a call: time enough to do something to a client meanwhile."""


@contextmanager
def quick_server(folder: Path) -> Iterator[RunningServer]:
    """Run a server with the sample calls, one API key and signed callbacks to any local port."""
    env = {
        "MOKSORI_AUDIO_ROOT": str(ROOT / "samples"),
        "MOKSORI_DATA_DIR": str(folder / "data"),
        "MOKSORI_DATABASE_URL": f"sqlite:///{folder}/clients.sqlite3",
        "MOKSORI_STT_ENGINE": "null",
        "MOKSORI_STT_MODEL": A_MOMENT,
        "MOKSORI_API_KEYS": KEY,
        "MOKSORI_CALLBACK_HOSTS": "127.0.0.1",
        "MOKSORI_CALLBACK_SECRET": SECRET,
    }
    with running_server(env, log_file=folder / "server.log") as running:
        running.client.headers["X-API-Key"] = KEY
        yield running
