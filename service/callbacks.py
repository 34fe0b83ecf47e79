"""Progress reports to the gateway: signed, in order, retried, never in the way."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import queue
import threading
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential
from tenacity.wait import wait_base

from core.errors import InvalidRequest

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
SIGNATURE_HEADER = "X-Moksori-Signature"
ATTEMPTS = 6


def sign(secret: str, body: bytes) -> str:
    """Return the value of the signature header: HMAC-SHA256 (RFC 2104) of the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class HttpCallbacks:
    """Callbacks by HTTP POST to allowed hosts only."""

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str],
        default_url: str = "",
        secret: str = "",
        timeout_s: float = 3.0,
        wait: wait_base | None = None,
    ) -> None:
        self._allowed = {host.lower() for host in allowed_hosts}
        if default_url:
            self._allowed.add(urlsplit(default_url).netloc.lower())
        self._default_url = default_url
        self._secret = secret
        self._timeout_s = timeout_s
        self._wait = wait or wait_exponential(multiplier=1.0, max=30.0)

    def check(self, url: str) -> None:
        """Raise ``InvalidRequest`` unless ``url`` is plain http(s) to a host of the allow-list."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise InvalidRequest("callback_url is not a URL", field="callback_url") from error
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise InvalidRequest("callback_url must be http(s)://host[:port]/path", field="callback_url")
        if host not in self._allowed and f"{host}:{port}" not in self._allowed:
            raise InvalidRequest(
                "the host of callback_url is not allowed; list it in MOKSORI_CALLBACK_HOSTS", field="callback_url"
            )

    def open(self, url: str | None) -> HttpReporter | NullReporter:
        """Return a reporter to ``url``, or to the default URL, or one that sends nothing."""
        target = url or self._default_url
        return HttpReporter(self, target) if target else NullReporter()

    def deliver(self, client: httpx.Client, url: str, report: Mapping[str, Any]) -> None:
        """Send one report, retrying; give up with a log line after ``ATTEMPTS``."""
        import httpx

        body = json.dumps(report, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers[SIGNATURE_HEADER] = sign(self._secret, body)
        try:
            for attempt in Retrying(
                retry=retry_if_exception_type(httpx.HTTPError),
                stop=stop_after_attempt(ATTEMPTS),
                wait=self._wait,
                reraise=True,
            ):
                with attempt:
                    answer = client.post(url, content=body, headers=headers, timeout=self._timeout_s)
                    # A redirect could lead to a host that is not allowed, so it counts as a failure.
                    if not answer.is_success:
                        raise httpx.HTTPStatusError(
                            f"answered {answer.status_code}", request=answer.request, response=answer
                        )
        except httpx.HTTPError as error:
            log.warning("callback for %s given up: %s", report.get("id"), type(error).__name__)


class NullReporter:
    """Sends nothing: for requests without a callback."""

    def send(self, report: Mapping[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class HttpReporter:
    """One thread per analysis keeps its reports in order; a daemon, so it never holds the process."""

    def __init__(self, callbacks: HttpCallbacks, url: str) -> None:
        self._callbacks = callbacks
        self._url = url
        self._queue: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="callback", daemon=True)
        self._thread.start()

    def send(self, report: Mapping[str, Any]) -> None:
        """Queue one report."""
        self._queue.put(report)

    def close(self) -> None:
        """Let the thread end after what is queued."""
        self._queue.put(None)

    def join(self, timeout_s: float) -> bool:
        """Wait until every report is sent or given up; False when ``timeout_s`` passed first."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        import httpx

        with httpx.Client(follow_redirects=False, trust_env=False) as client:
            while (report := self._queue.get()) is not None:
                self._callbacks.deliver(client, self._url, report)
