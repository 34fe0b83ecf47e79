"""A small callback receiver, as a gateway would have one: checks the signature and keeps what came."""

from __future__ import annotations

import hmac
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.callbacks import SIGNATURE_HEADER, sign


class Receiver(ThreadingHTTPServer):
    """Listens on ``port`` or a free local one; ``reports`` holds the verified bodies in order of arrival."""

    def __init__(self, secret: str = "", *, status: int = 204, location: str = "", port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secret = secret
        self.status = status
        self.location = location
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
            if self.server.location:
                self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: reports hold phone numbers."""


@contextmanager
def running_receiver(secret: str = "", *, status: int = 204, location: str = "", port: int = 0) -> Iterator[Receiver]:
    """Run a receiver in a thread; with ``status`` and ``location`` one that redirects."""
    with Receiver(secret, status=status, location=location, port=port) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


@contextmanager
def raw_receiver(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Let ``answer`` do with each connection what no gateway should; gives ``host:port``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            closing.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def drip(head: bytes) -> Callable[[socket.socket], object]:
    """Answer with ``head``, then a byte now and then for as long as anybody listens."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(0.02)
            connection.sendall(b"x")

    return answer
