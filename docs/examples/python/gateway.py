"""A gateway in miniature: hands one recording to Moksori, prints its progress, and exits with 0 when it is done.

The call id is the Idempotency-Key: started again with the same arguments after a crash, it gets the same analysis.
Needs httpx (``pip install httpx``).
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

SIGNATURE = "X-Moksori-Signature"
LARGEST_BYTES = 65_536
ATTEMPTS = 6
OPEN = ("queued", "running")
BUSY = (502, 503, 504)  # the service, or a proxy before it, asks to come back later


class Refused(Exception):
    """Raised when the service says no; asking again would not help."""


class Receiver(ThreadingHTTPServer):
    """Takes reports and keeps those whose signature is right, in order of arrival."""

    daemon_threads = False  # closing waits for the answer to the last report: otherwise the service would repeat it

    def __init__(self, host: str, port: int, secret: str) -> None:
        super().__init__((host, port), Handler)
        self.secret = secret.encode()
        self.reports: queue.Queue[dict[str, Any]] = queue.Queue()
        self.url = f"http://{host}:{self.server_address[1]}/moksori"


class Handler(BaseHTTPRequestHandler):
    """One request to the receiver."""

    server: Receiver
    timeout = 5.0  # a slow stranger must not hold a thread

    def do_POST(self) -> None:
        """Take one report."""
        self.send_response(self._take())
        self.end_headers()

    def _take(self) -> int:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BYTES:
            return 413
        # The signature is of the bytes as they came: check it before anything reads them as JSON.
        body = self.rfile.read(int(length))
        expected = "sha256=" + hmac.new(self.server.secret, body, hashlib.sha256).hexdigest()
        given = self.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(expected.encode(), given.encode()):  # in constant time, which == is not
            return 401
        self.server.reports.put(json.loads(body))
        return 204

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: reports hold phone numbers."""


class Gateway:
    """Talks to the service."""

    def __init__(self, base_url: str, api_key: str) -> None:
        headers = {"X-API-Key": api_key} if api_key else {}
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=10.0)

    def submit(self, call_id: str, body: dict[str, str]) -> dict[str, Any]:
        """Post until the service has the call; the key makes that safe, however often an answer gets lost."""
        headers = {"Prefer": "respond-async", "Idempotency-Key": call_id}
        attempt = 1
        while True:
            wait_s = 2.0**attempt
            try:
                answer = self._http.post("/api/v1/analyses", json=body, headers=headers)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if answer.status_code not in BUSY or attempt == ATTEMPTS:
                    return expect_success(answer)
                wait_s = float(answer.headers.get("Retry-After", wait_s))
            time.sleep(wait_s)
            attempt += 1

    def follow(self, known: dict[str, Any], receiver: Receiver, patience_s: float) -> bool:
        """Read what is known so far and then the reports, until one of them is the last."""
        id, last = known["id"], 0
        while True:
            if known.get("progress", 0) > last:  # a report may come twice
                last = known["progress"]
                print("progress", last, flush=True)
            status = known.get("status", OPEN[0])  # only the last report has one
            if status not in OPEN:
                grades = (json.dumps(known.get(name)) for name in ("predict1", "predict2"))
                print("done predict1={} predict2={}".format(*grades) if status == "done" else status, flush=True)
                return bool(status == "done")
            known = self._next(id, receiver, patience_s)

    def _next(self, id: str, receiver: Receiver, patience_s: float) -> dict[str, Any]:
        """Return the next report about the call; ask the service itself when reports stay away."""
        try:
            while (report := receiver.reports.get(timeout=patience_s))["id"] != id:
                pass
        except queue.Empty:
            return self._ask(id)
        return report

    def _ask(self, id: str) -> dict[str, Any]:
        try:
            answer = self._http.get(f"/api/v1/analyses/{id}")
        except httpx.TransportError:
            return {}
        return {} if answer.status_code in BUSY else expect_success(answer)


def expect_success(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; raise ``Refused`` for an error."""
    if not answer.is_success:
        is_json = answer.headers.get("Content-Type") == "application/json"
        raise Refused(f"the service answered {answer.status_code} {answer.json()['error']['code'] if is_json else ''}")
    found: dict[str, Any] = answer.json()
    return found


def main() -> int:
    """Hand over one call and follow it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base_url", "call_id", "file_path", "user_id", "declaration"):
        parser.add_argument(name, metavar=name.upper())
    call = parser.parse_args()
    secret = os.environ.get("MOKSORI_CALLBACK_SECRET", "")
    if not secret:
        parser.error("MOKSORI_CALLBACK_SECRET must be the secret of the service")
    host, port = os.environ.get("GATEWAY_HOST", "127.0.0.1"), int(os.environ.get("GATEWAY_PORT", "8090"))
    gateway = Gateway(call.base_url, os.environ.get("MOKSORI_API_KEY", ""))
    with Receiver(host, port, secret) as receiver:
        threading.Thread(target=receiver.serve_forever, args=(0.1,), daemon=True).start()
        print("listening on", receiver.url, flush=True)
        body = {name: getattr(call, name) for name in ("file_path", "user_id", "declaration")}
        try:
            accepted = gateway.submit(call.call_id, {**body, "callback_url": receiver.url})
            print("accepted", accepted["id"], flush=True)
            return 0 if gateway.follow(accepted, receiver, float(os.environ.get("GATEWAY_PATIENCE_S", "30"))) else 1
        except (Refused, httpx.TransportError) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            receiver.shutdown()


if __name__ == "__main__":
    sys.exit(main())
