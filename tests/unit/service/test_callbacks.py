import json

import pytest
from tenacity import wait_none

from core.errors import InvalidRequest
from scripts.receiver import running_receiver
from service.callbacks import ATTEMPTS, HttpCallbacks, NullReporter


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway:8080/p",
        "https://other.example/p",
        "HTTP://OTHER.example/p",
    ],
)
def test_allowed_hosts_may_be_called(url: str) -> None:
    HttpCallbacks(allowed_hosts=["gateway:8080", "other.example"]).check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway:9090/p",
        "http://169.254.169.254/latest",
        "http://other.example.evil.com/",
        "http://other.example@evil.com/",
        "http://user:pw@other.example/",
        "file:///etc/passwd",
        "ftp://other.example/",
        "other.example",
        "http://",
        "http://other.example:port/",
        "http://[::1",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        HttpCallbacks(allowed_hosts=["gateway:8080", "other.example"]).check(url)


def test_reports_arrive_signed_and_in_order() -> None:
    with running_receiver("secret") as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[receiver.host], secret="secret", wait=wait_none())
        reporter = callbacks.open(receiver.url)
        for percent in (25, 50, 75, 100):
            reporter.send({"id": "1", "progress": percent})
        reporter.close()
        assert reporter.join(10)  # type: ignore[union-attr]
        arrived = [receiver.reports.get_nowait()["progress"] for _ in range(4)]
    assert arrived == [25, 50, 75, 100]


def test_a_receiver_that_answers_500_gets_every_attempt_and_is_given_up() -> None:
    with running_receiver(status=500) as receiver:
        reporter = HttpCallbacks(allowed_hosts=[receiver.host], wait=wait_none()).open(receiver.url)
        reporter.send({"id": "1", "progress": 25})
        reporter.close()
        assert reporter.join(10)  # type: ignore[union-attr]
        assert receiver.reports.qsize() == ATTEMPTS


def test_a_redirect_is_not_followed() -> None:
    with running_receiver(status=302) as receiver:
        reporter = HttpCallbacks(allowed_hosts=[receiver.host], wait=wait_none()).open(receiver.url)
        reporter.send({"id": "1", "progress": 25})
        reporter.close()
        assert reporter.join(10)  # type: ignore[union-attr]


def test_a_receiver_that_is_gone_does_not_delay_the_sender() -> None:
    with running_receiver() as receiver:
        url, host = receiver.url, receiver.host
    reporter = HttpCallbacks(allowed_hosts=[host], wait=wait_none()).open(url)
    reporter.send({"id": "1", "progress": 25})
    reporter.close()
    assert reporter.join(10)  # type: ignore[union-attr]


def test_without_a_url_nothing_is_sent() -> None:
    assert isinstance(HttpCallbacks(allowed_hosts=[]).open(None), NullReporter)


def test_the_default_url_of_the_settings_is_used_and_allowed() -> None:
    with running_receiver() as receiver:
        callbacks = HttpCallbacks(allowed_hosts=[], default_url=receiver.url)
        callbacks.check(receiver.url)
        reporter = callbacks.open(None)
        reporter.send({"id": "한글"})
        reporter.close()
        assert reporter.join(10)  # type: ignore[union-attr]
        assert json.dumps(receiver.reports.get_nowait(), ensure_ascii=False) == '{"id": "한글"}'
