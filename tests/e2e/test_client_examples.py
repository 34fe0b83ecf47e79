"""The example gateways do what they teach, against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from scripts.serving import RunningServer, free_port
from service.callbacks import SIGNATURE_HEADER, sign
from tests.e2e.clients import EXAMPLES, KEY, SECRET, java_gateway, quick_server
from tests.integration.db.server import until

CALL = ("call_vishing_ko.m4a", "user-1", "010-1234-5678")
WHOLE = ["progress 25", "progress 50", "progress 75", "progress 100", "done predict1=null predict2=0"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with quick_server(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture(scope="module", params=["java", "python"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that starts an example; Java is compiled where there is a JDK, which CI need not have."""
    if request.param == "python":
        return [sys.executable, str(EXAMPLES / "python/gateway.py")]
    return java_gateway(tmp_path_factory.mktemp("java"))


@contextmanager
def gateway(
    example: Sequence[str], base_url: object, call_id: str, call: Sequence[str] = CALL, **env: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start an example and give its process and the URL it listens on."""
    known = {"MOKSORI_API_KEY": KEY, "MOKSORI_CALLBACK_SECRET": SECRET, "GATEWAY_PORT": "0", **env}
    command = [*example, str(base_url).rstrip("/"), call_id, *call]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={**os.environ, **known}, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.kill()


def run(example: Sequence[str], base_url: object, call_id: str, **env: str) -> tuple[int, list[str]]:
    with gateway(example, base_url, call_id, **env) as (process, _):
        out, _ = process.communicate(timeout=40)  # without the first line, which was read already
        return process.returncode, out.splitlines()


def test_a_gateway_follows_its_call_to_the_end_and_takes_every_report(
    server: RunningServer, example: list[str]
) -> None:
    code, [accepted, *lines] = run(example, server.client.base_url, f"call-{free_port()}")
    assert (code, lines) == (0, WHOLE)
    url = "/api/v1/analyses/" + accepted.removeprefix("accepted ")
    taken = {"reported": 100, "error": None}
    until(lambda: server.client.get(url).json()["callback"] == taken, within_s=10, what="every report is taken")


def test_a_gateway_refuses_what_the_service_did_not_sign(server: RunningServer, example: list[str]) -> None:
    with gateway(example, server.client.base_url, f"forged-{free_port()}") as (process, url):
        body = b'{"id": "?", "progress": 100, "status": "done", "predict1": 2}'
        signatures = ["", "sha256=", sign("another", body), sign(SECRET, body + b" "), sign(SECRET, body)[:-1]]
        answers = [httpx.post(url, content=body, headers={SIGNATURE_HEADER: given}) for given in signatures]
        answers.append(httpx.post(url, content=body))
        out, _ = process.communicate(timeout=40)
    assert [answer.status_code for answer in answers] == [401] * 6
    assert out.splitlines()[1:] == WHOLE


def test_a_gateway_that_hears_nothing_asks_and_one_that_comes_back_gets_the_same_analysis(
    server: RunningServer, example: list[str]
) -> None:
    deaf = {"GATEWAY_PORT": str(free_port()), "MOKSORI_CALLBACK_SECRET": "another", "GATEWAY_PATIENCE_S": "1"}
    first = run(example, server.client.base_url, f"deaf-{deaf['GATEWAY_PORT']}", **deaf)
    again = run(example, server.client.base_url, f"deaf-{deaf['GATEWAY_PORT']}", **deaf)
    assert (first[0], first[1][-1]) == (0, WHOLE[-1])
    assert again == (0, [first[1][0], *WHOLE[-2:]])


def test_a_gateway_whose_call_is_refused_says_why_and_fails(server: RunningServer, example: list[str]) -> None:
    call = ("nowhere.m4a", 'user "1"\\', "010-1234-5678")
    with gateway(example, server.client.base_url, f"refused-{free_port()}", call) as (process, _):
        out, err = process.communicate(timeout=40)
    assert (process.returncode, out, err) == (1, "", "the service answered 404 file_not_found\n")


class Busy(HTTPServer):
    """A service that is too busy at first; its last answer is a call that failed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BusyHandler)
        self.answers, self.keys = [503, 503, 200], list[str]()


class BusyHandler(BaseHTTPRequestHandler):
    server: Busy

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        self.send_response(self.server.answers.pop(0))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(b'{"id": "7", "status": "failed", "progress": 0, "error": {"code": "gave_up"}}')

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_gateway_repeats_a_call_with_the_same_key_until_the_service_has_it(example: list[str]) -> None:
    with Busy() as busy:
        threading.Thread(target=busy.serve_forever, args=(0.05,), daemon=True).start()
        code, lines = run(example, f"http://127.0.0.1:{busy.server_port}", "call-4711")
        busy.shutdown()
    assert (code, lines) == (1, ["accepted 7", "failed"])
    assert (busy.keys, busy.answers) == (["call-4711"] * 3, [])
