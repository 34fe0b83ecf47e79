import socket
import time
from itertools import cycle
from typing import Any

import pytest
from tenacity import wait_fixed

from core.errors import InvalidRequest
from scripts.receiver import Receiver, drip, raw_receiver, running_receiver
from service.callbacks import HttpCallbacks, HttpReporter, NullReporter
from tests.unit.service.test_callback_hosts import PUBLIC, resolves_not, resolves_to

MILESTONES = [25, 50, 75, 100]
QUICK = wait_fixed(0.02)


class Hooks:
    """Notes what the service would be told, in order."""

    def __init__(self) -> None:
        self.delivered: list[int] = []
        self.dead: list[str] = []

    def open(self, callbacks: HttpCallbacks, url: str | None, *reports: dict[str, Any]) -> HttpReporter:
        """Open a reporter, send it all milestones or what is given, and close it."""
        reporter = callbacks.open(url, delivered=self.delivered.append, dead=self.dead.append)
        assert isinstance(reporter, HttpReporter)
        for report in reports or [{"id": "1", "progress": percent} for percent in MILESTONES]:
            reporter.send(report)
        reporter.close()
        return reporter


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def arrived(receiver: Receiver) -> list[int]:
    return [receiver.reports.get_nowait()["progress"] for _ in range(receiver.reports.qsize())]


def test_reports_arrive_signed_and_in_order(hooks: Hooks) -> None:
    with running_receiver("secret") as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[receiver.host], secret="secret")
        assert hooks.open(callbacks, receiver.url).join(10)
        assert arrived(receiver) == MILESTONES
    assert (hooks.delivered, hooks.dead) == (MILESTONES, [])
    assert "secret" not in repr(callbacks)


def test_the_last_report_of_a_failed_analysis_counts_as_all(hooks: Hooks) -> None:
    with running_receiver() as receiver:
        assert hooks.open(HttpCallbacks(allowed_hosts=[receiver.host]), receiver.url, {"status": "failed"}).join(10)
    assert hooks.delivered == [100]


def test_a_receiver_that_answers_500_is_retried_then_given_up_once_and_in_order(hooks: Hooks) -> None:
    with running_receiver(status=500) as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[receiver.host], wait=QUICK, give_up_after_s=0.3)
        reporter = hooks.open(callbacks, receiver.url)
        assert reporter.join(10)
        reporter.send({"id": "1", "progress": 100})
        seen = arrived(receiver)
    assert (set(seen), len(seen) > 1) == ({25}, True)
    assert (hooks.delivered, hooks.dead) == ([], ["given up after 0.3 s: answered 500"])


def test_a_receiver_that_comes_up_later_gets_every_report_in_order(hooks: Hooks) -> None:
    with running_receiver() as receiver:
        port, url, host = receiver.server_address[1], receiver.url, receiver.host
    reporter = hooks.open(HttpCallbacks(allowed_hosts=[host], wait=QUICK), url)
    assert not reporter.join(0.3)
    with running_receiver(port=port) as receiver:
        assert reporter.join(10)
        assert arrived(receiver) == MILESTONES
    assert (hooks.delivered, hooks.dead) == (MILESTONES, [])


def test_the_time_to_give_up_starts_anew_when_a_report_arrived(hooks: Hooks) -> None:
    answers = cycle([resolves_not, resolves_to("127.0.0.1")])

    def flaky(*args: Any, **more: Any) -> list[Any]:
        time.sleep(0.1)
        return next(answers)(*args, **more)

    with running_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "gateway")
        callbacks = HttpCallbacks(allowed_hosts=[], default_url=url, wait=QUICK, give_up_after_s=0.3, resolver=flaky)
        assert hooks.open(callbacks, None).join(10)
        assert (arrived(receiver), hooks.dead) == (MILESTONES, [])


def test_a_redirect_is_refused_and_leads_nowhere(hooks: Hooks) -> None:
    with running_receiver() as other, running_receiver(status=307, location=other.url) as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[receiver.host, other.host], wait=QUICK)
        assert hooks.open(callbacks, receiver.url).join(10)
        assert (arrived(receiver), arrived(other)) == ([25], [])
    assert (hooks.delivered, hooks.dead) == ([], ["redirect refused"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"])
def test_a_name_that_leads_inside_after_the_check_gets_nothing(hooks: Hooks, address: str) -> None:
    answers = [PUBLIC, address]
    with running_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "gateway.example")
        callbacks = HttpCallbacks(
            allowed_hosts=["gateway.example"], resolver=lambda host, port, **_: resolves_to(answers.pop(0))(host, port)
        )
        callbacks.check(url)
        assert hooks.open(callbacks, url).join(10)
        assert arrived(receiver) == []
    assert (hooks.delivered, hooks.dead, answers) == ([], ["address not allowed"], [])


def test_the_checked_address_is_called_under_the_name_of_the_url(hooks: Hooks) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 \r\n\r\n")

    with raw_receiver(answer) as host:
        port = host.split(":")[1]
        allowed = ["gateway.example", "127.0.0.0/8"]
        callbacks = HttpCallbacks(allowed_hosts=allowed, give_up_after_s=0, resolver=resolves_to("127.0.0.1"))
        assert hooks.open(callbacks, f"http://gateway.example:{port}/p?a=1", {"progress": 25}).join(10)
        assert hooks.open(callbacks, f"https://gateway.example:{port}/p", {"progress": 25}).join(10)
    assert seen[0].startswith(b"POST /p?a=1 HTTP/1.1\r\n")
    assert f"\r\nHost: gateway.example:{port}\r\n".encode() in seen[0]
    assert b"gateway.example" in seen[1], "the name is in the clear in the first message of TLS"
    assert (hooks.delivered, hooks.dead) == ([25], ["given up after 0 s: ConnectError"])


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_receiver_that_drips_holds_neither_the_sender_nor_others(hooks: Hooks, head: bytes) -> None:
    with raw_receiver(drip(head)) as slow, running_receiver() as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[slow, receiver.host], timeout_s=1.0, give_up_after_s=0)
        started = time.monotonic()
        stuck = hooks.open(callbacks, f"http://{slow}/")
        assert time.monotonic() - started < 0.5
        assert Hooks().open(callbacks, receiver.url).join(10)
        assert arrived(receiver) == MILESTONES
        assert stuck.join(5)
        assert 1.0 <= time.monotonic() - started < 5
    assert (hooks.delivered, len(hooks.dead)) == ([], 1)


def test_a_body_that_never_ends_is_not_waited_for(hooks: Hooks) -> None:
    with raw_receiver(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")) as host:
        assert hooks.open(HttpCallbacks(allowed_hosts=[host], timeout_s=60), f"http://{host}/").join(10)
    assert hooks.delivered == MILESTONES


def test_a_silent_receiver_and_an_unknown_name_are_given_up_with_a_reason(hooks: Hooks) -> None:
    with raw_receiver(lambda _: time.sleep(0.5)) as host:
        callbacks = HttpCallbacks(allowed_hosts=[host], timeout_s=0.2, give_up_after_s=0)
        assert hooks.open(callbacks, f"http://{host}/", {"progress": 25}).join(10)
    callbacks = HttpCallbacks(allowed_hosts=["gateway"], resolver=resolves_not, give_up_after_s=0)
    assert hooks.open(callbacks, "http://gateway/").join(10)
    assert hooks.dead == [f"given up after 0 s: {why}" for why in ("no answer in time", "the host does not resolve")]


def test_a_hook_that_fails_stops_nothing_and_its_words_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ValueError("010-1234-5678")

    with running_receiver() as receiver:
        reporter = HttpCallbacks(allowed_hosts=[receiver.host]).open(receiver.url, delivered=fail, dead=fail)
        for progress in (25, 50, object()):
            reporter.send({"progress": progress})
        assert reporter.join(10)  # type: ignore[union-attr]
        assert arrived(receiver) == [25, 50]
    assert caplog.text.count("callback hook failed: ValueError") == 3
    assert "010" not in caplog.text


def test_a_reporter_without_reports_has_no_thread_to_wait_for() -> None:
    reporter = HttpCallbacks(allowed_hosts=["gateway"]).open("http://gateway/")
    assert reporter.join(0)  # type: ignore[union-attr]


def test_without_a_url_nothing_is_sent_and_without_a_listed_host_neither() -> None:
    callbacks = HttpCallbacks(allowed_hosts=[])
    with pytest.raises(InvalidRequest):
        callbacks.check("http://gateway/")
    assert isinstance(callbacks.open(None), NullReporter)
    assert not callbacks.wanted(None)


def test_the_default_url_of_the_settings_is_used_and_allowed_at_whichever_address_answers(hooks: Hooks) -> None:
    with running_receiver() as receiver:
        url, resolver = receiver.url.replace("127.0.0.1", "gateway"), resolves_to("::1", "127.0.0.1")
        callbacks = HttpCallbacks(allowed_hosts=[], default_url=url, wait=QUICK, give_up_after_s=5, resolver=resolver)
        callbacks.check(url)
        assert callbacks.wanted(None)
        assert hooks.open(callbacks, None, {"id": "한글"}).join(10)
        assert receiver.reports.get_nowait() == {"id": "한글"}
