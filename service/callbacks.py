"""Progress reports to the gateway: signed, in order, retried, never in the way."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import queue
import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock, Thread
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential
from tenacity.wait import wait_base

from core.errors import InvalidRequest
from service.callback_hosts import AllowedHosts, Resolver

Delivered = Callable[[int], None]
Dead = Callable[[str], None]
log = logging.getLogger(__name__)
SIGNATURE_HEADER = "X-Moksori-Signature"
BACK_OFF = wait_exponential(multiplier=0.5, max=10.0)
COMPLETE = 100  # The last report of a failed or cancelled analysis names no progress, and ends it all the same.
REASONS: dict[type[Exception], str] = {socket.gaierror: "the host does not resolve", TimeoutError: "no answer in time"}


class CallbackFailed(Exception):
    """Raised when one attempt failed in a way that may pass; the message is safe to store."""


class CallbackRefused(Exception):
    """Raised when one attempt failed in a way that no retry can mend; the message is safe to store."""


def sign(secret: str, body: bytes) -> str:
    """Return the value of the signature header: HMAC-SHA256 (RFC 2104) of the body."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


@dataclass(kw_only=True, eq=False, repr=False)
class HttpCallbacks:
    """Callbacks by HTTP POST to allowed hosts only."""

    allowed_hosts: Collection[str]
    default_url: str = ""
    secret: str = ""
    timeout_s: float = 3.0
    wait: wait_base | None = None
    give_up_after_s: float = 600.0
    resolver: Resolver | None = None

    def __post_init__(self) -> None:
        self._hosts = AllowedHosts(self.allowed_hosts, trusted_url=self.default_url, resolver=self.resolver)

    def check(self, url: str) -> None:
        """Raise ``InvalidRequest`` for a URL that may not be called."""
        self._hosts.check(url)

    def wanted(self, url: str | None) -> bool:
        """Tell whether anything would be sent."""
        return bool(url or self.default_url)

    def open(
        self, url: str | None, *, delivered: Delivered = lambda _: None, dead: Dead = lambda _: None
    ) -> HttpReporter | NullReporter:
        """Return a reporter to ``url``, or to the default URL, or one that sends nothing.

        ``delivered`` gets the progress of each report that arrived, ``dead`` one short reason when
        no more will be sent. Both are called from the reporter's thread.
        """
        target = url or self.default_url
        return HttpReporter(self, target, delivered, dead) if target else NullReporter()

    def attempt(self, url: str, report: Mapping[str, Any], *, turn: int = 0) -> None:
        """Send one report once, to the address of the host whose ``turn`` it is.

        Raises:
            CallbackFailed: when it may arrive later.
            CallbackRefused: when it must not be sent there.
        """
        import httpx

        body = json.dumps(report, ensure_ascii=False).encode()
        headers = {SIGNATURE_HEADER: sign(self.secret, body)} if self.secret else {}
        try:
            status = asyncio.run(self._post(url, self._hosts.address(url, turn=turn), body, headers))
        except (InvalidRequest, httpx.InvalidURL) as error:
            raise CallbackRefused("address not allowed") from error
        except (httpx.HTTPError, OSError) as error:
            raise CallbackFailed(REASONS.get(type(error), type(error).__name__)) from error
        if not 200 <= status < 300:
            # A redirect could lead to a host that is not allowed.
            raise CallbackRefused("redirect refused") if 300 <= status < 400 else CallbackFailed(f"answered {status}")

    async def _post(self, url: str, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post to ``address`` under the name in ``url``; return the status, leave the body unread."""
        # Only asynchronously is the whole attempt bounded, and not just each read of what a receiver drips.
        import httpx

        named = httpx.URL(url)
        target = named.copy_with(host=address)
        headers = {**headers, "Content-Type": "application/json", "Host": named.netloc.decode("ascii")}
        tls = {"sni_hostname": named.raw_host.decode("ascii")}
        async with (
            asyncio.timeout(self.timeout_s),
            httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False, verify=self._tls) as client,  # noqa: S113
            client.stream("POST", target, content=body, headers=headers, extensions=tls) as answer,
        ):
            return answer.status_code

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpx

        return httpx.create_ssl_context(trust_env=False)


class NullReporter:
    """Sends nothing: for requests without a callback."""

    def send(self, report: Mapping[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class HttpReporter:
    """One thread per analysis keeps its reports in order; a daemon, so it never holds the process."""

    def __init__(self, callbacks: HttpCallbacks, url: str, delivered: Delivered, dead: Dead) -> None:
        self._callbacks, self._url = callbacks, url
        self._delivered, self._dead = delivered, dead
        self._queue: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="callback", daemon=True)
        self._starting = Lock()
        self._failures = 0
        self._failing_since: float | None = None

    def send(self, report: Mapping[str, Any]) -> None:
        """Queue one report; the first starts the thread."""
        self._queue.put(report)
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def close(self) -> None:
        """Let the thread end after what is queued."""
        self._queue.put(None)

    def join(self, timeout_s: float) -> bool:
        """Wait until every report is sent or given up; False when ``timeout_s`` passed first."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (report := self._queue.get()) is not None:
            if reason := self._deliver(report):
                log.warning("callbacks for %s are dead: %s", report.get("id"), reason)
                _tell(self._dead, reason)
                return
            _tell(self._delivered, report.get("progress", COMPLETE))

    def _deliver(self, report: Mapping[str, Any]) -> str:
        """Send one report, retrying; return why no more can be sent, or nothing when it arrived."""
        retry, wait = retry_if_exception_type(CallbackFailed), self._callbacks.wait or BACK_OFF
        try:
            for attempt in Retrying(retry=retry, wait=wait, stop=self._out_of_time, reraise=True):
                with attempt:
                    self._callbacks.attempt(self._url, report, turn=self._failures)
        except CallbackRefused as error:
            return str(error)
        except CallbackFailed as error:
            return f"given up after {self._callbacks.give_up_after_s:g} s: {error}"
        except Exception as error:  # noqa: BLE001  (whatever it was, the analysis must learn of it)
            return f"internal error: {type(error).__name__}"
        self._failing_since = None
        return ""

    def _out_of_time(self, _: RetryCallState) -> bool:
        """Count a failure; tenacity asks after each. The clock runs on over all reports until one arrives."""
        self._failures += 1
        self._failing_since = self._failing_since or time.monotonic()
        return time.monotonic() - self._failing_since >= self._callbacks.give_up_after_s


def _tell(hook: Callable[[Any], None], value: object) -> None:
    try:
        hook(value)
    except Exception as error:  # noqa: BLE001  (a hook never stops the delivery; its words may be personal)
        log.warning("callback hook failed: %s", type(error).__name__)
