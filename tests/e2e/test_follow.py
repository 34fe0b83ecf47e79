"""Following a call on a real server: accepted at once, told as it goes, never missed, never told twice."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from db.engine import make_engine
from scripts.receiver import running_receiver
from tests.e2e.conftest import Server

ALL = ["25", "50", "75", "100", "end"]


def accept(server: Server, **more: str) -> str:
    body = {"file_path": "call_vishing_ko.m4a", "user_id": "e2e", "declaration": "112", **more}
    answer = server.client.post("/api/v1/analyses", json=body, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    location: str = answer.headers["Location"]
    return location


def ids(lines: Iterator[str]) -> Iterator[str]:
    return (line.removeprefix("id: ") for line in lines if line.startswith("id: "))


def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(server: Server) -> None:
    url = accept(server) + "/events"
    with server.client.stream("GET", url) as first:
        heard = [next(ids(first.iter_lines()))]
    with server.client.stream("GET", url, headers={"Last-Event-ID": heard[-1]}) as second:
        heard.append(next(ids(second.iter_lines())))
    with server.client.stream("GET", url, headers={"Last-Event-ID": heard[-1]}) as third:
        heard += ids(third.iter_lines())

    assert heard == ALL
    assert server.client.get(url, headers={"Last-Event-ID": "end"}).status_code == 204


def test_curl_reads_the_same_stream_to_its_end(server: Server) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    url = str(server.client.base_url.join(accept(server) + "/events"))

    done = subprocess.run([curl, "-sN", url], capture_output=True, text=True, timeout=120, check=True)

    assert list(ids(iter(done.stdout.splitlines()))) == ALL
    assert "event: result\ndata: {" in done.stdout


def test_a_client_that_hangs_up_does_not_lose_its_result(server: Server) -> None:
    headers = {"Idempotency-Key": "hangs-up"}
    body = {"file_path": "call_vishing_ko.m4a", "user_id": "e2e", "declaration": "112"}
    with pytest.raises(httpx.ReadTimeout):
        server.client.post("/api/v1/analyses", json=body, headers=headers, timeout=0.5)

    answer = server.client.post("/api/v1/analyses", json=body, headers=headers)

    assert (answer.status_code, answer.json()["predict1"]) == (200, 2)


def test_a_running_call_stops_and_its_files_are_gone(server: Server) -> None:
    url = accept(server)
    while server.client.get(url).json()["status"] == "queued":
        time.sleep(0.05)

    assert server.client.delete(url).json()["status"] == "cancelled"

    deadline = time.monotonic() + 60.0
    while server.left_behind():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server.client.get(url).json()["predict1"] is None


def test_a_row_the_gateway_inserts_itself_is_picked_up(server: Server) -> None:
    engine = make_engine(server.database_url)
    with engine.begin() as connection:
        columns = "(user_id, declaration, audio_file, status)"
        connection.execute(
            text(f"INSERT INTO analysis {columns} VALUES ('gw', '010-1234-5678', 'call_normal_ko.m4a', 'queued')")
        )
    deadline = time.monotonic() + 60.0
    done = None
    while done is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        with engine.connect() as connection:
            query = "SELECT disdata, declaration FROM analysis WHERE user_id = 'gw' AND status = 'done'"
            done = connection.execute(text(query)).one_or_none()
    engine.dispose()
    assert tuple(done) == (0, "01012345678")


def test_reports_arrive_in_order_once_the_receiver_is_back(server: Server) -> None:
    url = f"http://127.0.0.1:{server.late_port}/progress"
    location = accept(server, callback_url=url)
    while server.client.get(location).json()["status"] != "done":
        time.sleep(0.1)
    time.sleep(2.0)
    with running_receiver("secret", port=server.late_port) as receiver:
        arrived = [receiver.reports.get(timeout=30)["progress"] for _ in range(4)]
    assert arrived == [25, 50, 75, 100]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data", "http://gateway.invalid/", "http://localhost:9/"]
)
def test_a_callback_to_anywhere_else_is_refused(server: Server, url: str) -> None:
    answer = server.post("call_normal_ko.m4a", callback_url=url)
    assert answer.status_code == 400
    assert answer.json()["error"]["detail"]["field"] == "callback_url"


def test_a_redirect_is_not_followed_and_the_analysis_says_so(server: Server) -> None:
    with (
        running_receiver("secret") as elsewhere,
        running_receiver("secret", status=302, location=elsewhere.url, port=server.redirect_port),
    ):
        location = accept(server, callback_url=f"http://127.0.0.1:{server.redirect_port}/progress")
        deadline = time.monotonic() + 60.0
        while (found := server.client.get(location).json())["callback"]["error"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert elsewhere.reports.empty()
    assert found["callback"]["error"] == "redirect refused"
