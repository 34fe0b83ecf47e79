"""A small callback receiver, as a gateway would have one: checks the signature and keeps what came."""

from __future__ import annotations

import hmac
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.callbacks import SIGNATURE_HEADER, sign


class Receiver(ThreadingHTTPServer):
    """Listens on a free local port; ``reports`` holds the verified bodies in order of arrival."""

    def __init__(self, secret: str = "", *, status: int = 204) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.status = status
        self.reports: queue.Queue[dict[str, Any]] = queue.Queue()

    @property
    def host(self) -> str:
        """``host:port`` for the allow-list."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{self.host}/progress"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Take one report."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        expected = sign(self.server.secret, body)
        if self.server.secret and not hmac.compare_digest(self.headers.get(SIGNATURE_HEADER, ""), expected):
            self.send_response(401)
        else:
            self.server.reports.put(json.loads(body))
            self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: reports hold phone numbers."""


@contextmanager
def running_receiver(secret: str = "", *, status: int = 204) -> Iterator[Receiver]:
    """Run a receiver in a thread."""
    with Receiver(secret, status=status) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
